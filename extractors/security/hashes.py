"""Digests, and hashes of passwords."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from extractors.context import Context
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from schema.protection import Hash, PasswordHash

_HASHLIB: Final = frozenset(
    "md5 sha1 sha224 sha256 sha384 sha512 sha3_224 sha3_256 sha3_384 sha3_512 shake_128 shake_256 blake2b blake2s "
    "new file_digest".split()
)
_CLASSES: Final = frozenset(
    "MD2 MD4 MD5 SHA SHA1 SHA224 SHA256 SHA384 SHA512 SHA3_256 SHA3_512 BLAKE2b BLAKE2s RIPEMD160 SM3".split()
)
_CRYPTO: Final = ("Crypto.Hash.", "Cryptodome.Hash.")
_CRYPTOGRAPHY: Final = "cryptography.hazmat.primitives.hashes."
_CHECKSUMS: Final = frozenset({"zlib.crc32", "zlib.adler32", "binascii.crc32"})


def flag(node: ast.expr | None, context: Context) -> str | None:
    """A switch as it is given: true, false, unknown; None when it is not."""
    if node is None:
        return None
    value = context.constant(node)
    return "unknown" if value is NOT_CONSTANT else str(bool(value)).lower()


def _algorithm(name: str, node: ast.Call, context: Context) -> tuple[str, str | None] | None:
    """Library and algorithm of a digest; None when the call makes none."""
    head, _, word = name.rpartition(".")
    if head == "hashlib" and word in _HASHLIB:
        at = {"new": 0, "file_digest": 1}.get(word)
        if at is None:
            return "hashlib", word
        given = context.keyword(node, "name" if word == "new" else "digest", at)
        text = context.string(given)
        return "hashlib", text.lower() if text else context.name(given).removeprefix("hashlib.") or None
    if name.startswith(_CRYPTO) and word == "new":
        return name.partition(".")[0], head.rpartition(".")[2].lower()
    if name.startswith(_CRYPTOGRAPHY) and word in _CLASSES:
        return "cryptography", word.lower()
    return (head, word) if name in _CHECKSUMS else None


@extracts(ast.Call, callee=_HASHLIB | _CLASSES | {"crc32", "adler32"})
def digest(node: ast.Call, context: Context) -> Iterator[Hash]:
    """
    Each digest.

    >>> rows(digest, "import hashlib as h, zlib\\nfrom Crypto.Hash import MD5\\netag = h.md5(data, usedforsecurity=False).hexdigest()\\nh.new('SHA1', b'x')\\nMD5.new(d)\\nzlib.crc32(x)\\nother.md5(x)")
    Hash(library='hashlib', algorithm='md5', is_constant=False, usedforsecurity='false', purpose='etag')
    Hash(library='hashlib', algorithm='sha1', is_constant=True, usedforsecurity=None, purpose=None)
    Hash(library='Crypto', algorithm='md5', is_constant=False, usedforsecurity=None, purpose='d')
    Hash(library='zlib', algorithm='crc32', is_constant=False, usedforsecurity=None, purpose='x')
    """
    found = _algorithm(context.name(node.func), node, context)
    if found is None:
        return
    data = node.args[-1] if node.args else None
    purpose = context.variable(node) or _outer_variable(context) or context.text(data) or None
    is_constant = data is not None and context.constant(data) is not NOT_CONSTANT
    yield Hash(*found, is_constant, flag(context.keyword(node, "usedforsecurity"), context), purpose)


def _outer_variable(context: Context) -> str | None:
    """The target of `x = digest(…).hexdigest()`."""
    statement = context.statement
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
        return context.text(statement.targets[0]) or None
    return None


_PASSWORD: Final = re.compile(r"passw(?:or)?d|passwd|\bpwd\b|passphrase|(?:^|_)pw(?:_|$)", re.IGNORECASE)
_KNOWN: Final[dict[str, tuple[str, str, str | None]]] = {
    "bcrypt.hashpw": ("bcrypt", "hash", "bcrypt"),
    "bcrypt.checkpw": ("bcrypt", "verify", "bcrypt"),
    "bcrypt.kdf": ("bcrypt", "hash", "bcrypt-pbkdf"),
    "argon2.PasswordHasher": ("argon2", "configure", "argon2"),
    "argon2.PasswordHasher.hash": ("argon2", "hash", "argon2"),
    "argon2.PasswordHasher.verify": ("argon2", "verify", "argon2"),
    "argon2.low_level.hash_secret": ("argon2", "hash", "argon2"),
    "werkzeug.security.generate_password_hash": ("werkzeug", "hash", None),
    "werkzeug.security.check_password_hash": ("werkzeug", "verify", None),
    "flask_bcrypt.generate_password_hash": ("flask_bcrypt", "hash", "bcrypt"),
    "flask_bcrypt.check_password_hash": ("flask_bcrypt", "verify", "bcrypt"),
    "flask_bcrypt.Bcrypt.generate_password_hash": ("flask_bcrypt", "hash", "bcrypt"),
    "flask_bcrypt.Bcrypt.check_password_hash": ("flask_bcrypt", "verify", "bcrypt"),
    "django.contrib.auth.hashers.make_password": ("django", "hash", None),
    "django.contrib.auth.hashers.check_password": ("django", "verify", None),
    "passlib.context.CryptContext": ("passlib", "configure", None),
    "passlib.context.CryptContext.hash": ("passlib", "hash", None),
    "passlib.context.CryptContext.verify": ("passlib", "verify", None),
    "pwdlib.PasswordHash.hash": ("pwdlib", "hash", None),
    "pwdlib.PasswordHash.verify": ("pwdlib", "verify", None),
    "hashlib.pbkdf2_hmac": ("hashlib", "hash", "pbkdf2"),
    "hashlib.scrypt": ("hashlib", "hash", "scrypt"),
    "crypt.crypt": ("crypt", "hash", "crypt"),
    "nacl.pwhash.str": ("nacl", "hash", "argon2"),
    "nacl.pwhash.verify": ("nacl", "verify", "argon2"),
}
_ROUNDS: Final = ("iterations", "rounds", "time_cost", "n", "opslimit")
_DIGITS: Final = 12
_DIGESTS: Final = frozenset("md5 sha1 sha224 sha256 sha384 sha512 new".split())
_WORDS: Final = frozenset(name.rpartition(".")[2] for name in _KNOWN) | _DIGESTS | {"encrypt", "using"}


@extracts(ast.Call, callee=_WORDS)
def password_hash(node: ast.Call, context: Context) -> Iterator[PasswordHash]:
    """
    Each password hashed or verified; a plain digest only when what it digests is named like a password.

    >>> rows(password_hash, "import bcrypt, hashlib\\nfrom passlib.hash import sha256_crypt as s\\nbcrypt.hashpw(pw, bcrypt.gensalt(12))\\nhashlib.md5(data)\\nhashlib.md5(password.encode())\\nhashlib.pbkdf2_hmac('sha256', secret, b'salt', 1000)\\ns.hash(x)")
    PasswordHash(library='bcrypt', function='hashpw', operation='hash', algorithm='bcrypt', rounds=12, salt='given', is_password_named=True)
    PasswordHash(library='hashlib', function='md5', operation='hash', algorithm='md5', rounds=None, salt=None, is_password_named=True)
    PasswordHash(library='hashlib', function='pbkdf2_hmac', operation='hash', algorithm='pbkdf2', rounds=1000, salt='constant', is_password_named=False)
    PasswordHash(library='passlib', function='hash', operation='hash', algorithm='sha256_crypt', rounds=None, salt='automatic', is_password_named=False)
    """
    name = context.name(node.func)
    named = _is_password_named(node, context)
    known = _KNOWN.get(name)
    word = name.rpartition(".")[2]
    if known is None and name.startswith("passlib.hash.") and word in {"hash", "verify", "encrypt"}:
        known = "passlib", "verify" if word == "verify" else "hash", name.split(".")[2]
    if known is None and name.startswith("hashlib.") and word in _DIGESTS and named:
        algorithm = context.string(context.keyword(node, "name", 0)) if word == "new" else word
        known = "hashlib", "hash", algorithm
    if known is not None:
        library, operation, algorithm = known
        rounds, salt = _rounds(node, name, context), None if operation == "verify" else _salt(node, name, context)
        if algorithm is None and operation == "hash":
            algorithm, rounds = _method(node, name, context, rounds)
        yield PasswordHash(library, word, operation, algorithm, rounds, salt, named)


def _method(node: ast.Call, name: str, context: Context, rounds: int | None) -> tuple[str | None, int | None]:
    """Algorithm and rounds of Werkzeug's `pbkdf2:sha256:600000` and Django's `hasher=`."""
    words = {"werkzeug": ("method", 1), "django": ("hasher", 2)}.get(name.partition(".")[0])
    given = context.string(context.keyword(node, *words)) if words else None
    if not given:
        return None, rounds
    algorithm, *rest = given.split(":")
    last = rest[-1] if rest else ""
    return algorithm or None, int(last) if last.isdecimal() and len(last) < _DIGITS else rounds


def _is_password_named(node: ast.Call, context: Context) -> bool:
    texts = [context.source(part) for part in node.args] + [context.variable(node) or _outer_variable(context) or ""]
    return any(_PASSWORD.search(text) for text in texts if not text.startswith(("'", '"', "b'", 'b"')))


def _rounds(node: ast.Call, name: str, context: Context) -> int | None:
    given = next((keyword.value for keyword in node.keywords if keyword.arg in _ROUNDS), None)
    if given is None and name == "hashlib.pbkdf2_hmac":
        given = context.keyword(node, "iterations", 3)
    if given is None and name == "bcrypt.hashpw":
        salt = context.keyword(node, "salt", 1)
        given = context.keyword(salt, "rounds", 0) if isinstance(salt, ast.Call) else None
    value = context.constant(given) if given is not None else None
    return value if isinstance(value, int) and abs(value) < 1 << 62 else None


def _salt(node: ast.Call, name: str, context: Context) -> str | None:
    at = {
        "bcrypt.hashpw": 1,
        "hashlib.pbkdf2_hmac": 2,
        "crypt.crypt": 1,
        "django.contrib.auth.hashers.make_password": 1,
    }
    given = context.keyword(node, "salt", at.get(name))
    if given is None:
        return None if name.startswith("hashlib.") else "automatic"
    return "given" if context.constant(given) is NOT_CONSTANT else "constant"

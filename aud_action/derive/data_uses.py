"""What a program does with data and files: reading objects back, parsing, unpacking, encrypting, drawing lots."""

from __future__ import annotations

import ast
import stat
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.expressions import parsed
from aud_action.derive.uses import Used, spread, used
from aud_action.settings import Settings
from aud_action.store import Store
from schema.calls import Callee
from schema.uses import (
    ArchiveExtraction,
    CryptoOperation,
    Deserialization,
    MarkupUse,
    PermissionChange,
    RandomUse,
    Reflection,
    TemporaryFileUse,
    XmlParser,
)

_DRAWN: Final = "random,randint,randrange,choice,choices,sample,shuffle,uniform,getrandbits,randbytes,seed"
_RANDOM: Final = {
    **dict.fromkeys(spread(f"random.{{{_DRAWN},Random}} random.Random.{{{_DRAWN}}}"), False),
    **dict.fromkeys(
        spread(
            "numpy.random.{rand,randn,randint,random,choice,seed,default_rng,RandomState,shuffle} uuid.uuid1 uuid.getnode"
        ),
        False,
    ),
    **dict.fromkeys(
        spread(f"random.SystemRandom random.SystemRandom.{{{_DRAWN}}} os.urandom os.getrandom uuid.uuid4"), True
    ),
    **dict.fromkeys(
        spread(
            "secrets.{token_bytes,token_hex,token_urlsafe,choice,randbelow,randbits,SystemRandom} Crypto.Random.get_random_bytes"
        ),
        True,
    ),
}
_SEEDED: Final = frozenset({"seed", "Random", "default_rng", "RandomState"})
_READ_BACK: Final = {
    **dict.fromkeys(
        spread(
            "pickle.{load,loads,Unpickler} cPickle.{load,loads} _pickle.{load,loads} dill.{load,loads} cloudpickle.{load,loads} "
            "marshal.{load,loads} shelve.open jsonpickle.{decode,loads} joblib.load pandas.read_pickle yaml.{unsafe_load,unsafe_load_all,"
            "full_load} sklearn.externals.joblib.load"
        ),
        "false",
    ),
    **dict.fromkeys(
        spread(
            "yaml.{safe_load,safe_load_all} json.{load,loads} safetensors.torch.load_file msgpack.{unpack,unpackb} tomllib.{load,loads}"
        ),
        "true",
    ),
    **dict.fromkeys(
        spread("yaml.{load,load_all} torch.load numpy.load keras.models.load_model ruamel.yaml.YAML.load"), "unknown"
    ),
}
_SAFE_LOADERS: Final = ("SafeLoader", "CSafeLoader", "BaseLoader")
_DEFUSED: Final = "defusedxml"
_XML: Final = frozenset(
    spread(
        "lxml.etree.{parse,fromstring,XML,XMLParser,iterparse} xml.etree.ElementTree.{parse,fromstring,XML,XMLParser,iterparse} "
        "xml.dom.minidom.{parse,parseString} xml.dom.pulldom.{parse,parseString} xml.sax.{parse,parseString,make_parser} "
        "xml.dom.expatbuilder.{parse,parseString} xmltodict.parse defusedxml.ElementTree.{parse,fromstring,XML,iterparse} "
        "defusedxml.minidom.{parse,parseString} defusedxml.sax.{parse,parseString} defusedxml.lxml.{parse,fromstring}"
    )
)
_ARCHIVES: Final = frozenset(
    spread(
        "tarfile.open.{extract,extractall} tarfile.TarFile.{extract,extractall} tarfile.TarFile.open.{extract,extractall} "
        "zipfile.ZipFile.{extract,extractall} shutil.unpack_archive py7zr.SevenZipFile.extractall rarfile.RarFile.{extract,extractall} "
        "patoolib.extract_archive"
    )
)
_CIPHERS: Final = "AES,DES,DES3,ARC2,ARC4,Blowfish,CAST,ChaCha20,ChaCha20_Poly1305,Salsa20"
_CRYPTO: Final = {
    **dict.fromkeys(
        spread(
            " ".join(f"{root}.Cipher.{one}.new" for root in ("Crypto", "Cryptodome") for one in _CIPHERS.split(","))
        ),
        "cipher",
    ),
    **dict.fromkeys(
        spread(
            "cryptography.hazmat.primitives.ciphers.algorithms.{AES,TripleDES,ARC4,Blowfish,CAST5,IDEA,SEED,ChaCha20,Camellia}"
        ),
        "cipher",
    ),
    **dict.fromkeys(spread("cryptography.hazmat.primitives.ciphers.modes.{ECB,CBC,CTR,GCM,CFB,OFB,XTS}"), "mode"),
    **dict.fromkeys(
        spread("cryptography.hazmat.primitives.ciphers.aead.{AESGCM,AESCCM,AESSIV,ChaCha20Poly1305}"), "cipher"
    ),
    **dict.fromkeys(
        spread(
            "cryptography.hazmat.primitives.asymmetric.{rsa,dsa,ec}.generate_private_key Crypto.PublicKey.{RSA,DSA,ECC}.generate "
            "cryptography.fernet.Fernet.generate_key"
        ),
        "key",
    ),
    **dict.fromkeys(spread("cryptography.fernet.Fernet nacl.secret.SecretBox pyDes.{des,triple_des}"), "cipher"),
    **dict.fromkeys(spread("hashlib.{pbkdf2_hmac,scrypt} cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC"), "kdf"),
    **dict.fromkeys(spread("hmac.{new,digest} cryptography.hazmat.primitives.hmac.HMAC"), "mac"),
}
_MODES: Final = frozenset("ECB CBC CTR GCM CFB OFB EAX CCM SIV OCB XTS OPENPGP".split())
_CHANGES: Final = {
    "os.chmod": 1,
    "os.fchmod": 1,
    "os.lchmod": 1,
    "pathlib.Path.chmod": 0,
    "os.mkdir": 1,
    "os.makedirs": 1,
    "os.umask": 0,
    "os.open": 2,
    "os.mkfifo": 1,
}
_TEMPORARY: Final = {
    **dict.fromkeys(
        spread("tempfile.{TemporaryFile,NamedTemporaryFile,SpooledTemporaryFile,mkstemp} os.tmpfile"), "file"
    ),
    **dict.fromkeys(spread("tempfile.{TemporaryDirectory,mkdtemp}"), "directory"),
    **dict.fromkeys(spread("tempfile.{mktemp,gettempdir,gettempprefix} os.{tempnam,tmpnam}"), "name"),
}
_REFLECTIONS: Final = {
    **dict.fromkeys(spread("getattr setattr delattr hasattr builtins.getattr"), 1),
    **dict.fromkeys(
        spread(
            "operator.{attrgetter,methodcaller} importlib.import_module __import__ django.utils.module_loading.import_string"
        ),
        0,
    ),
}
_MARKUP: Final = {
    **dict.fromkeys(
        spread("markupsafe.Markup flask.Markup jinja2.Markup django.utils.safestring.{mark_safe,SafeString}"), "safe"
    ),
    **dict.fromkeys(
        spread(
            "html.escape markupsafe.escape flask.escape django.utils.html.{escape,conditional_escape,format_html,format_html_join}"
        ),
        "escape",
    ),
    **dict.fromkeys(
        spread("bleach.{clean,linkify} nh3.clean lxml.html.clean.clean_html django.utils.html.strip_tags"), "clean"
    ),
}

_MOST: Final = 0o777777  #: no mode has more bits


@derives(RandomUse, Deserialization, XmlParser, ArchiveExtraction, after=(Callee,))
def data_uses(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each random value, each object read back, each XML parser, each archive unpacked."""
    for call in used(store, _RANDOM):
        seed = call.given("seed", "a", "x", position=0) if call.method in _SEEDED else None
        kind = None if seed is None else call.shape("seed", "a", "x", position=0)
        yield call.site, RandomUse(call.callee, _RANDOM[call.callee], call.assigned_to, kind)
    for call in used(store, _READ_BACK):
        loader = call.value("Loader", position=1) if call.library == "yaml" else None
        shape = call.shape("stream", "data", "file", "f", position=0)
        yield call.site, Deserialization(call.library, call.callee, loader, _is_safe(call, loader), shape)
    for call in used(store, _XML):
        entities, network, dtd, huge = map(call.value, ("resolve_entities", "no_network", "load_dtd", "huge_tree"))
        row = XmlParser(call.library, call.callee, entities, network, dtd, huge, call.library == _DEFUSED)
        yield call.site, row
    for call in used(store, _ARCHIVES):
        yield (
            call.site,
            ArchiveExtraction(call.library, call.callee, call.value("filter"), call.given("members") is not None),
        )


def _is_safe(call: Used, loader: str | None) -> str:
    if call.callee in {"yaml.load", "yaml.load_all"}:
        return "unknown" if loader is None else "true" if loader.endswith(_SAFE_LOADERS) else "false"
    if call.callee == "torch.load":
        return {"True": "true", "False": "false"}.get(call.value("weights_only") or "", "unknown")
    if call.callee == "numpy.load":
        return "false" if call.value("allow_pickle") == "True" else "true"
    return _READ_BACK[call.callee]


@derives(CryptoOperation, after=(Callee,))
def crypto_operations(store: Store, _settings: Settings) -> Iterator[tuple[int, CryptoOperation]]:
    """Each cipher, mode, key, derivation and authentication code."""
    for call in used(store, _CRYPTO):
        operation = _CRYPTO[call.callee]
        parts = call.callee.split(".")
        at = 0 if parts[-1] == "pbkdf2_hmac" else 2 if parts[0] == "hmac" else None
        named = call.value("algorithm", "hash_name", "digestmod", "digest", position=at)
        own = parts[-2] if parts[-1] in {"new", "generate", "generate_private_key", "generate_key"} else parts[-1]
        mode = own if operation == "mode" else (call.value("mode", position=1) or "").rpartition("MODE_")[2]
        first = 0 if parts[-1] == "generate" or "dsa" in parts else 1  # RSA's exponent stands before
        bits = call.value("key_size", "bits", position=first if operation == "key" else None)
        yield (
            call.site,
            CryptoOperation(
                library=call.library,
                operation=operation,
                algorithm=named if operation in {"kdf", "mac"} and named else own,
                mode=mode if mode in _MODES else None,
                key_kind="missing"
                if operation == "key"
                else call.shape("key", "password", position=1 if operation == "kdf" else 0),
                iv_kind=call.shape(
                    "iv",
                    "nonce",
                    "initial_value",
                    "initialization_vector",
                    position=2 if parts[-1] == "new" and operation != "mac" else None,
                ),
                key_bits=int(bits) if bits is not None and bits.isdigit() and len(bits) < 6 else None,
            ),
        )


def _bits(node: ast.expr | None) -> int | None:
    """
    The number that bits make together; None where one isn't known.

    >>> [_bits(parsed(text)) for text in ("0o644", "stat.S_IRUSR | S_IWUSR", "0o777 & ~0o22", "mode | 1", "stat.S_ISDIR")]
    [420, 384, 493, None, None]
    """
    match node:
        case ast.Constant(value=int(value)) if 0 <= value <= _MOST:
            return value
        case ast.Attribute(attr=name) | ast.Name(id=name) if name.startswith("S_I"):
            known = getattr(stat, name, None)
            return known if isinstance(known, int) else None
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            return None if (bits := _bits(operand)) is None else ~bits & _MOST
        case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() as op, right=right):
            one, other = _bits(left), _bits(right)
            if one is not None and other is not None:
                return one | other if isinstance(op, ast.BitOr) else one & other
    return None


def _beginning(node: ast.expr | None) -> str | None:
    """The constant text that a text put together begins with."""
    match node:
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return text
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Add() | ast.Mod()):
            return text.partition("%")[0] or None
        case ast.BinOp(left=left, op=ast.Add()):
            return _beginning(left)
    return None


@derives(PermissionChange, TemporaryFileUse, Reflection, MarkupUse, after=(Callee,), ordered=True)
def file_and_name_uses(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each change of permissions, temporary file, access by name, and text declared safe for a page."""
    for call in used(store, _CHANGES):
        given = call.given("mode", "mask", position=_CHANGES[call.callee])
        if given is not None:
            mode = _bits(parsed(given.constant if given.constant_type == "int" else given.source))
            writable = mode is not None and bool((~mode if call.method == "umask" else mode) & 0o002)
            yield call.site, PermissionChange(call.callee, oct(mode) if mode is not None else None, writable)
    for call in used(store, _TEMPORARY):
        folder = call.given("dir", position=None)
        yield call.site, TemporaryFileUse(call.callee, _TEMPORARY[call.callee], folder.constant if folder else None)
    for call in used(store, _REFLECTIONS):
        name = call.given("name", "dotted_path", position=_REFLECTIONS[call.callee])
        if name is not None and name.constant is None:  # a constant name is an attribute like any other
            yield call.site, Reflection(call.callee, name.source, _beginning(parsed(name.source)))
    for call in used(store, _MARKUP):
        yield call.site, MarkupUse(call.callee, _MARKUP[call.callee], call.shape(position=0))

"""JSON web tokens: made, read, and read without a look at the signature."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from extractors.context import Context
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.security.hashes import flag
from schema.protection import JwtOperation

_OPERATIONS: Final = {
    "jwt.encode": ("pyjwt", "encode"),
    "jwt.decode": ("pyjwt", "decode"),
    "jwt.decode_complete": ("pyjwt", "decode"),
    "jwt.PyJWT.encode": ("pyjwt", "encode"),
    "jwt.PyJWT.decode": ("pyjwt", "decode"),
    "jwt.get_unverified_header": ("pyjwt", "unverified"),
    "jose.jwt.encode": ("python-jose", "encode"),
    "jose.jwt.decode": ("python-jose", "decode"),
    "jose.jwt.get_unverified_claims": ("python-jose", "unverified"),
    "jose.jwt.get_unverified_header": ("python-jose", "unverified"),
    "jose.jws.verify": ("python-jose", "decode"),
    "jose.jws.sign": ("python-jose", "encode"),
    "authlib.jose.jwt.encode": ("authlib", "encode"),
    "authlib.jose.jwt.decode": ("authlib", "decode"),
    "joserfc.jwt.encode": ("joserfc", "encode"),
    "joserfc.jwt.decode": ("joserfc", "decode"),
    "flask_jwt_extended.create_access_token": ("flask-jwt-extended", "encode"),
    "flask_jwt_extended.create_refresh_token": ("flask-jwt-extended", "encode"),
    "flask_jwt_extended.decode_token": ("flask-jwt-extended", "decode"),
    "itsdangerous.URLSafeTimedSerializer.dumps": ("itsdangerous", "encode"),
    "itsdangerous.URLSafeTimedSerializer.loads": ("itsdangerous", "decode"),
    "itsdangerous.URLSafeSerializer.dumps": ("itsdangerous", "encode"),
    "itsdangerous.URLSafeSerializer.loads": ("itsdangerous", "decode"),
}


_HEADED: Final = frozenset({"authlib", "joserfc"})
"""Those that are given a header, which names the algorithm, before the claims and the key."""


def _algorithms(node: ast.Call, library: str, operation: str, context: Context) -> tuple[list[str | None], bool]:
    """The algorithms named, or [None], and whether any are given at all."""
    if operation == "encode" and library in _HEADED:
        header = _written(context.keyword(node, "header", 0), context)
        given = (_pairs(header, context) or {}).get("alg") if header is not None else None
    elif operation == "encode":
        given = context.keyword(node, "algorithm", 2)
    else:
        given = context.keyword(node, "algorithms", None if library == "authlib" else 2)
    if given is None:
        return [None], False
    value = context.constant(given)
    if value is NOT_CONSTANT or value is None:
        return [None], value is NOT_CONSTANT
    return [
        str(part) for part in ([value] if isinstance(value, str) else value if isinstance(value, tuple) else ())
    ] or [None], True


def _verify(node: ast.Call, context: Context) -> str:
    """Whether the signature is checked: by `options` since PyJWT 2, by `verify` before."""
    old = flag(context.keyword(node, "verify"), context)
    options = context.keyword(node, "options")
    if isinstance(options, ast.Name):
        bound = context.binding(options.id)
        options = bound if isinstance(bound, ast.Dict) else options
    if options is None:
        return old or "true"
    pairs = _pairs(options, context)
    if pairs is None:
        return "unknown"
    return flag(pairs.get("verify_signature"), context) or old or "true"


def _pairs(node: ast.expr, context: Context) -> dict[str, ast.expr] | None:
    """The entries of a dict that is written out; None for anything else."""
    if isinstance(node, ast.Dict):
        if any(key is None for key in node.keys):
            return None
        return {context.string(key) or "": value for key, value in zip(node.keys, node.values, strict=True)}
    if isinstance(node, ast.Call) and context.name(node.func) == "dict" and not node.args:
        return {keyword.arg or "": keyword.value for keyword in node.keywords}
    return None


def _expiry(node: ast.Call, library: str, context: Context) -> str:
    if library == "flask-jwt-extended":
        given = context.keyword(node, "expires_delta")
        return "true" if given is None else {"false": "false"}.get(flag(given, context) or "", "true")
    payload = context.keyword(node, "payload", 1 if library in _HEADED else 0) or context.keyword(node, "claims")
    payload = _written(payload, context)
    pairs = _pairs(payload, context) if payload is not None else None
    return "unknown" if pairs is None else str("exp" in pairs).lower()


def _written(node: ast.expr | None, context: Context) -> ast.expr | None:
    """What a name stands for that is bound once; anything else itself."""
    bound = context.binding(node.id) if isinstance(node, ast.Name) else None
    return bound if isinstance(bound, ast.expr) else node


def key_kind(node: ast.expr | None, context: Context) -> str:
    """Where a key comes from: literal, environment, variable or missing."""
    if node is None:
        return "missing"
    if context.constant(node) is not NOT_CONSTANT:
        return "literal"
    bound = context.binding(node.id) if isinstance(node, ast.Name) else None
    made = bound if isinstance(bound, ast.expr) else node
    head = made.value if isinstance(made, ast.Subscript) else made.func if isinstance(made, ast.Call) else made
    return "environment" if context.name(head).startswith(("os.environ", "os.getenv")) else "variable"


@extracts(ast.Call, callee=frozenset(name.rpartition(".")[2] for name in _OPERATIONS))
def jwt_operation(node: ast.Call, context: Context) -> Iterator[JwtOperation]:
    """
    Each operation on a token, one row for each algorithm.

    >>> rows(jwt_operation, "import jwt as j, os\\nfrom jose import jwt\\nj.encode({'exp': 1}, 'secret', algorithm='HS256')\\nj.decode(t, os.environ['KEY'], algorithms=['HS256', 'none'])\\nj.decode(t, options={'verify_signature': False})\\njwt.get_unverified_claims(t)\\njson.decode(t)")
    JwtOperation(library='pyjwt', operation='encode', algorithm='HS256', verify=None, has_expiry='true', key_kind='literal', algorithms_given=True)
    JwtOperation(library='pyjwt', operation='decode', algorithm='HS256', verify='true', has_expiry=None, key_kind='environment', algorithms_given=True)
    JwtOperation(library='pyjwt', operation='decode', algorithm='none', verify='true', has_expiry=None, key_kind='environment', algorithms_given=True)
    JwtOperation(library='pyjwt', operation='decode', algorithm=None, verify='false', has_expiry=None, key_kind='missing', algorithms_given=False)
    JwtOperation(library='python-jose', operation='unverified', algorithm=None, verify='false', has_expiry=None, key_kind='missing', algorithms_given=False)
    >>> rows(jwt_operation, "from authlib.jose import jwt\\njwt.encode({'alg': 'RS256'}, {'exp': 1}, KEY)\\njwt.decode(t, KEY, Claims)")
    JwtOperation(library='authlib', operation='encode', algorithm='RS256', verify=None, has_expiry='true', key_kind='variable', algorithms_given=True)
    JwtOperation(library='authlib', operation='decode', algorithm=None, verify='true', has_expiry=None, key_kind='variable', algorithms_given=False)
    """
    known = _OPERATIONS.get(context.name(node.func))
    if known is None:
        return
    library, operation = known
    if operation == "unverified":
        yield JwtOperation(library, operation, None, "false", None, "missing", False)
        return
    algorithms, given = _algorithms(node, library, operation, context)
    verify = _verify(node, context) if operation == "decode" else None
    expiry = _expiry(node, library, context) if operation == "encode" else None
    key = key_kind(context.keyword(node, "key", 2 if operation == "encode" and library in _HEADED else 1), context)
    for algorithm in algorithms:
        yield JwtOperation(library, operation, algorithm, verify, expiry, key, given)

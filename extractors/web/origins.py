"""Which other sites may read what an application answers, outside Flask."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import Context
from extractors.flask.extensions import origins
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.web.frameworks import framework_of
from schema.web import CorsPolicy

_CORS: Final = frozenset(f"{module}.middleware.cors.CORSMiddleware" for module in ("fastapi", "starlette"))
_LISTS: Final = frozenset(
    "CORS_ALLOWED_ORIGINS CORS_ORIGIN_WHITELIST CORS_ALLOWED_ORIGIN_REGEXES CORS_ORIGIN_REGEX_WHITELIST".split()
)
_ANY: Final = frozenset({"CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"})
_SANIC: Final = {"sanic_cors.CORS": False, "sanic_cors.CORS.init_app": True, "sanic_cors.cross_origin": False}
_WILD: Final = frozenset({"*", ".*"})


def _flag(node: ast.expr | None, context: Context) -> str | None:
    """True, false or unknown; None when nothing is given."""
    value = context.constant(node) if node is not None else None
    return None if node is None else str(value).lower() if isinstance(value, bool) else "unknown"


def _methods(node: ast.expr | None, context: Context) -> str | None:
    return ", ".join(one or "?" for one in origins(node, context)) if node is not None else None


@extracts(ast.Call, callee={"add_middleware", "CORSMiddleware", "Middleware"}, when=("fastapi", "starlette"))
def cors_policy(node: ast.Call, context: Context) -> Iterator[CorsPolicy]:
    """
    Each allowed origin of a policy.

    >>> rows(cors_policy, "from fastapi import FastAPI\\nfrom fastapi.middleware.cors import CORSMiddleware\\napp = FastAPI()\\napp.add_middleware(CORSMiddleware, allow_origins=['*'], allow_credentials=True)")
    CorsPolicy(framework='fastapi', target='app', origin='*', credentials='true', methods=None, resource=None, is_lazy=False, is_permissive=True)
    """
    is_given = bool(node.args) and context.name(node.args[0]) in _CORS
    if not is_given and context.name(node.func) not in _CORS:
        return
    on = node.func.value if isinstance(node.func, ast.Attribute) else None
    framework = (framework_of(on, context) if on is not None else None) or "starlette"
    target = context.text(on) or None if is_given and on is not None else None
    credentials = _flag(context.keyword(node, "allow_credentials"), context)
    methods = _methods(context.keyword(node, "allow_methods"), context)
    regex = context.keyword(node, "allow_origin_regex")
    allowed = origins(context.keyword(node, "allow_origins"), context)
    for origin in (*allowed, context.string(regex) if regex is not None else None):
        if origin is not None:
            yield CorsPolicy(framework, target, origin, credentials, methods, None, False, origin in _WILD)


@extracts(ast.Assign, ast.AnnAssign, named=_LISTS | _ANY, within="module")
def cors_setting(node: Any, context: Context) -> Iterator[CorsPolicy]:
    """
    Each origin that a setting of django-cors-headers lets in.

    >>> rows(cors_setting, "CORS_ALLOWED_ORIGINS = ['https://a.example']\\nCORS_ALLOW_ALL_ORIGINS = False\\nCORS_ALLOW_CREDENTIALS = True\\nCORS_URLS_REGEX = r'^/api/.*$'")
    CorsPolicy(framework='django', target=None, origin='https://a.example', credentials='true', methods=None, resource='^/api/.*$', is_lazy=False, is_permissive=False)
    """
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    if not isinstance(target, ast.Name) or node.value is None:
        return
    if target.id in _ANY:
        allowed: list[str | None] = ["*"] if context.constant(node.value) is True else []
    else:
        allowed = origins(node.value, context)
    credentials = _setting("CORS_ALLOW_CREDENTIALS", context)
    resource = _setting("CORS_URLS_REGEX", context)
    for origin in allowed:
        yield CorsPolicy("django", None, origin, credentials, None, resource, False, origin in _WILD)


def _setting(name: str, context: Context) -> str | None:
    value = context.constant(ast.Name(name, ast.Load()))
    return None if value is NOT_CONSTANT else str(value).lower() if isinstance(value, bool) else str(value)


@extracts(ast.Call, callee={"CORS", "init_app", "cross_origin"}, when="sanic_cors")
def sanic_cors(node: ast.Call, context: Context) -> Iterator[CorsPolicy]:
    """
    Each origin that sanic-cors lets in; without one, any.

    >>> rows(sanic_cors, "from sanic_cors import CORS\\nCORS(app, origins=['https://a.example'])\\nCORS().init_app(app)")
    CorsPolicy(framework='sanic', target='app', origin='https://a.example', credentials=None, methods=None, resource=None, is_lazy=False, is_permissive=False)
    CorsPolicy(framework='sanic', target='app', origin='*', credentials=None, methods=None, resource=None, is_lazy=True, is_permissive=True)
    """
    name = context.name(node.func)
    if name not in _SANIC or (name == "sanic_cors.CORS" and not node.args):
        return
    target = context.source(node.args[0], 80) if node.args and not name.endswith("cross_origin") else None
    credentials = _flag(context.keyword(node, "supports_credentials"), context)
    methods = _methods(context.keyword(node, "methods"), context)
    for origin in origins(context.keyword(node, "origins"), context):
        is_any = origin is None or origin in _WILD
        yield CorsPolicy("sanic", target, origin or "*", credentials, methods, None, _SANIC[name], is_any)


@extracts(ast.Call, callee={"setup", "add"}, when="aiohttp_cors")
def aiohttp_cors(node: ast.Call, context: Context) -> Iterator[CorsPolicy]:
    """
    Each origin of the defaults, or of one resource, of aiohttp-cors.

    >>> rows(aiohttp_cors, "import aiohttp_cors as c\\ncors = c.setup(app, defaults={'*': c.ResourceOptions(allow_credentials=True)})\\ncors.add(shop, {'https://a.example': c.ResourceOptions()})")
    CorsPolicy(framework='aiohttp', target='app', origin='*', credentials='true', methods=None, resource=None, is_lazy=False, is_permissive=True)
    CorsPolicy(framework='aiohttp', target=None, origin='https://a.example', credentials=None, methods=None, resource='shop', is_lazy=False, is_permissive=False)
    """
    name = context.name(node.func)
    if name not in {"aiohttp_cors.setup", "aiohttp_cors.setup.add"} or not node.args:
        return
    is_default = name == "aiohttp_cors.setup"
    given = context.keyword(node, "defaults") if is_default else context.keyword(node, "config", 1)
    if not isinstance(given, ast.Dict):
        return
    on = context.source(node.args[0], 80)
    for key, options in zip(given.keys, given.values, strict=True):
        origin = context.string(key) if key is not None else None
        call = options if isinstance(options, ast.Call) else None
        credentials = _flag(context.keyword(call, "allow_credentials"), context) if call else None
        methods = _methods(context.keyword(call, "allow_methods"), context) if call else None
        target, resource = (on, None) if is_default else (None, on)
        yield CorsPolicy("aiohttp", target, origin, credentials, methods, resource, False, origin in _WILD)

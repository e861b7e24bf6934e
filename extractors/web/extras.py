"""What single frameworks have for themselves: settings, view configurations, security schemes, static folders."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.web.decorated import view_option
from schema.webextras import AiohttpResource, AppSetting, FastapiSecurityScheme, PyramidView

_APPLICATIONS: Final = {
    "tornado.web.Application": "tornado",
    "fastapi.FastAPI": "fastapi",
    "fastapi.applications.FastAPI": "fastapi",
    "starlette.applications.Starlette": "starlette",
    "aiohttp.web.Application": "aiohttp",
    "sanic.Sanic": "sanic",
    "sanic.app.Sanic": "sanic",
    "litestar.Litestar": "litestar",
    "falcon.App": "falcon",
}
_NO_SETTINGS: Final = frozenset(
    {
        "handlers",
        "routes",
        "route_handlers",
        "middleware",
        "middlewares",
        "lifespan",
        "dependencies",
        "exception_handlers",
    }
)
_VIEWS: Final = frozenset(
    f"pyramid.view.{word}_config" for word in ("view", "forbidden_view", "notfound_view", "exception_view")
)
_RESOURCES: Final = {
    "aiohttp.web.static": "static",
    "aiohttp_jinja2.setup": "jinja2",
    "aiohttp_session.setup": "session",
}


@extracts(
    ast.Call,
    callee={name.rpartition(".")[2] for name in _APPLICATIONS},
    when=tuple({name.partition(".")[0] for name in _APPLICATIONS}),
)
def app_setting(node: ast.Call, context: Context) -> Iterator[At]:
    """
    Each keyword setting of an application.

    >>> rows(app_setting, "from tornado.web import Application\\napp = Application([], cookie_secret='x', xsrf_cookies=True)")
    AppSetting(framework='tornado', target='app', key='cookie_secret', value_source="'x'", constant='x', constant_type='str')
    AppSetting(framework='tornado', target='app', key='xsrf_cookies', value_source='True', constant='True', constant_type='bool')
    """
    framework = _APPLICATIONS.get(context.name(node.func))
    if framework is None:
        return
    for keyword in node.keywords:
        if keyword.arg and keyword.arg not in _NO_SETTINGS:
            value = context.constant(keyword.value)
            kind = None if value is NOT_CONSTANT else type(value).__name__
            source = context.source(keyword.value)
            yield At(
                keyword.value,
                AppSetting(framework, context.variable(node), keyword.arg, source, constant_text(value), kind),
            )


def _view(name: str, call: ast.Call, context: Context) -> PyramidView:
    words = ("route_name", "context", "renderer", "permission", "request_method", "require_csrf")
    given = {word: view_option(call, word, context) for word in words}
    texts = {
        word: None if node is None else constant_text(context.constant(node)) or context.source(node, 80)
        for word, node in given.items()
    }
    return PyramidView(name, *(texts[word] for word in words))


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, when="pyramid", decorated=True)
def pyramid_view(node: Any, context: Context) -> Iterator[At]:
    """
    Each view configuration by decorator.

    >>> rows(pyramid_view, "from pyramid.view import view_config\\n@view_config(route_name='home', permission='view')\\ndef f(request): ...")
    PyramidView(name='f', route_name='home', context=None, renderer=None, permission='view', request_method=None, require_csrf=None)
    """
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and context.name(decorator.func) in _VIEWS:
            yield At(decorator, _view(node.name, decorator, context))


@extracts(ast.Call, callee={"add_view"}, when="pyramid")
def pyramid_view_added(node: ast.Call, context: Context) -> Iterator[PyramidView]:
    """
    Each view configuration by call.

    >>> rows(pyramid_view_added, "import pyramid\\nconfig.add_view(f, route_name='home', require_csrf=False)")
    PyramidView(name='f', route_name='home', context=None, renderer=None, permission=None, request_method=None, require_csrf='False')
    """
    if isinstance(node.func, ast.Attribute) and context.text(node.func.value).rpartition(".")[2] in {
        "config",
        "configurator",
    }:
        yield _view(context.source(context.keyword(node, "view", 0), 80), node, context)


@extracts(ast.Call, when="fastapi")
def fastapi_security_scheme(node: ast.Call, context: Context) -> Iterator[FastapiSecurityScheme]:
    """
    Each security scheme.

    >>> rows(fastapi_security_scheme, "from fastapi.security import OAuth2PasswordBearer as O\\nscheme = O(tokenUrl='token', auto_error=False)")
    FastapiSecurityScheme(name='scheme', scheme='OAuth2PasswordBearer', token_url='token', auto_error='False', scopes=0)
    """
    module, _, scheme = context.name(node.func).rpartition(".")
    if (
        not module.startswith("fastapi.security")
        or not scheme.startswith(("OAuth2", "HTTP", "APIKey", "OpenId"))
        or "Credentials" in scheme
    ):
        return
    scopes = context.keyword(node, "scopes")
    error = context.keyword(node, "auto_error")
    yield FastapiSecurityScheme(
        name=context.variable(node),
        scheme=scheme,
        token_url=context.string(context.keyword(node, "tokenUrl", 0)) if scheme.startswith("OAuth2") else None,
        auto_error=None if error is None else constant_text(context.constant(error)) or "unknown",
        scopes=len(scopes.keys) if isinstance(scopes, ast.Dict) else 0,
    )


@extracts(ast.Call, callee={"add_static", "static", "setup"}, when="aiohttp")
def aiohttp_resource(node: ast.Call, context: Context) -> Iterator[AiohttpResource]:
    """
    Each static folder and set-up call.

    >>> rows(aiohttp_resource, "from aiohttp import web\\napp = web.Application()\\napp.router.add_static('/s', 'static', show_index=True)")
    AiohttpResource(kind='static', url_path='/s', name=None, show_index=True, follow_symlinks=False)
    """
    name = context.name(node.func)
    kind = "static" if name == "aiohttp.web.Application.router.add_static" else _RESOURCES.get(name)
    if kind is not None:
        flags = [context.constant(context.keyword(node, word)) is True for word in ("show_index", "follow_symlinks")]
        path = context.string(context.keyword(node, "prefix", 0)) if kind == "static" else None
        yield AiohttpResource(kind, path, context.string(context.keyword(node, "name")), *flags)

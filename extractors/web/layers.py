"""What applications, routers, controllers and handlers of Litestar put around requests; handlers that are given by a dictionary."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.web.around import handled, made
from extractors.web.litestar import HANDLERS, HOLDERS, items
from schema.web import ErrorHandler, Middleware, RequestHook

_HOOKS: Final = (
    "before_request after_request after_response before_send after_exception on_startup on_shutdown on_app_init lifespan"
).split()
_DEFINED: Final = frozenset({"litestar.middleware.DefineMiddleware", "litestar.middleware.base.DefineMiddleware"})
_OTHERS: Final = {
    "fastapi.FastAPI": "fastapi",
    "fastapi.applications.FastAPI": "fastapi",
    "starlette.applications.Starlette": "starlette",
}

Given = Callable[[str], ast.expr | None]


@extracts(ast.Call, callee={"Litestar", "Router"}, when="litestar")
def litestar_layer(node: ast.Call, context: Context) -> Iterator[At]:
    """
    Each middleware, hook and error handler of an application or router.

    >>> rows(litestar_layer, "from litestar import Litestar\\nfrom litestar.middleware import DefineMiddleware\\nfrom x import Timed\\napp = Litestar([], middleware=[DefineMiddleware(Timed, unit='s')], before_request=check, exception_handlers={404: lost})")
    Middleware(framework='litestar', name='x.Timed', kind='class', position=0, target='app')
    RequestHook(framework='litestar', hook='before_request', function='check', target='app', accepts_response=False, accepts_error=False)
    ErrorHandler(framework='litestar', handler='lost', code=404, exception=None, target='app')
    """
    if context.name(node.func) in HOLDERS:
        yield from _layer(context.variable(node), partial(context.keyword, node), context)


@extracts(ast.ClassDef, when="litestar")
def litestar_controller_layer(node: ast.ClassDef, context: Context) -> Iterator[At]:
    """
    The same of a controller, which has them as attributes.

    >>> rows(litestar_controller_layer, "from litestar import Controller\\nclass Items(Controller):\\n    after_request = stamp\\nclass Other:\\n    after_request = stamp")
    RequestHook(framework='litestar', hook='after_request', function='stamp', target='Items', accepts_response=True, accepts_error=False)
    """
    if any(context.name(base).endswith("Controller") for base in node.bases):
        bound = context.inner(node).bindings

        def given(word: str) -> ast.expr | None:
            value = bound.get(word)
            return value if isinstance(value, ast.expr) else None

        yield from _layer(node.name, given, context)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when="litestar", decorated=True)
def litestar_handler_layer(node: Any, context: Context) -> Iterator[At]:
    """
    The same of one handler: of a controller's, its class is named too.

    >>> rows(litestar_handler_layer, "from litestar import get\\n@get('/', middleware=[factory], before_request=check)\\ndef f(): ...")
    Middleware(framework='litestar', name='factory', kind='class', position=0, target='f')
    RequestHook(framework='litestar', hook='before_request', function='check', target='f', accepts_response=False, accepts_error=False)
    """
    owner: Any = context.scope.node if context.scope.kind == "class" else None
    target = f"{owner.name}.{node.name}" if owner is not None else node.name
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and decorator.keywords:
            root, _, word = context.name(decorator.func).rpartition(".")
            if word in HANDLERS and root.partition(".")[0] == "litestar":
                yield from _layer(target, partial(context.keyword, decorator), context)


def _layer(target: str | None, given: Given, context: Context) -> Iterator[At]:
    for position, item in enumerate(items(given("middleware"), context)):
        is_defined = isinstance(item, ast.Call) and context.name(item.func) in _DEFINED
        inner = context.keyword(item, "middleware", 0) if is_defined and isinstance(item, ast.Call) else item
        if inner is not None:
            yield At(item, Middleware("litestar", made(inner, context), "class", position, target))
    for word in _HOOKS:
        for item in items(given(word), context):
            name = context.source(item.func if isinstance(item, ast.Call) else item, 80)
            yield At(
                item,
                RequestHook("litestar", word, name, target, word == "after_request", word == "after_exception"),
            )
    yield from _handlers("litestar", target, given("exception_handlers"), context)


@extracts(ast.Call, callee={"FastAPI", "Starlette"}, when=("fastapi", "starlette"))
def exception_handlers(node: ast.Call, context: Context) -> Iterator[At]:
    """
    Each error handler that an application is given in a dictionary.

    >>> rows(exception_handlers, "from fastapi import FastAPI\\nerrors = {404: lost, KeyError: lost}\\napp = FastAPI(exception_handlers=errors)")
    ErrorHandler(framework='fastapi', handler='lost', code=404, exception=None, target='app')
    ErrorHandler(framework='fastapi', handler='lost', code=None, exception='KeyError', target='app')
    """
    framework = _OTHERS.get(context.name(node.func))
    if framework is not None:
        yield from _handlers(framework, context.variable(node), context.keyword(node, "exception_handlers"), context)


def _handlers(framework: str, target: str | None, given: ast.expr | None, context: Context) -> Iterator[At]:
    """The entries of a dictionary of error handlers, also one that a name of this file stands for."""
    table = context.binding(given.id) if isinstance(given, ast.Name) else given
    if isinstance(table, ast.Dict):
        for key, value in zip(table.keys, table.values, strict=True):
            for code, exception in handled(key, context) if key is not None else ():
                yield At(value, ErrorHandler(framework, context.source(value, 80), code, exception, target))

"""Routes declared by calls and in lists."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import Context
from extractors.registry import extracts
from extractors.rounds import unrolled
from extractors.web.decorated import VERBS, methods, pattern
from extractors.web.frameworks import framework_of
from extractors.web.patterns import captures
from schema.web import RouteDeclaration, RouteParameter

_AIOHTTP: Final = {f"add_{verb}": verb.upper() for verb in VERBS} | {"add_view": "*"}
_LISTED: Final = {f"aiohttp.web.{verb}": verb.upper() for verb in VERBS} | {
    "aiohttp.web.view": "*",
    "aiohttp.web.route": "",
}
_STARLETTE: Final = {
    "starlette.routing.Route": "listed",
    "starlette.routing.WebSocketRoute": "websocket",
    "fastapi.routing.APIRoute": "listed",
}
DECORATING: Final = ("flask", "quart", "fastapi", "sanic", "bottle", "litestar")
Rows = Iterator[RouteDeclaration | RouteParameter]


def target(view: ast.AST | None, context: Context) -> tuple[str, str | None]:
    """What a handler is called, as written and exactly: through `as_view()`, instances, partials and strings."""
    if isinstance(view, ast.Call):
        inner = view.func
        if isinstance(inner, ast.Attribute) and inner.attr in {"as_view", "as_asgi", "as_handler"}:
            view = inner.value
        elif context.name(inner) == "functools.partial" and view.args:
            view = view.args[0]
        elif isinstance(inner, ast.Name) and inner.id == "getattr" and (word := context.string(view.args[-1])):
            view = ast.copy_location(ast.Attribute(view.args[0], word, ast.Load()), view)  # `getattr(views, "item")`
        elif _wraps(view, context):
            return target(view.args[0], context)
        else:
            view = inner
    if isinstance(view, ast.Name) and is_class_view(view, context):
        return target(context.binding(view.id), context)
    if isinstance(view, ast.Constant) and isinstance(view.value, str):
        return view.value, view.value
    exact = _method(view, context) or context.identity(view) or context.name(view)
    return context.text(view) or context.source(view, 80), exact or None


def _wraps(call: ast.Call, context: Context) -> bool:
    """Whether a call puts a decorator around a handler: `login_required(item)`, `cache_page(60)(item)`."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    given = call.args[0] if len(call.args) == 1 else None
    bound = context.binding(given.id) if isinstance(given, ast.Name) else None
    is_ours = isinstance(bound, (ast.FunctionDef, ast.AsyncFunctionDef)) or bool(_method(given, context))
    if call.keywords and not is_ours:  # what else is given may say that it makes a view of something
        return False
    return isinstance(given, (ast.Name, ast.Attribute, ast.Call)) and (
        isinstance(call.func, ast.Call) or name[:1].islower()
    )


def _method(view: ast.AST | None, context: Context) -> str:
    """`self.index`, seen in a method, is a method of the class around it."""
    if isinstance(view, ast.Attribute) and isinstance(view.value, ast.Name) and view.value.id in {"self", "cls"}:
        owner = context.scope.parent
        return f"{owner.name}.{view.attr}" if owner is not None and owner.kind == "class" else ""
    return ""


def declarations(
    framework: str,
    words: list[str],
    path: str | None,
    view: ast.AST | None,
    node: ast.Call,
    context: Context,
    kind: str,
) -> Rows:
    """One row for each word of HTTP that a call on a router declares, and what its pattern captures."""
    router = node.func.value if isinstance(node.func, ast.Attribute) else None
    if framework == "aiohttp":
        bound = context.binding(router.id) if isinstance(router, ast.Name) else router
        router = bound.value if isinstance(bound, ast.Attribute) and bound.attr == "router" else router
    handler, exact = target(view, context)
    text, name = (context.text(router) or None, context.identity(router) or None) if kind == "added" else (None, None)
    # what Falcon calls a suffix tells which of a resource's methods answer
    words_of_name = ("suffix",) if framework == "falcon" else ("endpoint", "name")
    given = next((found for word in words_of_name if (found := context.keyword(node, word)) is not None), None)
    endpoint = context.string(given)
    for word in words:
        yield RouteDeclaration(framework, word, path, handler, text, name, exact, endpoint, kind)
    yield from captures(framework, path)


@extracts(ast.Call, callee={"add_url_rule", "add_api_route", "add_websocket_route", "add_api_websocket_route"})
def route_added(node: ast.Call, context: Context) -> Rows:
    """
    Each method of a route declared by a call on the router.

    >>> rows(route_added, "import flask\\nfrom v import X\\napp = flask.Flask('a')\\napp.add_url_rule('/x', view_func=X.as_view('x'), methods=['PUT'])")
    RouteDeclaration(framework='flask', method='PUT', pattern='/x', handler='X', router='app', router_name='m.app', handler_name='v.X', endpoint=None, kind='added')
    """
    for call in unrolled(node, context):
        yield from _added(call, context)


def is_class_view(view: ast.AST | None, context: Context, depth: int = 0) -> bool:
    """Whether a handler answers what its class has methods for: `X.as_view()`, also by name and in a decorator."""
    if isinstance(view, ast.Name) and depth < 8:
        return is_class_view(context.binding(view.id), context, depth + 1)
    if not isinstance(view, ast.Call) or depth >= 8:
        return False
    is_made = isinstance(view.func, ast.Attribute) and view.func.attr == "as_view"
    return is_made or any(is_class_view(one, context, depth + 1) for one in view.args)


def _added(node: ast.Call, context: Context) -> Rows:
    if not isinstance(node.func, ast.Attribute):
        return
    word = node.func.attr
    framework = framework_of(node.func.value, context)
    if framework is None:
        return
    if word == "add_url_rule":
        view = context.keyword(node, "view_func", 2)
        default = "*" if is_class_view(view, context) else "GET"
        yield from declarations(
            framework or "flask", methods(node, context, default), pattern(node, context), view, node, context, "added"
        )
    elif framework == "sanic":
        view = context.keyword(node, "handler", 0)
        yield from declarations(
            framework, methods(node, context, "GET"), pattern(node, context, 1), view, node, context, "added"
        )
    else:
        view = context.keyword(node, "endpoint", 1) or context.keyword(node, "route", 1)
        words = ["GET"] if "websocket" in word else methods(node, context, "GET")
        yield from declarations(framework or "fastapi", words, pattern(node, context), view, node, context, "added")


@extracts(ast.Call, callee={"add_route"}, when=("starlette", "fastapi", "sanic", "falcon", "aiohttp"))
def add_route(node: ast.Call, context: Context) -> Rows:
    """
    Each `add_route`, whose arguments every framework orders in its own way.

    >>> rows(add_route, "import falcon\\napp = falcon.App()\\napp.add_route('/x/{id}', Things())")
    RouteDeclaration(framework='falcon', method='*', pattern='/x/{id}', handler='Things', router='app', router_name='m.app', handler_name=None, endpoint=None, kind='added')
    RouteParameter(name='id', converter=None, regex=None, position=0)
    """
    for call in unrolled(node, context):
        yield from _route(call, context)


def _route(node: ast.Call, context: Context) -> Rows:
    if not isinstance(node.func, ast.Attribute):
        return
    framework = framework_of(node.func.value, context)
    if framework == "sanic":
        view = context.keyword(node, "handler", 0)
        default = "*" if isinstance(view, ast.Call) else "GET"
        yield from declarations(
            framework, methods(node, context, default), pattern(node, context, 1), view, node, context, "added"
        )
    elif framework == "aiohttp":
        word = (context.string(context.keyword(node, "method", 0)) or "*").upper()
        at = _resource(node.func.value, context)
        if at is not None:
            view, func = context.keyword(node, "handler", 1), at.func
            whole = ast.copy_location(ast.Call(func, node.args, node.keywords), node)
            yield from declarations(framework, [word], pattern(at, context), view, whole, context, "added")
            return
        view = context.keyword(node, "handler", 2)
        yield from declarations(framework, [word], pattern(node, context, 1), view, node, context, "added")
    elif framework == "falcon":
        view = context.keyword(node, "resource", 1)
        yield from declarations(framework, ["*"], pattern(node, context), view, node, context, "added")
    elif framework in {"starlette", "fastapi"}:
        view = context.keyword(node, "route", 1)
        yield from declarations(
            framework, methods(node, context, "GET"), pattern(node, context), view, node, context, "added"
        )


def _resource(node: ast.expr, context: Context) -> ast.Call | None:
    """The `add_resource` of aiohttp whose answer an expression is."""
    made = context.binding(node.id) if isinstance(node, ast.Name) else node
    is_one = isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute) and made.func.attr == "add_resource"
    return made if isinstance(made, ast.Call) and is_one else None


@extracts(ast.Call, callee={*_AIOHTTP}, when="aiohttp")
def aiohttp_added(node: ast.Call, context: Context) -> Rows:
    """
    Each route added to an aiohttp router.

    >>> rows(aiohttp_added, "from aiohttp import web\\napp = web.Application()\\napp.router.add_get('/x', f)")
    RouteDeclaration(framework='aiohttp', method='GET', pattern='/x', handler='f', router='app', router_name='m.app', handler_name=None, endpoint=None, kind='added')
    """
    if isinstance(node.func, ast.Attribute) and framework_of(node.func.value, context) == "aiohttp":
        word = _AIOHTTP[node.func.attr]
        for call in unrolled(node, context):
            view = context.keyword(call, "handler", 1)
            yield from declarations("aiohttp", [word], pattern(call, context), view, call, context, "added")


@extracts(ast.Call, callee={"route", *VERBS}, when="bottle")
def bottle_added(node: ast.Call, context: Context) -> Rows:
    """
    Each Bottle route whose function is given as `callback`.

    >>> rows(bottle_added, "import bottle\\nbottle.route('/x', method='POST', callback=f)")
    RouteDeclaration(framework='bottle', method='POST', pattern='/x', handler='f', router='bottle', router_name='bottle', handler_name=None, endpoint=None, kind='added')
    """
    name = context.name(node.func)
    if context.keyword(node, "callback", 2) is None or not name.startswith("bottle."):
        return
    word = name.rpartition(".")[2]
    for call in unrolled(node, context):
        words = [word.upper()] if word in VERBS else methods(call, context, "GET", 1)
        view = context.keyword(call, "callback", 2)
        yield from declarations("bottle", words, pattern(call, context), view, call, context, "added")


def enclosing(context: Context, node: ast.Call) -> list[ast.Call]:
    """The calls around a call in its statement, outermost first."""
    statement = context.statement
    if (
        context.around is None or context.around[0] is not statement
    ):  # once for each statement: lists of routes are long
        context.around = statement, _parents(statement)
    around, parents = None, context.around[1]
    path: list[ast.Call] = []
    while (around := parents.get(around or node)) is not None:
        path.append(around)
    return path[::-1]


def _parents(statement: ast.AST) -> dict[ast.AST, ast.Call | None]:
    """Each call in the value of a statement, with the call that it is an argument of."""
    parents: dict[ast.AST, ast.Call | None] = {}
    stack: list[tuple[Any, ast.Call | None]] = [(getattr(statement, "value", None), None)]
    while stack:
        current, around = stack.pop()
        if isinstance(current, ast.Call):
            parents[current] = around
            inner = [*current.args, *(keyword.value for keyword in current.keywords)]
            stack += [(child, current) for child in inner]
        elif isinstance(current, (ast.List, ast.Tuple)):
            stack += [(child, around) for child in current.elts]
        elif isinstance(current, ast.BinOp):
            stack += [(current.left, around), (current.right, around)]
        elif isinstance(current, (ast.Starred, ast.Await)):
            stack.append((current.value, around))
        elif isinstance(current, (ast.ListComp, ast.GeneratorExp)):
            stack.append((current.elt, around))
    return parents


def owner(context: Context, path: list[ast.Call]) -> str | None:
    """What the list around a declaration ends up in: a variable, an application, or the function that returns it."""
    statement: Any = context.statement
    targets = [statement.target] if hasattr(statement, "target") else getattr(statement, "targets", [])
    if targets:
        return context.identity(targets[0]) or None
    if isinstance(statement, ast.Return) and context.scope.kind == "function":
        return context.scope.name
    first = path[0].func if path else None
    return context.identity(first.value) or None if isinstance(first, ast.Attribute) else None


@extracts(ast.Call, callee={"Route", "WebSocketRoute", "APIRoute"}, when=("starlette", "fastapi"))
def starlette_route(node: ast.Call, context: Context) -> Rows:
    """
    Each route of a list, with the prefixes of the mounts it stands in.

    >>> rows(starlette_route, "from starlette.routing import Route, Mount\\nroutes = [Mount('/a', routes=[Route('/b', f, methods=['POST'])])]")
    RouteDeclaration(framework='starlette', method='POST', pattern='/a/b', handler='f', router=None, router_name='m.routes', handler_name=None, endpoint=None, kind='listed')
    """
    kind = _STARLETTE.get(context.name(node.func))
    if kind is None:
        return
    path = enclosing(context, node)
    before = [opened(pattern(call, context), call, context) for call in path if _is_mount(call, context)]
    on = owner(context, path)
    is_plain = bool(node.args) and isinstance(node.args[0], ast.Constant)
    for call in (node,) if is_plain else unrolled(node, context):
        parts = [*before, pattern(call, context)]
        full = None if None in parts else "".join(str(part).rstrip("/") for part in parts[:-1]) + str(parts[-1])
        handler, exact = target(context.keyword(call, "endpoint", 1), context)
        # a class answers what it has methods for
        words = ["GET"] if kind == "websocket" else methods(call, context, "*")
        name = context.string(context.keyword(call, "name"))
        for word in words:
            yield RouteDeclaration("starlette", word, full, handler, None, on, exact, name, kind)
        yield from captures("starlette", full)


def opened(part: str | None, call: ast.Call, context: Context) -> str | None:
    """A part of a pattern, or what makes it: `{…prefix}`, which may be known where the function around is called."""
    given = call.args[0] if call.args else None
    source = context.source(given, 80) if part is None and given is not None else ""
    return f"{{…{source}}}" if source and not set(source) & {"{", "}", "…"} else part


def _is_mount(call: ast.Call, context: Context) -> bool:
    """Whether what a call is given stands under its path: `Mount("/a", …)`, `app.mount("/a", …)`."""
    is_method = isinstance(call.func, ast.Attribute) and call.func.attr == "mount"
    return is_method or context.name(call.func) == "starlette.routing.Mount"


@extracts(ast.Call, callee={*VERBS, "view", "route"}, when="aiohttp")
def aiohttp_listed(node: ast.Call, context: Context) -> Rows:
    """
    Each `web.get(path, handler)` in a list for `add_routes`.

    >>> rows(aiohttp_listed, "from aiohttp import web\\napp = web.Application()\\napp.add_routes([web.get('/x', f)])")
    RouteDeclaration(framework='aiohttp', method='GET', pattern='/x', handler='f', router=None, router_name='m.app', handler_name=None, endpoint=None, kind='listed')
    """
    word = _LISTED.get(context.name(node.func))
    if word is None:
        return
    first = 0 if word else 1
    word = word or (context.string(context.keyword(node, "method", 0)) or "*").upper()
    handler, exact = target(context.keyword(node, "handler", first + 1), context)
    path, around = pattern(node, context, first), enclosing(context, node)
    name = context.string(context.keyword(node, "name"))
    yield RouteDeclaration("aiohttp", word, path, handler, None, owner(context, around), exact, name, "listed")
    yield from captures("aiohttp", path)


@extracts(ast.Call, callee={"add_resource"}, when=("flask_restful", "flask_restx"))
def resource_added(node: ast.Call, context: Context) -> Rows:
    """
    Each pattern of a Flask-RESTful resource.

    >>> rows(resource_added, "from flask_restful import Api\\napi = Api(app)\\napi.add_resource(Things, '/t', '/things')")
    RouteDeclaration(framework='flask', method='*', pattern='/t', handler='Things', router='api', router_name='m.api', handler_name=None, endpoint=None, kind='resource')
    RouteDeclaration(framework='flask', method='*', pattern='/things', handler='Things', router='api', router_name='m.api', handler_name=None, endpoint=None, kind='resource')
    """
    if not isinstance(node.func, ast.Attribute):
        return
    receiver = node.func.value
    handler, exact = target(context.keyword(node, "resource", 0), context)
    text, name = context.text(receiver) or None, context.identity(receiver) or None
    for given in node.args[1:]:
        path = context.string(given)
        if isinstance(given, ast.Starred) and isinstance(given.value, ast.Name):
            path = f"{{…*{given.value.id}}}"
        yield RouteDeclaration("flask", "*", path, handler, text, name, exact, None, "resource")
        yield from captures("flask", path)

"""Routes of Litestar: handlers, controllers and routers, which list what they hold instead of being told."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.survey import Imported
from extractors.web.added import enclosing, owner
from extractors.web.decorated import VERBS, methods
from extractors.web.patterns import captures
from schema.web import InjectedDependency, RouteDeclaration, Router, RouterMount

_SOCKETS: Final = frozenset({"websocket", "websocket_listener", "websocket_stream"})
HANDLERS: Final = VERBS | _SOCKETS | {"route", "asgi"}
HOLDERS: Final = frozenset({"litestar.Litestar", "litestar.app.Litestar", "litestar.Router", "litestar.router.Router"})
_DEPTH: Final = 8


def _paths(call: ast.Call | None, context: Context) -> list[str | None]:
    """Every pattern a handler is given: one, a list, or the root when none."""
    given = context.keyword(call, "path", 0) if call is not None else None
    if given is None:
        return [""]
    value = context.constant(given)
    return [str(one) for one in value] if isinstance(value, tuple) else [value if isinstance(value, str) else None]


def _guards(given: ast.expr | None, context: Context) -> list[str]:
    """The exact names of the functions in a list of guards."""
    return [context.name(item) or context.text(item) for item in items(given, context)]


def items(node: ast.AST | None, context: Context, depth: int = 0) -> list[ast.expr]:
    """The items of a list: through a variable, a star and `+`; a list from elsewhere is itself an item."""
    if depth > _DEPTH:
        return []
    if isinstance(node, ast.Name) and isinstance(context.binding(node.id), (ast.List, ast.Tuple, ast.BinOp)):
        return items(context.binding(node.id), context, depth + 1)
    if isinstance(node, ast.BinOp):
        return [*items(node.left, context, depth + 1), *items(node.right, context, depth + 1)]
    if isinstance(node, (ast.List, ast.Tuple)):
        return [inner for item in node.elts for inner in items(item, context, depth + 1)]
    if isinstance(node, ast.Starred):
        return items(node.value, context, depth + 1)
    return [node] if isinstance(node, ast.expr) else []


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when="litestar", decorated=True)
def litestar_handler(node: Any, context: Context) -> Iterator[At]:
    """
    Each method and pattern of a handler; a controller's methods belong to the controller.

    >>> rows(litestar_handler, "from litestar import get, route\\n@get(['/', '/all'], guards=[signed_in])\\ndef f(): ...\\n@route('/b/{n:int}', http_method=['PUT'])\\ndef g(n: int): ...")
    RouteDeclaration(framework='litestar', method='GET', pattern='/', handler='f', router=None, router_name='m.f', handler_name='m.f', endpoint=None, kind='decorated')
    RouteDeclaration(framework='litestar', method='GET', pattern='/all', handler='f', router=None, router_name='m.f', handler_name='m.f', endpoint=None, kind='decorated')
    InjectedDependency(function='f', function_site=1, router_name=None, mount_site=None, parameter=None, provider='signed_in', kind='security', scopes=None, is_cached=True)
    RouteDeclaration(framework='litestar', method='PUT', pattern='/b/{n:int}', handler='g', router=None, router_name='m.g', handler_name='m.g', endpoint=None, kind='decorated')
    RouteParameter(name='n', converter='int', regex=None, position=0)
    """
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        root, _, word = context.name(call.func if call else decorator).rpartition(".")
        if word in HANDLERS and root.partition(".")[0] == "litestar":
            yield from _declared(node, decorator, call, word, context)


def _declared(node: Any, decorator: ast.expr, call: ast.Call | None, word: str, context: Context) -> Iterator[At]:
    scope = context.scope
    name = f"{scope.name}.{node.name}" if scope.name else node.name
    router = scope.name if scope.kind == "class" else name
    kind = "websocket" if word in _SOCKETS else "decorated"
    words = [word.upper()] if word in VERBS else ["*"] if word == "asgi" else ["GET"]
    if word == "route" and call is not None:
        words = methods(call, context, "*")
    endpoint = context.string(context.keyword(call, "name")) if call else None
    for path in _paths(call, context):
        for method in words:
            yield At(
                decorator,
                RouteDeclaration("litestar", method, path, node.name, None, router, name, endpoint, kind),
            )
        yield from (At(decorator, capture) for capture in captures("litestar", path))
    for guard in _guards(context.keyword(call, "guards"), context) if call else ():
        yield At(
            decorator,
            InjectedDependency(node.name, context.site(node), None, None, None, guard, "security", None, True),
        )


@extracts(ast.ClassDef, when="litestar")
def litestar_controller(node: ast.ClassDef, context: Context) -> Iterator[Any]:
    """
    Each controller, with its prefix and guards; each class that listens to a socket.

    >>> rows(litestar_controller, "from litestar import Controller\\nclass Items(Controller):\\n    path = '/items'\\n    guards = [signed_in]")
    Router(framework='litestar', name='m.Items', callee='litestar.Controller', prefix='/items', is_application=False)
    InjectedDependency(function='Items', function_site=None, router_name='m.Items', mount_site=None, parameter=None, provider='signed_in', kind='security', scopes=None, is_cached=True)
    """
    bases = [name for base in node.bases if (name := context.name(base))]
    name = f"{context.scope.name}.{node.name}" if context.scope.name else node.name
    bound = context.inner(node).bindings
    path, guards = bound.get("path"), bound.get("guards")
    prefix = context.string(path) if isinstance(path, ast.expr) else ""
    controller = next((base for base in bases if base.endswith("Controller")), None)
    if controller is not None:
        yield Router("litestar", name, controller, prefix, False)
        for guard in _guards(guards if isinstance(guards, ast.expr) else None, context):
            yield InjectedDependency(node.name, None, name, None, None, guard, "security", None, True)
    elif any(base.endswith(".WebsocketListener") for base in bases):
        yield RouteDeclaration("litestar", "GET", prefix, node.name, None, name, name, None, "websocket")
        yield from captures("litestar", prefix)


@extracts(ast.Call, callee={"Litestar", "Router", "register"}, when="litestar")
def litestar_registration(node: ast.Call, context: Context) -> Iterator[RouterMount | InjectedDependency]:
    """
    Each handler, controller or router that an application or router lists, and the guards of the whole.

    >>> rows(litestar_registration, "from litestar import Litestar, Router\\nfrom items import Items\\napi = Router('/api', route_handlers=[Router('/v1', route_handlers=[Items])])\\napp = Litestar([api])")
    RouterMount(framework='litestar', parent='m.api', child='items.Items', prefix='/v1', kind='router')
    RouterMount(framework='litestar', parent='m.app', child='m.api', prefix='', kind='router')
    """
    name = context.name(node.func)
    if name not in HOLDERS:
        if isinstance(node.func, ast.Attribute) and name.removesuffix(".register") in HOLDERS and node.args:
            yield from _mounted(context.identity(node.func.value), node.args[0], "", context)
        return
    variable = context.variable(node)
    around = enclosing(context, node)
    inline = [] if variable else [call for call in [*around, node] if context.name(call.func) in HOLDERS]
    prefixes = [prefix for call in inline if (prefix := _prefix(call, context))]
    # the outermost holder's own prefix stands with the variable it is bound to
    outer = prefixes[1:] if inline and owner(context, around) and _prefix(inline[0], context) else prefixes
    parent = f"{context.scope.name}.{variable}" if variable and context.scope.name else variable
    parent = parent or owner(context, around)
    given = context.keyword(node, "route_handlers", 0 if name.endswith("Litestar") else 1)
    if isinstance(given, ast.Name) and isinstance(context.binding(given.id), Imported):  # a list of another file
        yield RouterMount(
            "litestar", parent, f"{context.identity(given)}[]", "/".join(outer).replace("//", "/"), "router"
        )
    for item in items(given, context):
        if not isinstance(item, ast.Call):
            yield from _mounted(parent, item, "/".join(outer).replace("//", "/"), context)
    for guard in _guards(context.keyword(node, "guards"), context):
        yield InjectedDependency(variable or "", None, parent or None, None, None, guard, "security", None, True)


def _prefix(call: ast.Call, context: Context) -> str:
    is_application = context.name(call.func).endswith("Litestar")
    return context.string(context.keyword(call, "path", None if is_application else 0)) or ""


def _mounted(parent: str | None, item: ast.expr, prefix: str, context: Context) -> Iterator[RouterMount]:
    child = context.identity(item) or context.name(item)
    if child:
        yield RouterMount("litestar", parent or None, child, prefix, "router")

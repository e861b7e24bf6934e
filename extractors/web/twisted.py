"""Routes of Twisted: resources that hang under resources; what Klein puts under a prefix."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.functions import own_nodes
from extractors.registry import extracts
from extractors.web.decorated import VERBS, methods, pattern
from extractors.web.patterns import captures
from schema.web import RouteDeclaration, RouterMount

_RENDERS: Final = {f"render_{verb.upper()}": verb.upper() for verb in VERBS} | {"render": "*"}
_WRAPPERS: Final = frozenset({"routed", "require"})


def _part(node: ast.expr | None, context: Context) -> str | None:
    """One segment of an address: text or bytes."""
    value = context.constant(node) if node is not None else None
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value if isinstance(value, str) else None


def _resource(node: ast.expr | None, context: Context) -> list[str]:
    """What a resource is known by: its class, when it is the project's own, and the variable that holds it."""
    made = context.name(node.func if isinstance(node, ast.Call) else node)
    names = [made] if made and not made.startswith("twisted.") else []
    variable = context.identity(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
    return [*names, *([variable] if variable and variable not in names else [])]


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when="twisted")
def twisted_render(node: Any, context: Context) -> Iterator[RouteDeclaration | RouterMount]:
    """
    Each method that a resource answers, and the children that it makes when asked.

    >>> rows(twisted_render, "from twisted.web.resource import Resource\\nclass Users(Resource):\\n    def getChild(self, name, request):\\n        return User(name)\\n    def render_POST(self, request): ...\\nclass User(Resource): ...")
    RouterMount(framework='twisted', parent='m.Users', child='m.User', prefix='/{name}', kind='mount')
    RouteDeclaration(framework='twisted', method='POST', pattern='', handler='render_POST', router=None, router_name='m.Users', handler_name='m.Users.render_POST', endpoint=None, kind='resource')
    """
    owner = context.scope
    if owner.kind != "class" or not getattr(owner.node, "bases", ()):
        return
    if node.name in _RENDERS:
        name = f"{owner.name}.{node.name}"
        yield RouteDeclaration("twisted", _RENDERS[node.name], "", node.name, None, owner.name, name, None, "resource")
    elif node.name == "getChild" and len(node.args.args) > 1:
        part = node.args.args[1].arg
        for child in own_nodes(node):
            if isinstance(child, ast.Return) and isinstance(child.value, ast.Call):
                name = context.name(child.value.func)
                if name and not name.startswith("twisted."):
                    yield RouterMount("twisted", owner.name, name, f"/{{{part}}}", "mount")


@extracts(ast.Call, callee={"putChild", "Site"}, when="twisted")
def twisted_child(node: ast.Call, context: Context) -> Iterator[RouterMount]:
    """
    Each resource that is put under another, and the root of a site.

    >>> rows(twisted_child, "from twisted.web.resource import Resource\\nfrom twisted.web.server import Site\\nfrom shop import Users\\nroot = Resource()\\nroot.putChild(b'users', Users())\\nSite(root)")
    RouterMount(framework='twisted', parent='m.root', child='shop.Users', prefix='/users', kind='mount')
    RouterMount(framework='twisted', parent=None, child='m.root', prefix='', kind='mount')
    """
    if context.name(node.func) == "twisted.web.server.Site":
        for child in _resource(context.keyword(node, "resource", 0), context):
            yield RouterMount("twisted", None, child, "", "mount")
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "putChild" and len(node.args) == 2:
        receiver = node.func.value
        is_self = isinstance(receiver, ast.Name) and receiver.id == "self"
        parent = context.name(receiver) if is_self else context.identity(receiver)
        part = _part(node.args[0], context)
        for child in _resource(node.args[1], context):
            yield RouterMount("twisted", parent or None, child, None if part is None else f"/{part}", "mount")


@extracts(ast.With, when="klein")
def klein_subroute(node: ast.With, context: Context) -> Iterator[At]:
    """
    Each route of the functions under `with app.subroute(prefix)`; elsewhere its decorator alone would tell.

    >>> rows(klein_subroute, "from klein import Klein\\napp = Klein()\\nwith app.subroute('/api') as app:\\n    @app.route('/x', methods=['POST'])\\n    def f(request): ...")
    RouteDeclaration(framework='klein', method='POST', pattern='/api/x', handler='f', router='app', router_name='m.app', handler_name='m.f', endpoint=None, kind='decorated')
    """
    calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
    opened = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "subroute"]
    if not opened:
        return
    prefix = _part(context.keyword(opened[0], "prefix", 0), context)
    for statement in node.body:
        for decorator in getattr(statement, "decorator_list", ()):
            is_route = isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)
            if is_route and decorator.func.attr == "route":
                context.absorbed.add(decorator)
                yield from _under(prefix, statement, decorator, context)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when="klein", decorated=True)
def klein_wrapped(node: Any, context: Context) -> Iterator[At]:
    """
    Each route that stands inside another decorator (a page's frame, what it requires), or has a branch below it.

    >>> rows(klein_wrapped, "from klein import Klein, Plating\\napp = Klein()\\nstyle = Plating()\\n@style.routed(app.route('/f/<food>'))\\ndef f(food): ...")
    RouteDeclaration(framework='klein', method='*', pattern='/f/<food>', handler='f', router='app', router_name='m.app', handler_name='m.f', endpoint=None, kind='decorated')
    RouteParameter(name='food', converter=None, regex=None, position=0)
    """
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
            continue
        inner = decorator.args[0] if decorator.func.attr in _WRAPPERS and decorator.args else None
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "route":
            for entry in _under("", node, inner, context):
                yield At(decorator, entry.row)
        elif decorator.func.attr == "route" and context.constant(context.keyword(decorator, "branch")) is True:
            yield from _under("", node, decorator, context, branch=True)


def _under(prefix: str | None, function: Any, call: Any, context: Context, *, branch: bool = False) -> Iterator[At]:
    own = pattern(call, context)
    path = None if prefix is None or own is None else prefix.rstrip("/") + own
    if branch and path is not None:
        path = path.rstrip("/") + "/<path:__rest__>"
    router = call.func.value
    name = f"{context.scope.name}.{function.name}" if context.scope.name else function.name
    text, identity = context.text(router) or None, context.identity(router) or None
    endpoint = context.string(context.keyword(call, "endpoint"))
    for method in methods(call, context, "*"):
        row = RouteDeclaration("klein", method, path, function.name, text, identity, name, endpoint, "decorated")
        yield At(call, row)
    yield from (At(call, capture) for capture in captures("klein", path))

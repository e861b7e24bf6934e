"""Methods of Flask-AppBuilder's and Flask-Admin's views that are exposed under the place of their class."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.web.decorated import methods
from extractors.web.patterns import captures
from schema.web import RouteDeclaration, RouteParameter, RouterMount

_LIBRARIES: Final = ("flask_appbuilder", "flask_admin")
_ADDS: Final = {"add_view": "baseview", "add_view_no_menu": "baseview", "add_api": "baseview", "add_link": ""}


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=_LIBRARIES, decorated=True)
def exposed(node: ast.FunctionDef | ast.AsyncFunctionDef, context: Context) -> Iterator[At]:
    """
    Each method of an exposed method's route; its class is the router.

    >>> rows(exposed, "from flask_appbuilder import BaseView, expose\\nclass Shop(BaseView):\\n    @expose('/item/<int:pk>', methods=['POST'])\\n    async def item(self, pk): ...\\n    @shown('/x')\\n    def x(self): ...")
    RouteDeclaration(framework='flask', method='POST', pattern='/item/<int:pk>', handler='item', router='Shop', router_name='m.Shop', handler_name='m.Shop.item', endpoint=None, kind='exposed')
    RouteParameter(name='pk', converter='int', regex=None, position=0)
    """
    scope = context.scope
    for decorator in node.decorator_list if scope.kind == "class" else ():
        call = decorator if isinstance(decorator, ast.Call) else None
        root, _, word = context.name(call.func).rpartition(".") if call else ("", "", "")
        if call is not None and word == "expose" and root.partition(".")[0] in _LIBRARIES:
            yield from (At(decorator, row) for row in _declared(node, call, context))


def _declared(node: Any, call: ast.Call, context: Context) -> Iterator[RouteDeclaration | RouteParameter]:
    given = context.keyword(call, "url", 0)
    path = "/" if given is None else context.string(given)
    owner = context.scope.name
    for word in methods(call, context, "GET", 1):
        name = f"{owner}.{node.name}"
        yield RouteDeclaration("flask", word, path, node.name, owner.rpartition(".")[2], owner, name, None, "exposed")
    yield from captures("flask", path)


@extracts(ast.Call, callee=set(_ADDS), when=_LIBRARIES)
def exposing(node: ast.Call, context: Context) -> Iterator[RouterMount]:
    """
    Each class of views that is added to an application, as such or as one that is made of it.

    >>> rows(exposing, "import flask_appbuilder\\nfrom shop import Shop, Api\\nappbuilder.add_api(Api)\\nadmin.add_view(Shop(name='x'))")
    RouterMount(framework='flask', parent=None, child='shop.Api', prefix='', kind='exposed')
    RouterMount(framework='flask', parent=None, child='shop.Shop', prefix='', kind='exposed')
    """
    func = node.func
    given = context.keyword(node, "baseview", 0) or context.keyword(node, "view", 0)
    if isinstance(func, ast.Attribute) and _ADDS[func.attr]:
        child = context.identity(given.func if isinstance(given, ast.Call) else given)
        if child.rpartition(".")[2][:1].isupper():
            yield RouterMount("flask", None, child, "", "exposed")

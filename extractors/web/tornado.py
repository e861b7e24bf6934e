"""Routes of Tornado: rules in the lists that applications are made of."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.rounds import listed
from extractors.web.added import target
from extractors.web.patterns import captures
from schema.web import RouteDeclaration


@extracts(ast.Call, callee={"Application", "add_handlers", "RuleRouter", "__init__"}, when="tornado")
def tornado_routes(node: ast.Call, context: Context) -> Iterator[At]:
    """
    Each rule of a Tornado application, as tuple, `url` or `Rule`.

    >>> rows(tornado_routes, "from tornado.web import Application\\nApplication([(r'/x/(\\\\d+)', Item)])")
    RouteDeclaration(framework='tornado', method='*', pattern='/x/(\\\\d+)', handler='Item', router=None, router_name=None, handler_name=None, endpoint=None, kind='listed')
    RouteParameter(name='0', converter=None, regex='\\\\d+', position=0)
    """
    if isinstance(node.func, ast.Attribute) and node.func.attr == "add_handlers":
        given = context.keyword(node, "host_handlers", 1)
    elif (first := _application(node, context)) is not None:
        given = context.keyword(node, "handlers", first)
    else:
        return
    for rule in _items(given, context):
        arguments = rule.args if isinstance(rule, ast.Call) else getattr(rule, "elts", [])
        if len(arguments) >= 2:
            path = context.string(arguments[0])
            handler, exact = target(arguments[1], context)
            yield At(rule, RouteDeclaration("tornado", "*", path, handler, None, None, exact, None, "listed"))
            yield from (At(rule, capture) for capture in captures("tornado", path))


def _application(node: ast.Call, context: Context) -> int | None:
    """Where a call that makes an application, or the rest of one of one's own, takes its rules."""
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr != "__init__":
        return 0 if context.name(func).startswith("tornado.") else None
    if context.name(func) == "tornado.web.Application.__init__":
        return 1
    around = context.scope.parent.node if context.scope.parent is not None else None
    is_super = isinstance(func.value, ast.Call) and context.text(func.value.func) == "super"
    bases = [context.name(base) for base in around.bases] if isinstance(around, ast.ClassDef) else []
    return 0 if is_super and "tornado.web.Application" in bases else None


def _items(node: ast.AST | None, context: Context, depth: int = 0) -> list[ast.expr]:
    """The items of a list, also through a variable, a star, a comprehension and `+`."""
    if depth > 8:
        return []
    if isinstance(node, ast.Name):
        return _items(context.binding(node.id), context, depth + 1)
    if isinstance(node, ast.BinOp):
        return [*_items(node.left, context, depth + 1), *_items(node.right, context, depth + 1)]
    if isinstance(node, ast.ListComp):
        return listed(node, context)
    found = node.elts if isinstance(node, (ast.List, ast.Tuple)) else []
    stars = [_items(item.value, context, depth + 1) if isinstance(item, ast.Starred) else [item] for item in found]
    return [item for items in stars for item in items]

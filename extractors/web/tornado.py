"""Routes of Tornado: rules, wherever a list, a comprehension or a call puts them together."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.rounds import listed, put, rounds
from extractors.web.added import target
from extractors.web.decorated import with_holes
from extractors.web.patterns import captures
from schema.web import RouteDeclaration, RouteParameter

_WHEN: Final = ("tornado", "jupyter_server", "notebook")
_RULES: Final = frozenset("tornado.web.url tornado.web.URLSpec tornado.routing.Rule".split())
_PATH: Final = re.compile(r"\^?[/(.{]")
_CLASS: Final = re.compile(r"(?:.*\.)?_*[A-Z]\w*[a-z]\w*")
_HANDLERS: Final = ("Handler", "View", "WebSocket")
"""How handlers' classes are called: enough where the path is worked out."""
Rows = Iterator[RouteDeclaration | RouteParameter]


@extracts(ast.List, when=_WHEN)
def tornado_table(node: ast.List, context: Context) -> Iterator[At]:
    """
    Each rule that stands in a list as a tuple, whatever becomes of the list.

    >>> rows(tornado_table, "from tornado import web\\nhandlers = [(r'/x/(\\\\d+)', Item), (base + r'/y', shop.Item, {}), ('/z', item), ('name', Item)]")
    RouteDeclaration(framework='tornado', method='*', pattern='/x/(\\\\d+)', handler='Item', router=None, router_name=None, handler_name=None, endpoint=None, kind='listed')
    RouteParameter(name='0', converter=None, regex='\\\\d+', position=0)
    RouteDeclaration(framework='tornado', method='*', pattern='{…base}/y', handler='shop.Item', router=None, router_name=None, handler_name=None, endpoint=None, kind='listed')
    """
    for rule in node.elts:
        if isinstance(rule, ast.Tuple):
            yield from (At(rule, row) for row in _rule(rule.elts, context))


@extracts(ast.ListComp, ast.GeneratorExp, when=_WHEN)
def tornado_comprehension(node: ast.ListComp | ast.GeneratorExp, context: Context) -> Iterator[At]:
    """
    Each rule that a comprehension makes; where what it goes through stands elsewhere, once with its variables.

    >>> rows(tornado_comprehension, "from tornado import web\\nfrom shop import TABLE\\na = [(r'/' + n, Item) for n in ('x', 'y')]\\nb = [('/v1' + p, h) for p, h in TABLE]")
    RouteDeclaration(framework='tornado', method='*', pattern='/x', handler='Item', router=None, router_name=None, handler_name=None, endpoint=None, kind='listed')
    RouteDeclaration(framework='tornado', method='*', pattern='/y', handler='Item', router=None, router_name=None, handler_name=None, endpoint=None, kind='listed')
    RouteDeclaration(framework='tornado', method='*', pattern='/v1{…p}', handler='h', router=None, router_name=None, handler_name='m.h', endpoint=None, kind='listed')
    """
    rule = node.elt
    known = listed(node, context) if isinstance(rule, ast.Tuple) else []
    variables = {part.id for loop in node.generators for part in ast.walk(loop.target) if isinstance(part, ast.Name)}
    for one in known or [rule]:
        if isinstance(one, ast.Tuple):
            yield from (At(rule, row) for row in _rule(one.elts, context, frozenset() if known else variables))


@extracts(ast.Call, callee={"url", "URLSpec", "Rule", "append", "insert"}, when=_WHEN)
def tornado_rule(node: ast.Call, context: Context) -> Iterator[At]:
    """
    Each rule that is made by a call, or put into a list by one.

    >>> rows(tornado_rule, "from tornado.web import url\\nfor n in ('a', 'b'):\\n    found.append((f'/{n}', Item))\\nx = url(r'/x', Item, name='x')\\nfound.append(('/x', 1))")
    RouteDeclaration(framework='tornado', method='*', pattern='/a', handler='Item', router=None, router_name=None, handler_name=None, endpoint=None, kind='listed')
    RouteDeclaration(framework='tornado', method='*', pattern='/b', handler='Item', router=None, router_name=None, handler_name=None, endpoint=None, kind='listed')
    RouteDeclaration(framework='tornado', method='*', pattern='/x', handler='Item', router=None, router_name=None, handler_name=None, endpoint=None, kind='listed')
    """
    given = node.args[-1] if node.args else None
    is_rule = context.name(node.func) in _RULES
    if is_rule or (isinstance(given, ast.Tuple) and isinstance(node.func, ast.Attribute)):
        for values in rounds(node, context):
            parts = node.args if is_rule or given is None else getattr(given, "elts", [])
            yield from (At(node, row) for row in _rule([put(part, values) for part in parts], context))


def _rule(parts: list[ast.expr], context: Context, variables: frozenset[str] | set[str] = frozenset()) -> Rows:
    """The rows of one rule: a path, a handler's class, and what that is given."""
    if len(parts) < 2:  # a path and a handler
        return
    path = with_holes(parts[0], context)
    if path is None and isinstance(parts[0], ast.Name) and parts[0].id in variables:
        path = f"{{…{parts[0].id}}}"
    handler, exact = target(parts[1], context)
    is_one = bool(_CLASS.fullmatch(handler)) or handler in variables
    is_path = bool(_PATH.match(path)) if path is not None else handler.endswith(_HANDLERS)
    if not is_path or not is_one or isinstance(parts[1], ast.Call):
        return
    if handler in variables:
        exact = f"{context.scope.name}.{handler}"
    yield RouteDeclaration("tornado", "*", path, handler, None, None, exact, None, "listed")
    yield from captures("tornado", path)

"""Rules of werkzeug that are put into a Flask application's map by hand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from extractors.context import Context
from extractors.registry import extracts
from extractors.rounds import unrolled
from extractors.web.added import enclosing
from extractors.web.decorated import methods, pattern
from extractors.web.patterns import captures
from schema.web import RouteDeclaration, RouteParameter

_RULES: Final = frozenset({"werkzeug.routing.Rule", "werkzeug.routing.rules.Rule"})
_SUBMOUNTS: Final = frozenset({"werkzeug.routing.Submount", "werkzeug.routing.rules.Submount"})


@extracts(ast.Call, callee={"Rule"}, when="werkzeug")
def rule_added(node: ast.Call, context: Context) -> Iterator[RouteDeclaration | RouteParameter]:
    """
    Each rule that is added to the map of an application; its handler is called as its endpoint.

    >>> rows(rule_added, "from flask import Flask\\nfrom werkzeug.routing import Rule, Submount\\napp = Flask('a')\\napp.url_map.add(Submount('/s', [Rule('/x', endpoint='x', methods=['GET'])]))\\nRule('/y')")
    RouteDeclaration(framework='flask', method='GET', pattern='/s/x', handler='x', router='app', router_name='m.app', handler_name=None, endpoint='x', kind='added')
    """
    around = enclosing(context, node)
    added = around[0].func if around else None
    owner = added.value if isinstance(added, ast.Attribute) and added.attr == "add" else None
    if not isinstance(owner, ast.Attribute) or owner.attr != "url_map" or context.name(node.func) not in _RULES:
        return
    before = [pattern(call, context) for call in around if context.name(call.func) in _SUBMOUNTS]
    router, name = context.text(owner.value) or None, context.identity(owner.value) or None
    for call in unrolled(node, context):
        parts = [*before, pattern(call, context)]
        full = None if None in parts else "".join(str(part).rstrip("/") for part in parts[:-1]) + str(parts[-1])
        endpoint = context.string(context.keyword(call, "endpoint"))
        for method in methods(call, context, "*"):
            handler = endpoint or ""
            exact = f"{context.module}.{handler}" if handler in context.survey.scopes[0].bindings else None
            yield RouteDeclaration("flask", method, full, handler, router, name, exact, endpoint, "added")
        yield from captures("flask", full)

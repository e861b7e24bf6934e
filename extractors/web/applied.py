"""Routes whose decorator is called by hand."""

from __future__ import annotations

import ast

from extractors.context import Context
from extractors.registry import extracts
from extractors.rounds import unrolled
from extractors.web.added import DECORATING, Rows, declarations
from extractors.web.decorated import VERBS, methods, pattern
from extractors.web.frameworks import framework_of


@extracts(ast.Call, callee={"route", *VERBS}, when=DECORATING)
def route_applied(node: ast.Call, context: Context) -> Rows:
    """
    Each route whose decorator is called by hand.

    >>> rows(route_applied, "from flask import Flask\\napp = Flask('a')\\napp.route('/x', methods=['PUT'])(f)\\napp.get('/y')")
    RouteDeclaration(framework='flask', method='PUT', pattern='/x', handler='f', router='app', router_name='m.app', handler_name=None, endpoint=None, kind='added')
    """
    yield from _applied(node, context)


def _is_ours_alone(context: Context) -> bool:
    return not context.imports.intersection(DECORATING)


@extracts(ast.Call, callee={"route"}, only=_is_ours_alone)
def handed_route_applied(node: ast.Call, context: Context) -> Rows:
    """
    Each route whose decorator is called by hand on what a function is handed, in files that import no framework.

    >>> rows(handed_route_applied, "def wire(app):\\n    app.route('/x')(show)\\n    app.route('/y')")
    RouteDeclaration(framework='', method='GET', pattern='/x', handler='show', router='app', router_name='m.wire.app', handler_name=None, endpoint=None, kind='added')
    """
    yield from _applied(node, context)


def _applied(node: ast.Call, context: Context) -> Rows:
    outer = getattr(context.statement, "value", None)
    if not isinstance(outer, ast.Call) or outer.func is not node or len(outer.args) != 1:
        return
    for whole in unrolled(outer, context):
        call = whole.func
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            framework, word = framework_of(call.func.value, context), call.func.attr
            path = pattern(call, context)
            if framework in ("", *DECORATING) and (
                path is None or path.startswith("/")
            ):  # `app.config.get("MAKE", f)(app)`
                words = [word.upper()] if word in VERBS else methods(call, context, "GET")
                yield from declarations(framework, words, path, whole.args[0], call, context, "added")

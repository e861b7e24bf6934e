"""Routes of Flask and Quart."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.web.patterns import angle_captures
from schema.web import RouteDeclaration, RouteParameter

_VERBS = ("get", "post", "put", "patch", "delete")
_ROUTERS = ("flask.", "quart.", "flask_smorest.", "flask_openapi3.", "apiflask.")


def _methods(call: ast.Call, context: Context, default: str) -> list[str]:
    """One word per HTTP method; the default when none is given, * when they aren't constant."""
    given = context.keyword(call, "methods")
    if given is None:
        return [default]
    value = context.constant(given)
    if not isinstance(value, tuple):
        return ["*"]
    return list(dict.fromkeys(str(method).upper() for method in value)) or [default]


def _is_router(func: ast.expr, context: Context) -> bool:
    """Whether the receiver can be an application or blueprint: exactly known, or not known to be anything else."""
    name = context.name(func)
    root = context.name(func.value) if isinstance(func, ast.Attribute) else ""
    return (
        name.startswith(_ROUTERS)
        or not root
        or root.partition(".")[0] == context.module.partition(".")[0]
        or "." in root
    )


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, when=("flask", "quart", "flask_smorest"))
def route_decorated(node: ast.FunctionDef, context: Context) -> Iterator[At]:
    """
    Each method of a route declared by decorator.

    >>> rows(route_decorated, "from flask import Flask\\napp = Flask('a')\\n@app.route('/u/<int:id>', methods=['GET', 'POST'])\\ndef user(id): ...")
    RouteDeclaration(framework='flask', method='GET', pattern='/u/<int:id>', handler='user', router='app', endpoint=None, kind='decorated')
    RouteDeclaration(framework='flask', method='POST', pattern='/u/<int:id>', handler='user', router='app', endpoint=None, kind='decorated')
    RouteParameter(name='id', converter='int', regex=None, position=0)
    """
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
            continue
        word = decorator.func.attr
        if word not in {"route", "websocket", *_VERBS} or not _is_router(decorator.func, context):
            continue
        pattern = context.string(context.keyword(decorator, "rule", 0))
        if word != "route" and not (pattern or "/").startswith("/"):
            continue
        methods = [word.upper()] if word in _VERBS else _methods(decorator, context, "GET")
        router = context.text(decorator.func.value) or None
        endpoint = context.string(context.keyword(decorator, "endpoint"))
        framework = "quart" if "quart" in context.imports and "flask" not in context.imports else "flask"
        kind = "websocket" if word == "websocket" else "decorated"
        for method in methods:
            yield At(decorator, RouteDeclaration(framework, method, pattern, node.name, router, endpoint, kind))
        yield from (At(decorator, capture) for capture in angle_captures(pattern or ""))


@extracts(ast.Call, callee={"add_url_rule"}, when=("flask", "quart"))
def route_added(node: ast.Call, context: Context) -> Iterator[RouteDeclaration | RouteParameter]:
    """
    Each method of a route declared by `add_url_rule`.

    >>> rows(route_added, "import flask\\napp.add_url_rule('/x', view_func=X.as_view('x'), methods=['PUT'])")
    RouteDeclaration(framework='flask', method='PUT', pattern='/x', handler='X', router='app', endpoint=None, kind='added')
    """
    view = context.keyword(node, "view_func", 2)
    if isinstance(view, ast.Call) and isinstance(view.func, ast.Attribute) and view.func.attr == "as_view":
        view = view.func.value
    pattern = context.string(context.keyword(node, "rule", 0))
    endpoint = context.string(context.keyword(node, "endpoint", 1))
    router = context.text(node.func.value) or None if isinstance(node.func, ast.Attribute) else None
    framework = "quart" if "quart" in context.imports and "flask" not in context.imports else "flask"
    for method in _methods(node, context, "GET"):
        yield RouteDeclaration(
            framework, method, pattern, context.text(view) or context.source(view), router, endpoint, "added"
        )
    yield from angle_captures(pattern or "")

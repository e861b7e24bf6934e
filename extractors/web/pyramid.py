"""Routes, views and parts that Pyramid is configured with."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from extractors.context import Context
from extractors.registry import extracts
from extractors.rounds import unrolled
from extractors.web.added import Rows, target
from extractors.web.decorated import traversed
from extractors.web.patterns import captures
from extractors.web.routers import prefix_of
from schema.web import RouteDeclaration, RouterMount


def is_configured(context: Context) -> bool:
    """Whether a file can configure Pyramid: it imports it, or has the function that `config.include` looks for."""
    return "pyramid" in context.imports or "includeme" in context.survey.scopes[0].bindings


@extracts(ast.Call, callee={"add_route", "add_view"}, only=is_configured)
def pyramid_configured(node: ast.Call, context: Context) -> Rows:
    """
    Each route, and each view, that a configurator is told.

    >>> rows(pyramid_configured, "def includeme(config):\\n    config.add_route('cart', '/cart')\\n    config.add_view('shop.cart', route_name='cart', request_method=('GET', 'PUT'))")
    RouteDeclaration(framework='pyramid', method='*', pattern='/cart', handler='', router='config', router_name='m.includeme', handler_name=None, endpoint='cart', kind='route')
    RouteDeclaration(framework='pyramid', method='GET', pattern=None, handler='shop.cart', router='config', router_name=None, handler_name='shop.cart', endpoint='cart', kind='added')
    RouteDeclaration(framework='pyramid', method='PUT', pattern=None, handler='shop.cart', router='config', router_name=None, handler_name='shop.cart', endpoint='cart', kind='added')
    """
    func = node.func
    if isinstance(func, ast.Attribute) and _is_configurator(func.value, context):
        for call in unrolled(node, context):
            yield from _route(call, context) if func.attr == "add_route" else _view(call, context)


def _is_configurator(node: ast.expr, context: Context) -> bool:
    return context.text(node).rpartition(".")[2] in {"config", "configurator"}


def _route(node: ast.Call, context: Context) -> Rows:
    name = context.string(context.keyword(node, "name", 0))
    path = context.string(context.keyword(node, "pattern", 1))
    # the function is what `include` names
    yield RouteDeclaration("pyramid", "*", path, "", "config", context.scope.name or None, None, name, "route")
    yield from captures("pyramid", path)


def _view(node: ast.Call, context: Context) -> Rows:
    handler, exact = target(context.keyword(node, "view", 0), context)
    route = context.string(context.keyword(node, "route_name"))
    path = traversed(node, context) if context.keyword(node, "route_name") is None else None
    given = context.keyword(node, "request_method")
    known = context.constant(given) if given is not None else "*"
    for word in known if isinstance(known, tuple) else (known,):
        method = word if isinstance(word, str) else "*"
        yield RouteDeclaration("pyramid", method, path, handler, "config", None, exact, route, "added")


@extracts(ast.Call, callee={"include"}, only=is_configured)
def pyramid_include(node: ast.Call, context: Context) -> Iterator[RouterMount]:
    """
    Each function of configuration that is taken in, with its prefix; of a module it is `includeme`.

    >>> rows(pyramid_include, "import pyramid\\nfrom shop import api\\ndef main(config):\\n    config.include(api, route_prefix='/v1')\\n    config.include('.views')", module="shop.main")
    RouterMount(framework='pyramid', parent='shop.main.main', child='shop.api', prefix='/v1', kind='include')
    RouterMount(framework='pyramid', parent='shop.main.main', child='shop.views', prefix='', kind='include')
    """
    given = context.keyword(node, "callable", 0)
    text = context.string(given)
    if not isinstance(node.func, ast.Attribute) or given is None:
        return
    package = context.module if context.is_package else context.module.rpartition(".")[0]
    child = f"{package}{text}" if text and text.startswith(".") else text or context.identity(given)
    if child and context.text(node.func.value).rpartition(".")[2] in {"config", "configurator"}:
        prefix = prefix_of(node, "route_prefix", context, 1)
        yield RouterMount("pyramid", context.scope.name or None, child, prefix, "include")

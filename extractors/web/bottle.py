"""Plugins of Bottle, and what its handlers are wrapped in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.web.frameworks import framework_of
from schema.web import RouterMount
from schema.webextras import BottlePlugin

_VIEWS: Final = frozenset(f"bottle.{name}" for name in ("view", "jinja2_view", "mako_view", "cheetah_view"))
_KINDS: Final = {"install": "installed", "uninstall": "uninstalled"}
_ARGUMENTS: Final = {"apply": "applied", "skip": "skipped"}


def _plugin(node: ast.expr, context: Context) -> str:
    func = node.func if isinstance(node, ast.Call) else node
    value = context.constant(node)
    return str(value) if isinstance(value, (str, bool)) else context.name(func) or context.source(func, 80)


@extracts(ast.Call, callee={*_KINDS, "merge"}, when="bottle")
def bottle_plugin(node: ast.Call, context: Context) -> Iterator[BottlePlugin | RouterMount]:
    """
    Each plugin put on an application, and each application whose routes are taken over.

    >>> rows(bottle_plugin, "import bottle\\napp = bottle.Bottle()\\napp.install(Timer())\\napp.merge(other)")
    BottlePlugin(name='Timer', kind='installed', target='app')
    RouterMount(framework='bottle', parent='m.app', child='other', prefix='', kind='include')
    """
    func: Any = node.func
    if not node.args:
        return
    if isinstance(func, ast.Attribute):
        if (
            context.name(func) not in {"bottle.install", "bottle.uninstall"}
            and framework_of(func.value, context) != "bottle"
        ):
            return
        word, target = func.attr, context.text(func.value) or None
    else:
        word, target = context.name(func).rpartition(".")[2], None
    if word == "merge" and isinstance(func, ast.Attribute):
        given = node.args[0].value if isinstance(node.args[0], ast.Attribute) else node.args[0]
        child = context.identity(given) or context.text(given)
        yield RouterMount("bottle", context.identity(func.value) or None, child, "", "include")
    elif word in _KINDS:
        yield BottlePlugin(_plugin(node.args[0], context), _KINDS[word], target)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when="bottle", decorated=True)
def bottle_wrapped(node: Any, context: Context) -> Iterator[At]:
    """
    Each template around a handler, and each plugin that a route asks for or leaves out.

    >>> rows(bottle_wrapped, "import bottle\\n@bottle.route('/', apply=[auth], skip=['json'])\\n@bottle.view('home')\\ndef home(): ...")
    BottlePlugin(name='auth', kind='applied', target='home')
    BottlePlugin(name='json', kind='skipped', target='home')
    BottlePlugin(name='home', kind='view', target='home')
    """
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        if context.name(decorator.func) in _VIEWS and decorator.args:
            yield At(decorator, BottlePlugin(_plugin(decorator.args[0], context), "view", node.name))
            continue
        for word, kind in _ARGUMENTS.items():
            given = context.keyword(decorator, word)
            for item in (
                given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given] if given is not None else []
            ):
                yield At(decorator, BottlePlugin(_plugin(item, context), kind, node.name))

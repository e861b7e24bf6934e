"""Routers of modules that are imported by a name made at run time: one by one in a loop, or all of a package."""

from __future__ import annotations

import ast
from typing import Final

from extractors.context import Context
from extractors.rounds import Values, put

_IMPORT: Final = "importlib.import_module"
_SOME: Final = "*"
"""A part of a module's name that isn't known."""
_DEPTH: Final = 6


def loaded(node: ast.expr, values: Values, context: Context) -> str:
    """
    The dotted name of what is taken from a module that a call imports; `*` for what isn't known of it, "" for anything else.

    >>> taken("import importlib\\nfor n in x:\\n    m = importlib.import_module(f'shop.{n}.views')\\n    f(m.bp)")
    'shop.*.views.bp'
    >>> taken("from importlib import import_module\\nf(getattr(import_module('.a', package=__name__), 'bp'))"), taken("f(m.bp)")
    ('m.a.bp', '')
    """
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "getattr"
        and len(node.args) > 1
    ):
        owner, word = node.args[0], context.string(node.args[1])
    elif isinstance(node, ast.Attribute):
        owner, word = node.value, node.attr
    else:
        return ""
    made = context.binding(owner.id) if isinstance(owner, ast.Name) else owner
    if not word or not isinstance(made, ast.Call) or context.name(made.func) != _IMPORT:
        return ""
    module = _text(context.keyword(made, "name", 0), values, context)
    if module.startswith("."):
        package = context.keyword(made, "package", 1)
        module = (_text(package, values, context) if package is not None else context.module) + module
    return f"{module}.{word}" if module.strip("*.") else ""


def _text(node: ast.expr | None, values: Values, context: Context, depth: int = 0) -> str:
    """What is known of a module's name."""
    if node is None or depth > _DEPTH:
        return _SOME
    known = context.string(put(node, values))
    if known is not None:
        return known
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.FormattedValue) else part for part in node.values]
        return "".join(_text(part, values, context, depth + 1) for part in parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left, values, context, depth + 1) + _text(node.right, values, context, depth + 1)
    if isinstance(node, ast.Name):
        if node.id in {"__name__", "__package__"}:
            is_own = node.id == "__name__" or context.is_package
            return context.module if is_own else context.module.rpartition(".")[0]
        return _text(values[node.id], {}, context, depth + 1) if node.id in values else _SOME
    if isinstance(node, ast.Attribute) and node.attr in {"__name__", "__package__"}:
        return context.identity(node.value) or _SOME
    return _SOME


def taken(source: str) -> str:
    """What the last call of a module, in its loops, is given: for the examples here."""
    from extractors.rounds import rounds
    from extractors.survey import Surveyor

    tree = ast.parse(source)
    context = Context(source.encode(), tree, Surveyor("m", True).survey(tree), "m.py", "m", True)
    statement = tree.body[-1]
    inner = statement.body[-1] if isinstance(statement, ast.For) else statement
    call = inner.value if isinstance(inner, ast.Expr) else None
    return loaded(call.args[0], rounds(call, context)[0], context) if isinstance(call, ast.Call) else ""

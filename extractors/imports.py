"""Imports, one row for each name they bind."""

from __future__ import annotations

import ast

from extractors.context import Context
from extractors.registry import extracts
from extractors.survey import absolute
from schema.imports import Import


@extracts(ast.Import, ast.ImportFrom)
def imported(node: ast.Import | ast.ImportFrom, context: Context) -> tuple[()]:
    """
    Each name bound by an import, the module absolute.

    >>> rows(imported, "import a.b as c, d\\nfrom .x import y as z, w", module="p.m")
    Import(module='a.b', name=None, alias='c', level=0, is_star=False, is_type_only=False, is_conditional=False, is_lazy=False)
    Import(module='d', name=None, alias=None, level=0, is_star=False, is_type_only=False, is_conditional=False, is_lazy=False)
    Import(module='p.x', name='y', alias='z', level=1, is_star=False, is_type_only=False, is_conditional=False, is_lazy=False)
    Import(module='p.x', name='w', alias=None, level=1, is_star=False, is_type_only=False, is_conditional=False, is_lazy=False)
    """
    level, source = 0, None
    if isinstance(node, ast.ImportFrom):
        level = node.level
        source = absolute(context.module, context.is_package, level, node.module) if level else node.module or ""
    guard = context.guard(node)
    is_type_only, is_conditional = guard == "type_checking", guard == "conditional"
    is_lazy = context.scope.kind == "function" or bool(getattr(node, "is_lazy", 0))
    for alias in node.names:
        name = alias.name
        module, imported_name = (name, None) if source is None else (source, name)
        flags = (name == "*", is_type_only, is_conditional, is_lazy)
        context.put(Import, alias, (module, imported_name, alias.asname, level, *flags))
    return ()

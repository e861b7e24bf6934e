"""Imports, one row for each name they bind."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.survey import absolute
from schema.imports import Import


@extracts(ast.Import, ast.ImportFrom)
def imported(node: ast.Import | ast.ImportFrom, context: Context) -> Iterator[At]:
    """
    Each name bound by an import, the module absolute.

    >>> rows(imported, "import a.b as c, d\\nfrom .x import y as z, w", module="p.m")
    Import(module='a.b', name=None, alias='c', level=0, is_star=False, is_type_only=False, is_conditional=False, is_lazy=False)
    Import(module='d', name=None, alias=None, level=0, is_star=False, is_type_only=False, is_conditional=False, is_lazy=False)
    Import(module='p.x', name='y', alias='z', level=1, is_star=False, is_type_only=False, is_conditional=False, is_lazy=False)
    Import(module='p.x', name='w', alias=None, level=1, is_star=False, is_type_only=False, is_conditional=False, is_lazy=False)
    """
    level = node.level if isinstance(node, ast.ImportFrom) else 0
    source = (
        absolute(context.module, context.is_package, level, node.module) if isinstance(node, ast.ImportFrom) else None
    )
    guard = context.guard(node)
    for alias in node.names:
        row = Import(
            module=alias.name if source is None else source,
            name=None if source is None else alias.name,
            alias=alias.asname,
            level=level,
            is_star=alias.name == "*",
            is_type_only=guard == "type_checking",
            is_conditional=guard == "conditional",
            is_lazy=context.scope.kind == "function" or bool(getattr(node, "is_lazy", 0)),
        )
        yield At(alias, row)

"""What names, attributes and items are bound to, by any statement that binds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from extractors.context import At, Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.shapes import shape
from schema.assignments import Assignment

_KINDS: dict[type[ast.AST], str] = {ast.Attribute: "attribute", ast.Subscript: "subscript", ast.Starred: "starred"}
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+=",
    ast.Sub: "-=",
    ast.Mult: "*=",
    ast.BitOr: "|=",
    ast.BitAnd: "&=",
    ast.Mod: "%=",
}
_LITERAL_LIMIT = 64


def targets(
    target: ast.expr, value: ast.expr | None, position: int | None
) -> Iterator[tuple[ast.expr, ast.expr | None, int | None]]:
    """Each single target of an unpacking, with its own value where the value is written out."""
    if not isinstance(target, (ast.Tuple, ast.List)):
        yield target, value, position
        return
    written = isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts)
    plain = written and not any(isinstance(part, ast.Starred) for part in (*target.elts, *value.elts))  # type: ignore[union-attr]  # written
    for index, part in enumerate(target.elts[:_LITERAL_LIMIT]):
        own = value.elts[index] if plain else value  # type: ignore[union-attr]  # plain implies written
        yield from targets(
            part, own, None if plain and position is None else -1 if isinstance(part, ast.Starred) else index
        )


def _bound(target: ast.expr, operator: str, value: ast.expr | None, context: Context) -> Iterator[At]:
    kind = target.__class__
    plain = kind is not ast.Tuple and kind is not ast.List
    for part, own, position in [(target, value, None)] if plain else targets(target, value, None):
        constant = NOT_CONSTANT if own is None or position is not None else context.constant(own)
        yield At(
            part,
            Assignment(
                context.source(part),
                _KINDS.get(part.__class__, "name"),
                operator,
                position,
                context.source(own) or None,
                constant_text(constant),
                type(constant).__name__ if constant is not NOT_CONSTANT else None if own is None else shape(own),
                (context.name(own.func) or None) if isinstance(own, ast.Call) else None,
            ),
        )


@extracts(ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)
def assignment(node: Any, context: Context) -> Iterator[At]:
    """
    Each target of an assignment.

    >>> rows(assignment, "a = b.c = 1\\nx, *y = f()\\nn: int = 2\\nn += 3")
    Assignment(target='a', target_kind='name', operator='=', position=None, value_source='1', value_constant='1', value_type='int', value_callee=None)
    Assignment(target='b.c', target_kind='attribute', operator='=', position=None, value_source='1', value_constant='1', value_type='int', value_callee=None)
    Assignment(target='x', target_kind='name', operator='=', position=0, value_source='f()', value_constant=None, value_type='call', value_callee=None)
    Assignment(target='*y', target_kind='starred', operator='=', position=-1, value_source='f()', value_constant=None, value_type='call', value_callee=None)
    Assignment(target='n', target_kind='name', operator=':', position=None, value_source='2', value_constant='2', value_type='int', value_callee=None)
    Assignment(target='n', target_kind='name', operator='+=', position=None, value_source='3', value_constant='3', value_type='int', value_callee=None)
    """
    if node.__class__ is ast.Assign:
        for target in node.targets:
            yield from _bound(target, "=", node.value, context)
    else:
        words = {ast.AnnAssign: ":", ast.NamedExpr: ":="}
        operator = words.get(node.__class__) or _OPERATORS.get(node.op.__class__, "op=")
        yield from _bound(node.target, operator, node.value, context)


@extracts(ast.For, ast.AsyncFor, ast.withitem, ast.ExceptHandler)
def bound_by_statement(node: Any, context: Context) -> Iterator[At]:
    """
    Each target of a loop, a with and an except.

    >>> rows(bound_by_statement, "for k, v in d.items(): ...\\nwith open(p) as f: ...")
    Assignment(target='k', target_kind='name', operator='for', position=0, value_source='d.items()', value_constant=None, value_type='call', value_callee=None)
    Assignment(target='v', target_kind='name', operator='for', position=1, value_source='d.items()', value_constant=None, value_type='call', value_callee=None)
    Assignment(target='f', target_kind='name', operator='with', position=None, value_source='open(p)', value_constant=None, value_type='call', value_callee='open')
    """
    if node.__class__ is ast.withitem:
        if node.optional_vars is not None:
            yield from _bound(node.optional_vars, "with", node.context_expr, context)
    elif node.__class__ is ast.ExceptHandler:
        if node.name:
            row = Assignment(node.name, "name", "except", None, context.source(node.type) or None, None, "name", None)
            yield At(node, row)
    else:
        yield from _bound(node.target, "for", node.iter, context)

"""What names, attributes and items are bound to, by any statement that binds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from extractors.context import At, Context, constant_text
from extractors.fold import FOLDABLE, NOT_CONSTANT
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
_WORDS: dict[type[ast.AST], str] = {ast.AnnAssign: ":", ast.NamedExpr: ":="}
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


def _bound(target: ast.expr, operator: str, value: ast.expr | None, context: Context) -> None:
    """Store a row for each single target: right away, as plain tuples, because there are so many."""
    of = target.__class__
    into = context.into(Assignment)
    if of is not ast.Tuple and of is not ast.List:
        kind = "name" if of is ast.Name else _KINDS.get(of, "name")
        # before the value: sites are numbered in the order they are mentioned
        row = (context.site(target), context.written(target), kind, operator, None)
        into.append(row + _value(value, None, context))  # half the price of unpacking both
        return
    for part, own, position in targets(target, value, None):
        kind = _KINDS.get(part.__class__, "name")
        site = context.site(part)
        into.append((site, context.source(part), kind, operator, position, *_value(own, position, context)))


def _value(
    value: ast.expr | None, position: int | None, context: Context
) -> tuple[str | None, str | None, str | None, str | None]:
    """The columns of an Assignment from `value_source` on."""
    if value is None:
        return None, None, None, None
    of: type[ast.AST] = value.__class__
    callee = (context.name(value.func) or None) if of is ast.Call else None  # type: ignore[attr-defined]  # a call
    constant = NOT_CONSTANT if position is not None or of not in FOLDABLE else context.constant(value)
    if constant is NOT_CONSTANT:
        return context.written(value) or None, None, shape(value), callee
    return context.written(value) or None, constant_text(constant), constant.__class__.__name__, callee


@extracts(ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)
def assignment(node: Any, context: Context) -> tuple[()]:
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
            _bound(target, "=", node.value, context)
    else:
        operator = _WORDS.get(node.__class__) or _OPERATORS.get(node.op.__class__, "op=")
        _bound(node.target, operator, node.value, context)
    return ()


@extracts(ast.For, ast.AsyncFor, ast.comprehension, ast.withitem, ast.ExceptHandler)
def bound_by_statement(node: Any, context: Context) -> Iterator[At]:
    """
    Each target of a loop, a comprehension, a with and an except.

    >>> rows(bound_by_statement, "for k, v in d.items(): ...\\nwith open(p) as f: ...\\n[x for x in y]")
    Assignment(target='k', target_kind='name', operator='for', position=0, value_source='d.items()', value_constant=None, value_type='call', value_callee=None)
    Assignment(target='v', target_kind='name', operator='for', position=1, value_source='d.items()', value_constant=None, value_type='call', value_callee=None)
    Assignment(target='f', target_kind='name', operator='with', position=None, value_source='open(p)', value_constant=None, value_type='call', value_callee='open')
    Assignment(target='x', target_kind='name', operator='for', position=None, value_source='y', value_constant=None, value_type='name', value_callee=None)
    """
    if node.__class__ is ast.withitem:
        if node.optional_vars is not None:
            _bound(node.optional_vars, "with", node.context_expr, context)
    elif node.__class__ is ast.ExceptHandler:
        if node.name:
            row = Assignment(node.name, "name", "except", None, context.source(node.type) or None, None, "name", None)
            yield At(node, row)
    else:
        _bound(node.target, "for", node.iter, context)


@extracts(ast.MatchAs, ast.MatchStar, ast.MatchMapping)
def captured(node: Any, context: Context) -> Iterator[Assignment]:
    """
    Each name that a case captures; what it holds is a part of the subject.

    >>> rows(captured, "match m:\\n    case {'a': a, **rest} | [a, *rest]: ...\\n    case P() as p: ...\\n    case _: ...")
    Assignment(target='rest', target_kind='name', operator='match', position=None, value_source=None, value_constant=None, value_type=None, value_callee=None)
    Assignment(target='a', target_kind='name', operator='match', position=None, value_source=None, value_constant=None, value_type=None, value_callee=None)
    Assignment(target='a', target_kind='name', operator='match', position=None, value_source=None, value_constant=None, value_type=None, value_callee=None)
    Assignment(target='*rest', target_kind='starred', operator='match', position=-1, value_source=None, value_constant=None, value_type=None, value_callee=None)
    Assignment(target='p', target_kind='name', operator='match', position=None, value_source=None, value_constant=None, value_type=None, value_callee=None)
    """
    name = node.rest if node.__class__ is ast.MatchMapping else node.name
    if name is None:
        return
    is_star = node.__class__ is ast.MatchStar
    kind = "starred" if is_star else "name"
    yield Assignment("*" + name if is_star else name, kind, "match", -1 if is_star else None, None, None, None, None)

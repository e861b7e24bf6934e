"""Strings that are put together from parts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from extractors.context import CUT, Context
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.shapes import chain, operands, shape
from schema.strings import StringBuild


def built(node: ast.AST, context: Context) -> tuple[str, str, int] | None:
    """
    How a string is put together, its constant text with {} for each hole, and the number of holes.

    None for anything that is not a string put together from parts, and for one that is constant after all.
    """
    kind = shape(node)
    parts = _PARTS[kind](node, context) if kind in _PARTS else None
    if parts is None:
        return None
    holes = sum(part is None for part in parts)
    return (kind, "".join("{}" if part is None else part for part in parts)[:CUT], holes) if holes else None


def _text(node: ast.AST, context: Context) -> str | None:
    value = context.constant(node)
    return value if isinstance(value, str) else value.decode("latin-1") if isinstance(value, bytes) else None


def _fstring(node: Any, context: Context) -> list[str | None]:
    return [_text(part if isinstance(part, ast.Constant) else part.value, context) for part in node.values]


def _concat(node: Any, context: Context) -> list[str | None]:
    return [_text(part, context) for part in operands(node)]


def _percent(node: Any, context: Context) -> list[str | None]:
    text = _text(node.left, context)
    if text is None:
        return [None]
    if context.constant(node) is not NOT_CONSTANT:
        return [text]
    pieces = text.replace("%%", "\0").split("%")
    # after each % comes a conversion: drop up to its letter
    return _between([pieces[0], *(piece.lstrip("0123456789.-+# ")[1:] for piece in pieces[1:])])


def _between(pieces: list[str]) -> list[str | None]:
    parts: list[str | None] = []
    for piece in pieces:
        parts += [piece.replace("\0", "%"), None]
    return parts[:-1]


def _format(node: Any, context: Context) -> list[str | None]:
    text = _text(node.func.value, context)
    if text is None or context.constant(node) is not NOT_CONSTANT:
        return [text]
    pieces = text.replace("{{", "\0").replace("}}", "\0").split("{")
    return _between([pieces[0], *(piece.partition("}")[2] for piece in pieces[1:])])


def _join(node: Any, context: Context) -> list[str | None]:
    constant = _text(node, context)
    return [constant] if constant is not None else [None]


_PARTS = {
    "fstring": _fstring,
    "concat": _concat,
    "percent": _percent,
    "format": _format,
    "join": _join,
    "template": _fstring,
}


@extracts(ast.JoinedStr, ast.BinOp, ast.Call, callee={"format", "join"})
def string_build(node: ast.AST, context: Context) -> Iterator[StringBuild]:
    """
    Each string built from parts that aren't all constant.

    >>> rows(string_build, "f'a{x}b'; 'SELECT %s' % y; '{}-{}'.format(1, z); 'n=' + n + '!'; ','.join(w); 'a' + 'b'")
    StringBuild(construction='fstring', text='a{}b', holes=1)
    StringBuild(construction='percent', text='SELECT {}', holes=1)
    StringBuild(construction='format', text='{}-{}', holes=2)
    StringBuild(construction='concat', text='n={}!', holes=1)
    StringBuild(construction='join', text='{}', holes=1)
    """
    if node in context.absorbed:
        return
    if isinstance(node, ast.BinOp):
        context.absorbed.update(chain(node))
    found = built(node, context)
    if found:
        yield StringBuild(*found)

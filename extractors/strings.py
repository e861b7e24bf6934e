"""Strings that are put together from parts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from extractors.context import CUT, At, Context
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.shapes import chain, operands, shape
from schema.strings import JoinedText, StringBuild


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


_LEAST: Final = 3  #: elements from which a list is a list, and two texts in one of them a slip
_JOINED: Final = re.compile(r"[\"']\s*(?:#[^\n]*)?\n\s*[rbuRBU]{0,2}[\"']")


@extracts(ast.List, ast.Tuple, ast.Set)
def joined_text(node: Any, context: Context) -> Iterable[At]:
    """
    Each element that is two texts on two lines with no comma between, where the others are one text each.

    >>> rows(joined_text, "ALLOWED = [\\n 'a.io',\\n 'b.io'\\n 'c.io',\\n 'd.io']")
    JoinedText(owner='ALLOWED', text='b.ioc.io', elements=3)
    """
    elements = node.elts
    if len(elements) < _LEAST or elements[0].__class__ is not ast.Constant or elements[-1].lineno == elements[0].lineno:
        return ()
    return _joined(node, elements, context)


def _joined(node: Any, elements: list[Any], context: Context) -> Iterator[At]:
    if not all([item.__class__ is ast.Constant and isinstance(item.value, str) for item in elements]):
        return
    long = [item for item in elements if item.end_lineno != item.lineno and _JOINED.search(context.source(item))]
    if len(long) == 1 and " " not in long[0].value.strip():
        item = long[0]
        before = context.source_bytes.split(b"\n")[item.lineno - 1][: item.col_offset].rstrip()
        if not before.endswith(b"(") or (before.count(b"(") == 1 and node.lineno == item.lineno):
            yield At(item, JoinedText(context.variable(node), item.value[:CUT], len(elements)))

"""Tests inside texts: doctest examples, and comments that take code out of a measure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import CUT, At, Context
from extractors.registry import extracts
from schema.testing import CoveragePragma, Doctest

_CONTINUED: Final = re.compile(r"\s*\.\.\.(?: |\s*$)")
_OPTIONS: Final = re.compile(r"#\s*doctest:\s*([^\n\"']*)")


def _examples(text: str) -> Iterator[tuple[str, bool]]:
    """Source and whether output is expected, of each `>>>` in a docstring."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number].lstrip()
        number += 1
        if not line.startswith(">>> "):
            continue
        source = [line[4:]]
        while number < len(lines) and _CONTINUED.match(lines[number]):
            source.append(lines[number].lstrip()[4:])
            number += 1
        following = lines[number].strip() if number < len(lines) else ""
        yield "\n".join(source), bool(following) and not following.startswith(">>>")


def _has_examples(context: Context) -> bool:
    return b">>> " in context.source_bytes


@extracts(ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, only=_has_examples)
def doctest(node: Any, context: Context) -> Iterator[At]:
    """
    Each example of a docstring.

    >>> rows(doctest, "def f():\\n    \\"\\"\\"\\n    >>> f(  # doctest: +SKIP\\n    ... )\\n    1\\n    >>> g()\\n    \\"\\"\\"")
    Doctest(owner='m.f', source='f(  # doctest: +SKIP\\n)', has_expected=True, options='+SKIP')
    Doctest(owner='m.f', source='g()', has_expected=False, options=None)
    """
    first = node.body[0] if node.body else None
    if first.__class__ is not ast.Expr or first.value.__class__ is not ast.Constant:
        return
    text = first.value.value
    if text.__class__ is not str or ">>> " not in text:
        return
    owner = context.module if node.__class__ is ast.Module else f"{context.scope.name}.{node.name}"
    for source, has_expected in _examples(text):
        options = sorted({word for found in _OPTIONS.findall(source) for word in re.split(r"[\s,]+", found) if word})
        yield At(first.value, Doctest(owner, source[:CUT], has_expected, " ".join(options) or None))


_PRAGMA: Final = re.compile(
    rb"#[ \t]*(?:(?P<cover>pragma:[ \t]*no[ \t]*cover)|(?P<branch>pragma:[ \t]*no[ \t]*branch)|(?P<type>type:[ \t]*ignore\b)"
    rb"|(?P<pylint>pylint:[ \t]*disable(?:-next)?=)|(?P<pyright>pyright:[ \t]*ignore\b)|(?P<fmt>fmt:[ \t]*(?:off|skip)\b)"
    rb"|(?P<isort>isort:[ \t]*(?:skip_file|skip|off)\b))(?P<reason>[^\n#]*)",
    re.IGNORECASE,
)
_NAMES: Final = {"cover": "no-cover", "branch": "no-branch", "type": "type-ignore"}


@extracts(ast.Module)
def coverage_pragma(node: ast.Module, context: Context) -> Iterator[CoveragePragma]:
    """
    Each comment that takes code out of a measure or a check; in a string it is none.

    >>> rows(coverage_pragma, "if x:  # pragma: no cover\\n    y = 1  # type: ignore[attr-defined]\\nz = '# pragma: no cover'")
    CoveragePragma(kind='no-cover', reason=None, at_line=1)
    CoveragePragma(kind='type-ignore', reason='attr-defined', at_line=2)
    """
    source = context.source_bytes
    spans: list[tuple[tuple[int, int], tuple[int, int]]] | None = None
    for found in _PRAGMA.finditer(source):
        if spans is None:
            spans = [
                ((text.lineno, text.col_offset), (text.end_lineno or 0, text.end_col_offset or 0))
                for text in context.survey.strings
            ]
        line = source.count(b"\n", 0, found.start()) + 1
        column = found.start() - source.rfind(b"\n", 0, found.start()) - 1
        if any(start <= (line, column) < end for start, end in spans):
            continue
        kind = next(name for name in ("cover", "branch", "type", "pylint", "pyright", "fmt", "isort") if found[name])
        reason = found["reason"].decode("utf-8", "replace").strip(" \t:-[]") or None
        yield CoveragePragma(_NAMES.get(kind, kind), reason, line)

"""Annotations: what the program says its values are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import CUT, At, Context
from extractors.functions import all_arguments
from extractors.registry import extracts
from schema.names import Annotation

_TYPING: Final = ("typing.", "typing_extensions.")
_TRANSPARENT: Final = frozenset(
    "Annotated ClassVar Final Optional Required NotRequired ReadOnly InitVar Unpack".split()
)


def parsed(annotation: ast.expr) -> ast.expr:
    """The expression a forward reference spells; the annotation itself when it is none."""
    if not isinstance(annotation, ast.Constant) or not isinstance(annotation.value, str):
        return annotation
    try:
        return ast.parse(annotation.value[: 4 * CUT].strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return annotation


def is_typing(name: str, *words: str) -> bool:
    """Whether an exact name is one of these of `typing` or `typing_extensions`."""
    return name.startswith(_TYPING) and name.rpartition(".")[2] in words


def unwrapped(annotation: ast.expr, context: Context) -> tuple[ast.expr, bool]:
    """The annotation without Optional, `| None`, Annotated and their like, and whether None is allowed."""
    optional = False
    for _ in range(12):
        annotation = parsed(annotation)
        if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
            kept = [side for side in (annotation.left, annotation.right) if not _is_none(side)]
            optional = optional or len(kept) < 2
            if len(kept) != 1:
                return annotation, optional
            annotation = kept[0]
            continue
        if not isinstance(annotation, ast.Subscript):
            break
        name = context.name(annotation.value)
        word = name.rpartition(".")[2]
        inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        if is_typing(name, "Union"):
            kept = [side for side in inner if not _is_none(side)]
            optional = optional or len(kept) < len(inner)
            if len(kept) != 1:
                return annotation, optional
            annotation = kept[0]
        elif word in _TRANSPARENT and name.startswith((*_TYPING, "dataclasses.")) and inner:
            optional = optional or word == "Optional"
            annotation = inner[0]
        else:
            break
    return annotation, optional


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _annotation(symbol: str, kind: str, node: ast.expr, context: Context) -> At:
    if node.__class__ is ast.Name:  # most are plain names: what is below would say the same, slower
        base = context.name(node)
        return At(node, Annotation(symbol, kind, node.id, base, is_typing(base, "Any"), False, False))
    inner, optional = unwrapped(node, context)
    head = inner.value if isinstance(inner, ast.Subscript) else inner
    base = context.name(head)
    generic = isinstance(inner, ast.Subscript)
    return At(node, Annotation(symbol, kind, context.source(node), base, is_typing(base, "Any"), optional, generic))


@extracts(ast.FunctionDef, ast.AsyncFunctionDef)
def signature_annotation(node: Any, context: Context) -> list[At]:
    """
    Each annotation of a signature.

    >>> rows(signature_annotation, "import typing as t\\ndef f(a: 'dict[str, list[int]] | None', *b: t.Any) -> t.Annotated[int, 1]: ...")
    Annotation(symbol='a', symbol_kind='parameter', annotation="'dict[str, list[int]] | None'", base='dict', is_any=False, is_optional=True, is_generic=True)
    Annotation(symbol='b', symbol_kind='parameter', annotation='t.Any', base='typing.Any', is_any=True, is_optional=False, is_generic=False)
    Annotation(symbol='f', symbol_kind='return', annotation='t.Annotated[int, 1]', base='int', is_any=False, is_optional=False, is_generic=False)
    """
    found = [
        _annotation(argument.arg, "parameter", argument.annotation, context)
        for argument in all_arguments(node.args)
        if argument.annotation is not None
    ]
    if node.returns is not None:
        found.append(_annotation(node.name, "return", node.returns, context))
    return found


@extracts(ast.AnnAssign)
def variable_annotation(node: ast.AnnAssign, context: Context) -> Iterator[At]:
    """
    Each annotation of a variable or attribute.

    >>> rows(variable_annotation, "class A:\\n    x: int\\n    def f(self):\\n        self.y: set[int] = set()\\nz: str = ''")
    Annotation(symbol='z', symbol_kind='variable', annotation='str', base='str', is_any=False, is_optional=False, is_generic=False)
    Annotation(symbol='x', symbol_kind='attribute', annotation='int', base='int', is_any=False, is_optional=False, is_generic=False)
    Annotation(symbol='self.y', symbol_kind='attribute', annotation='set[int]', base='set', is_any=False, is_optional=False, is_generic=True)
    """
    is_attribute = isinstance(node.target, ast.Attribute) or context.scope.kind == "class"
    symbol = context.text(node.target) or context.source(node.target)
    yield _annotation(symbol, "attribute" if is_attribute else "variable", node.annotation, context)

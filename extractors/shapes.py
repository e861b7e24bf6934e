"""The shape of an expression: one word that rules can compare."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

_SHAPES: Final[dict[type[ast.AST], str]] = {
    ast.Constant: "constant",
    ast.Name: "name",
    ast.Attribute: "attribute",
    ast.Subscript: "subscript",
    ast.Call: "call",
    ast.JoinedStr: "fstring",
    ast.List: "list",
    ast.Tuple: "tuple",
    ast.Set: "set",
    ast.Dict: "dict",
    ast.Lambda: "lambda",
    ast.Await: "await",
    ast.IfExp: "choice",
    ast.Starred: "star",
    ast.ListComp: "comprehension",
    ast.SetComp: "comprehension",
    ast.DictComp: "comprehension",
    ast.GeneratorExp: "comprehension",
    ast.Compare: "comparison",
    ast.BoolOp: "boolean",
    ast.UnaryOp: "unary",
}
_BUILDING: Final = frozenset({"format", "join"})
SHAPES: Final = frozenset(_SHAPES.values()) | {"concat", "percent", "format", "join", "template", "other"}


def is_text(node: ast.AST) -> bool:
    """Whether an expression is a string for certain, by its own shape."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (str, bytes))
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        return is_text(leftmost(node)) or is_text(node.right)
    return isinstance(node, ast.JoinedStr) or shape(node) in {"format", "join"}


def leftmost(node: ast.AST) -> ast.AST:
    """The left end of a chain of operators: found by a loop, because chains can be thousands long."""
    while isinstance(node, ast.BinOp):
        node = node.left
    return node


def shape(node: ast.AST | None) -> str:
    """
    One word for what an expression looks like.

    >>> [shape(ast.parse(text, mode="eval").body) for text in ("f'{x}'", "'a' + x", "'%s' % x", "'{}'.format(x)", "a + b")]
    ['fstring', 'concat', 'percent', 'format', 'other']
    """
    kind = node.__class__
    if kind is ast.Call:
        return _call(node)  # type: ignore[arg-type]  # a Call, by its class
    known = _SHAPES.get(kind)  # type: ignore[arg-type]  # None is in no table
    if known is not None:
        return known
    if node is None:
        return "none"
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Add) and any(is_text(part) for part in operands(node)):
            return "concat"
        if isinstance(node.op, ast.Mod) and is_text(node.left):
            return "percent"
    return "template" if type(node).__name__ == "TemplateStr" else "other"


def chain(node: ast.AST) -> Iterator[ast.AST]:
    """The operators below the first of a chain: the parts of `a + b + c` that are themselves sums."""
    while isinstance(node, ast.BinOp):
        node = node.left
        yield node


def operands(node: ast.BinOp) -> list[ast.AST]:
    """The parts of `a + b + c`, left to right."""
    parts: list[ast.AST] = []
    current: ast.AST = node
    while isinstance(current, ast.BinOp) and isinstance(current.op, ast.Add):
        parts.append(current.right)
        current = current.left
    return [current, *reversed(parts)]


def _call(node: ast.Call) -> str:
    func: Any = node.func
    if func.__class__ is ast.Attribute and func.attr in _BUILDING:
        receiver = func.value
        if func.attr == "format" and isinstance(receiver, (ast.Constant, ast.JoinedStr)):
            return "format"
        if func.attr == "join" and isinstance(receiver, ast.Constant) and isinstance(receiver.value, (str, bytes)):
            return "join"
    return "call"

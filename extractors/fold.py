"""Constants: what an expression always is, when that follows from the file alone."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any, Final

_LIMIT: Final = 4096
_DEPTH: Final = 40


class _NotConstant:
    """The answer when a value isn't constant; false, so that `if value` reads well where falsy constants don't matter."""

    def __repr__(self) -> str:
        return "NOT_CONSTANT"

    def __bool__(self) -> bool:
        return False


NOT_CONSTANT: Final = _NotConstant()
_BINARY: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.LShift: operator.lshift,
    ast.Pow: operator.pow,
}
_UNARY: Final[dict[type[ast.unaryop], Callable[[Any], Any]]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
METHODS: Final = frozenset("lower upper strip lstrip rstrip title format join replace encode decode".split())


def _affordable(operation: type[ast.operator], left: Any, right: Any) -> bool:
    """Whether an operation on two constants stays small: the scanned file must not choose how long we take."""
    if operation is ast.Mult and not (isinstance(left, (int, float)) and isinstance(right, (int, float))):
        many, few = (left, right) if isinstance(right, int) else (right, left)
        return isinstance(few, int) and hasattr(many, "__len__") and len(many) * abs(few) <= _LIMIT
    if operation in (ast.Pow, ast.LShift, ast.Mult):
        limit = 1 << 64 if operation is ast.Mult else 64
        return all(isinstance(value, (int, float)) and abs(value) <= limit for value in (left, right))
    if operation is ast.Mod and isinstance(left, (str, bytes)):
        return b"*" not in left if isinstance(left, bytes) else not any(mark in left for mark in "*0123456789")
    return True


def fold(node: ast.AST | None, look_up: Callable[[str], ast.AST | None], depth: int = 0) -> Any:
    """
    The constant an expression always is, else NOT_CONSTANT.

    look_up: the expression a name is bound to, when it is bound exactly once.

    >>> fold(ast.parse("('a' + 'b').upper() + f'{1}' + re.escape('.')", mode="eval").body, lambda name: None)
    'AB1\\\\.'
    """
    folder = _FOLDERS.get(node.__class__)
    if folder is None or depth > _DEPTH:
        return NOT_CONSTANT
    value = folder(node, look_up, depth + 1)
    if isinstance(value, (str, bytes, tuple)) and len(value) > _LIMIT:
        return NOT_CONSTANT
    return value


def _name(node: ast.Name, look_up: Callable[[str], ast.AST | None], depth: int) -> Any:
    return fold(look_up(node.id), look_up, depth)


def _binary(node: ast.BinOp, look_up: Callable[[str], ast.AST | None], depth: int) -> Any:
    operation = _BINARY.get(type(node.op))
    left = fold(node.left, look_up, depth) if operation else NOT_CONSTANT
    right = fold(node.right, look_up, depth) if left is not NOT_CONSTANT else NOT_CONSTANT
    if operation is None or right is NOT_CONSTANT or not _affordable(type(node.op), left, right):
        return NOT_CONSTANT
    try:
        return operation(left, right)
    except (TypeError, ValueError, ArithmeticError, KeyError):
        return NOT_CONSTANT


def _unary(node: ast.UnaryOp, look_up: Callable[[str], ast.AST | None], depth: int) -> Any:
    value = fold(node.operand, look_up, depth)
    try:
        return value if value is NOT_CONSTANT else _UNARY[type(node.op)](value)
    except TypeError:
        return NOT_CONSTANT


def _joined(node: ast.JoinedStr, look_up: Callable[[str], ast.AST | None], depth: int) -> Any:
    parts = []
    for part in node.values:
        plain = isinstance(part, ast.Constant) or (part.format_spec is None and part.conversion == -1)  # type: ignore[attr-defined]  # the only other member is FormattedValue
        value = fold(part if isinstance(part, ast.Constant) else part.value, look_up, depth) if plain else NOT_CONSTANT  # type: ignore[attr-defined]  # as above
        if value is NOT_CONSTANT:
            return NOT_CONSTANT
        parts.append(str(value))
    return "".join(parts)


def _sequence(node: Any, look_up: Callable[[str], ast.AST | None], depth: int) -> Any:
    if len(node.elts) > 256:  # a data literal, nobody's allow-list
        return NOT_CONSTANT
    values = []
    for item in node.elts:
        value = fold(item, look_up, depth)
        if value is NOT_CONSTANT:
            return NOT_CONSTANT
        values.append(value)
    return tuple(values)


def _call(node: ast.Call, look_up: Callable[[str], ast.AST | None], depth: int) -> Any:
    if not isinstance(node.func, ast.Attribute) or node.keywords:
        return NOT_CONSTANT
    if (
        node.func.attr == "escape"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.args
    ):
        text = fold(node.args[0], look_up, depth)
        return (
            re.escape(text) if isinstance(text, str) else re.escape(text) if isinstance(text, bytes) else NOT_CONSTANT
        )
    if node.func.attr not in METHODS:
        return NOT_CONSTANT
    receiver = fold(node.func.value, look_up, depth)
    if not isinstance(receiver, (str, bytes)):
        return NOT_CONSTANT
    arguments = [fold(argument, look_up, depth) for argument in node.args]
    if any(value is NOT_CONSTANT for value in arguments):
        return NOT_CONSTANT
    if node.func.attr == "format" and isinstance(receiver, str) and (":" in receiver or "." in receiver):
        return NOT_CONSTANT  # a width could be huge, a field could read attributes
    try:
        return getattr(receiver, node.func.attr)(*arguments)
    except (TypeError, ValueError, LookupError):
        return NOT_CONSTANT


def _choice(node: ast.IfExp, look_up: Callable[[str], ast.AST | None], depth: int) -> Any:
    test = fold(node.test, look_up, depth)
    return NOT_CONSTANT if test is NOT_CONSTANT else fold(node.body if test else node.orelse, look_up, depth)


_FOLDERS: Final[dict[type, Callable[[Any, Callable[[str], ast.AST | None], int], Any]]] = {
    ast.Constant: lambda node, _look_up, _depth: node.value,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.JoinedStr: _joined,
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Set: _sequence,
    ast.Call: _call,
    ast.IfExp: _choice,
}
FOLDABLE: Final = frozenset(_FOLDERS)

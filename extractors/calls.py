"""Every call, and every argument."""

from __future__ import annotations

import ast
from typing import Any, Final

from extractors.context import Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.shapes import shape
from schema.calls import Call, CallArgument

_USES: Final[dict[type[ast.AST], str]] = {ast.Expr: "expression", ast.Return: "return"}
_TESTS: Final = frozenset({ast.If, ast.While, ast.Assert})
_DEFINITIONS: Final = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef})


def _use(node: ast.Call, statement: Any) -> str:
    """What a statement whose value isn't the call itself does with it."""
    kind = statement.__class__
    if kind in _TESTS:
        return "test"
    if kind in _DEFINITIONS:
        return "decorator" if node in statement.decorator_list else "argument"
    if kind is ast.With or kind is ast.AsyncWith:
        return "with" if any(item.context_expr is node for item in statement.items) else "argument"
    return "raise" if kind is ast.Raise and statement.exc is node else "argument"


@extracts(ast.Call)
def call(node: ast.Call, context: Context) -> list[Call | CallArgument]:
    """
    Each call with its arguments, names resolved and constants folded.

    >>> rows(call, "from subprocess import run as r\\nON = True\\nr('x', shell=ON)")
    Call(callee='subprocess.run', method='r', receiver=None, arguments=1, keywords=1, has_star=False, has_double_star=False, is_awaited=False, assigned_to=None, context='expression')
    CallArgument(position=0, keyword=None, kind='constant', source="'x'", constant='x', constant_type='str', name=None)
    CallArgument(position=None, keyword='shell', kind='name', source='ON', constant='True', constant_type='bool', name=None)
    """
    func: Any = node.func
    statement: Any = context.statement
    value = getattr(statement, "value", None)
    is_awaited = value.__class__ is ast.Await and value.value is node
    is_value = is_awaited or value is node
    is_method = func.__class__ is ast.Attribute
    arguments = [_argument(position, None, argument, context) for position, argument in enumerate(node.args)]
    keywords = [_argument(None, keyword.arg or "**", keyword.value, context) for keyword in node.keywords]
    found = Call(
        context.name(func),
        func.attr if is_method else getattr(func, "id", ""),
        context.source(func.value) if is_method else None,
        len(arguments),
        len(keywords),
        any([argument.kind == "star" for argument in arguments]),
        any([argument.kind == "double_star" for argument in keywords]),
        is_awaited,
        context.variable(node) if is_value else None,
        _USES.get(statement.__class__, "assign") if is_value else _use(node, statement),
    )
    return [found, *arguments, *keywords]


def _argument(position: int | None, keyword: str | None, node: ast.expr, context: Context) -> CallArgument:
    kind = shape(node)
    constant = context.constant(node)
    name = None
    if kind == "name" or kind == "attribute":  # noqa: PLR1714  # two comparisons cost less than a set for each argument
        name = context.name(node) or None
    elif kind == "call":
        name = context.name(node.func) or None  # type: ignore[attr-defined]  # a call, by its shape
    return CallArgument(
        position,
        keyword,
        "double_star" if keyword == "**" else kind,
        context.source(node),
        constant_text(constant),
        None if constant is NOT_CONSTANT else type(constant).__name__,
        name,
    )

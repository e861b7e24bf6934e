"""Every call, and every argument."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from extractors.context import Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.shapes import shape
from schema.calls import Call, CallArgument


def _use(node: ast.Call, statement: ast.AST) -> str:
    """What the statement does with the call's value."""
    value = getattr(statement, "value", None)
    if isinstance(value, ast.Await):
        value = value.value
    if value is node:
        kinds: dict[type[ast.AST], str] = {ast.Expr: "expression", ast.Return: "return"}
        return kinds.get(type(statement), "assign")
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return "decorator" if node in statement.decorator_list else "argument"
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return "with" if any(item.context_expr is node for item in statement.items) else "argument"
    if isinstance(statement, (ast.If, ast.While, ast.Assert)):
        return "test"
    return "raise" if isinstance(statement, ast.Raise) and statement.exc is node else "argument"


@extracts(ast.Call)
def call(node: ast.Call, context: Context) -> Iterator[Call | CallArgument]:
    """
    Each call with its arguments, names resolved and constants folded.

    >>> rows(call, "from subprocess import run as r\\nON = True\\nr('x', shell=ON)")
    Call(callee='subprocess.run', method='r', receiver=None, arguments=1, keywords=1, has_star=False, has_double_star=False, is_awaited=False, assigned_to=None, context='expression')
    CallArgument(position=0, keyword=None, kind='constant', source="'x'", constant='x', constant_type='str', name=None)
    CallArgument(position=None, keyword='shell', kind='name', source='ON', constant='True', constant_type='bool', name=None)
    """
    func = node.func
    attribute = func.__class__ is ast.Attribute
    statement = context.statement
    yield Call(
        context.name(func),
        func.attr if attribute else getattr(func, "id", ""),  # type: ignore[attr-defined]  # narrowed by class
        context.source(func.value) if attribute else None,  # type: ignore[attr-defined]  # as above
        len(node.args),
        len(node.keywords),
        any(argument.__class__ is ast.Starred for argument in node.args),
        any(keyword.arg is None for keyword in node.keywords),
        isinstance(getattr(statement, "value", None), ast.Await) and statement.value.value is node,  # type: ignore[attr-defined]  # checked
        context.variable(node),
        _use(node, statement),
    )
    for position, argument in enumerate(node.args):
        yield _argument(position, None, argument, context)
    for keyword in node.keywords:
        yield _argument(None, keyword.arg or "**", keyword.value, context)


def _argument(position: int | None, keyword: str | None, node: ast.expr, context: Context) -> CallArgument:
    constant = context.constant(node)
    kind = shape(node)
    named = node.func if isinstance(node, ast.Call) else node
    return CallArgument(
        position,
        keyword,
        "double_star" if keyword == "**" else kind,
        context.source(node),
        constant_text(constant),
        None if constant is NOT_CONSTANT else type(constant).__name__,
        (context.name(named) or None) if kind in {"name", "attribute", "call"} else None,
    )

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
_Columns = tuple[str, str, str | None, str | None, str | None]
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
def call(node: ast.Call, context: Context) -> tuple[()]:
    """
    Each call with its arguments, names resolved and constants folded.

    >>> rows(call, "from subprocess import run as r\\nON = True\\nr('x', shell=ON)")
    Call(callee='subprocess.run', method='r', receiver=None, arguments=1, keywords=1, has_star=False, has_double_star=False, is_awaited=False, assigned_to=None, context='expression')
    CallArgument(position=0, keyword=None, kind='constant', source="'x'", constant='x', constant_type='str', name=None)
    CallArgument(position=None, keyword='shell', kind='name', source='ON', constant='True', constant_type='bool', name=None)
    """
    # Every second row of a database comes from here, so the rows are stored right away, as plain tuples.
    func: Any = node.func
    is_method = func.__class__ is ast.Attribute
    positional, keywords = node.args, node.keywords
    site = context.site(node)
    callee = context.name(func)
    if callee and context.is_instance(func):
        callee += ".__call__"
    has_star = has_double_star = False
    if positional or keywords:
        into, base = context.into(CallArgument), context.base
        for position, argument in enumerate(positional):
            has_star = has_star or argument.__class__ is ast.Starred
            into.append((base | len(into), site, position, None, *_argument(argument, context)))
        for keyword in keywords:
            row = _argument(keyword.value, context)
            if keyword.arg is None:
                has_double_star, row = True, ("double_star", *row[1:])
            into.append((base | len(into), site, None, keyword.arg or "**", *row))
    context.into(Call).append(
        (
            site,
            callee,
            func.attr if is_method else getattr(func, "id", ""),
            context.written(func.value) if is_method else None,
            len(positional),
            len(keywords),
            has_star,
            has_double_star,
            *_purpose(node, context),
        )
    )
    return ()


def _purpose(node: ast.Call, context: Context) -> tuple[bool, str | None, str]:
    """Whether a call is awaited, the variable it is assigned to, and what its statement does with it."""
    statement: Any = context.statement
    value = getattr(statement, "value", None)
    is_awaited = value.__class__ is ast.Await and value.value is node
    if is_awaited or value is node:
        use = _USES.get(statement.__class__, "assign")
        return is_awaited, context.variable(node) if use == "assign" else None, use
    return False, None, _use(node, statement)


def _argument(node: Any, context: Context) -> _Columns:
    """The columns of a CallArgument from `kind` on; the commonest kinds first."""
    of = node.__class__
    if of is ast.Constant:
        value = node.value
        return "constant", context.source(node), constant_text(value), value.__class__.__name__, None
    if of is ast.Name and context.is_ascii:  # the same name says the same everywhere in a scope
        known = context.scope.columns.get(node.id)
        if known is None:
            known = context.scope.columns[node.id] = _other("name", node, context, context.name(node))
        return known
    if of is ast.Attribute:
        return _other("attribute", node, context, context.name(node))
    kind = shape(node)
    return _other(kind, node, context, context.name(node.func if kind == "call" else node if kind == "name" else None))


def _other(kind: str, node: ast.expr, context: Context, name: str) -> _Columns:
    constant = context.constant(node)
    if constant is NOT_CONSTANT:
        return kind, context.source(node), None, None, name or None
    return kind, context.source(node), constant_text(constant), constant.__class__.__name__, name or None

"""Every call, and every argument."""

from __future__ import annotations

import ast
from typing import Any, Final

from extractors.context import CUT, Context, constant_text
from extractors.fold import FOLDABLE, NOT_CONSTANT
from extractors.registry import extracts
from extractors.shapes import shape
from schema.calls import Call, CallArgument

_VALUED: Final[dict[type[ast.AST], str]] = {
    ast.Expr: "expression",
    ast.Return: "return",
    ast.Assign: "assign",
    ast.AnnAssign: "assign",
    ast.AugAssign: "assign",
} | ({ast.TypeAlias: "assign"} if hasattr(ast, "TypeAlias") else {})
"""What statements with a value do with it."""
_TESTS: Final = frozenset({ast.If, ast.While, ast.Assert})
_Columns = tuple[str, str, str | None, str | None, str | None]
_NAME, _ATTRIBUTE, _CONSTANT, _STARRED = ast.Name, ast.Attribute, ast.Constant, ast.Starred
_CALL, _AWAIT, _EXPR = ast.Call, ast.Await, ast.Expr
_EXPRESSION: Final = (False, None, "expression")
_TYPES: Final = {kind: kind.__name__ for kind in (str, int, bool, float, bytes, complex, type(None), type(...))}
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
    # Every second row of a database comes from here, so the rows are stored right away, as plain tuples, and what is
    # asked most is answered without a call.
    fields = node.__dict__
    func, positional, keywords = fields["func"], fields["args"], fields["keywords"]
    site, of = context.site(node), func.__class__
    method, receiver = "", None
    if of is _ATTRIBUTE:
        method, holder = func.attr, func.value
        if holder.__class__ is _NAME and context.is_ascii:
            receiver, callee = holder.id, context.name(func)
        else:
            receiver = context.source(holder)
            callee = _callee(func, receiver, context)
    else:
        callee = context.name(func)
        if of is _NAME:
            method = func.id
            if callee and method in context.scope.made:
                callee += ".__call__"
    has_star = has_double_star = False
    if positional or keywords:
        into, base = context.into(CallArgument), context.base
        for position, argument in enumerate(positional):
            if argument.__class__ is _STARRED:
                has_star = True
            into.append((base + len(into), site, position, None) + _argument(argument, context))  # noqa: RUF005  # half the price
        for keyword in keywords:
            row, word = _argument(keyword.value, context), keyword.arg
            if word is None:
                has_double_star, row, word = True, ("double_star", *row[1:]), "**"
            into.append((base + len(into), site, None, word) + row)  # noqa: RUF005  # as above
    statement: Any = context.statement
    columns = (callee, method, receiver, len(positional), len(keywords), has_star, has_double_star)
    purpose = (
        _EXPRESSION if statement.__class__ is _EXPR and statement.value is node else _purpose(node, statement, context)
    )
    context.into(Call).append((site,) + columns + purpose)  # noqa: RUF005  # as above
    return ()


def _callee(func: Any, receiver: str, context: Context) -> str:
    """The exact name of a method: what it is called on means the same in all of a scope, and is mostly asked again."""
    if func.value.__class__ is not _ATTRIBUTE or len(receiver) == CUT:
        return context.name(func)
    names = context.scope.receivers
    root = names.get(receiver)
    if root is None:
        root = names[receiver] = context.name(func.value)
    return f"{root}.{func.attr}" if root else ""


def _purpose(node: ast.Call, statement: Any, context: Context) -> tuple[bool, str | None, str]:
    """Whether a call is awaited, the variable it is assigned to, and what its statement does with it."""
    use = _VALUED.get(statement.__class__)
    if use is None:
        return False, None, _use(node, statement)
    value = statement.value
    is_awaited = value.__class__ is _AWAIT and value.value is node
    if is_awaited or value is node:
        return is_awaited, context.variable(node) if use == "assign" else None, use
    return False, None, "argument"


def _argument(node: Any, context: Context) -> _Columns:
    """The columns of a CallArgument from `kind` on; the commonest kinds first."""
    of = node.__class__
    if of is _CONSTANT:
        value = node.value
        kind = value.__class__
        text = value if kind is str and len(value) <= CUT else constant_text(value)
        return "constant", context.source(node), text, _TYPES[kind], None
    if of is _NAME and context.is_ascii:  # the same name says the same everywhere in a scope
        known = context.scope.columns.get(node.id)
        if known is None:
            known = context.scope.columns[node.id] = _named(node, context)
        return known
    if of is _ATTRIBUTE:
        return "attribute", context.source(node), None, None, context.name(node) or None
    shown = shape(node)
    return _folded(
        shown, node, context, context.name(node.func if shown == "call" else node if shown == "name" else None)
    )


def _named(node: ast.Name, context: Context) -> _Columns:
    """The same of an argument that is a name."""
    bound = context.binding(node.id)
    if bound.__class__ in FOLDABLE:
        return _folded("name", node, context, context.name(node))
    return "name", node.id, None, None, context.name(node) or None


def _folded(kind: str, node: ast.expr, context: Context, name: str) -> _Columns:
    constant = context.constant(node)
    if constant is NOT_CONSTANT:
        return kind, context.source(node), None, None, name or None
    return kind, context.source(node), constant_text(constant), constant.__class__.__name__, name or None

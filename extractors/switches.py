"""Branches that an option of whoever runs the program opens."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from extractors.context import At, Context
from extractors.registry import extracts
from schema.switches import Switch

_DEBUG: Final = re.compile(r"(?i)(?:^|_)debug(?:_mode|_enabled)?$")
_VERIFICATION: Final = re.compile(
    r"(?i)verif|insecure|self_?signed|unsafe_?(?:ssl|tls)|trust_?(?:all|any)|no_?check|(?:check|valid|ignor|skip|strict)\w*(?:cert|ssl|tls|hostname)"
    r"|(?:cert|ssl|tls|hostname)\w*(?:check|valid|ignor|skip|strict|error)"
)
_NEGATIVE: Final = re.compile(
    r"(?i)insecure|self_?signed|unsafe|trust_?(?:all|any)|ignor|skip|disabl|un_?verif|(?:^|_)(?:no|dont|without)(?:t?_|$|check|verif)"
)
_ENDS: Final = (ast.Return, ast.Raise)
_ASKS: Final = frozenset({"get", "getboolean", "getattr", "getenv", "pop", "get_bool", "bool"})
_SAME: Final = (ast.Is, ast.Eq)


def _named(node: ast.expr) -> str:
    """The last name of an option: of a variable, an attribute, an element, or of what is asked for it."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Constant(value=str(name)):
            return name
        case ast.Subscript(slice=key):
            return _named(key)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if name in _ASKS:
            names = (_named(one) for one in reversed(args[:2]))
            return next((one for one in names if _DEBUG.search(one) or _VERIFICATION.search(one)), "")
    return ""


def _options(node: ast.expr, when: bool) -> Iterator[tuple[str, bool]]:
    """The options that are set (or aren't) wherever a test comes out as `when`."""
    match node:
        case ast.UnaryOp(op=ast.Not()):
            yield from _options(node.operand, not when)
        case ast.BoolOp(op=joined):
            if isinstance(joined, ast.And) is when:
                for one in node.values:
                    yield from _options(one, when)
        case ast.Compare(left=left, ops=[sign], comparators=[ast.Constant(value=bool(wanted))]):
            if isinstance(sign, (ast.Is, ast.Eq, ast.IsNot, ast.NotEq)):
                yield from _options(left, (wanted is when) is isinstance(sign, _SAME))
        case _:
            if name := _named(node):
                yield name, when


def _told(node: ast.expr, when: bool) -> Iterator[tuple[str, str, bool, bool]]:
    """What each option in a test says: kind, name, whether it is on, and the value that says so."""
    for name, is_set in _options(node, when):
        if _DEBUG.search(name):
            yield "debug", name, is_set, is_set
        elif _VERIFICATION.search(name):
            yield "verification", name, is_set is not bool(_NEGATIVE.search(name)), is_set


def _branch(node: ast.If, around: ast.AST, when: bool) -> tuple[int, int]:
    """The lines that are run where the test came out so; behind a body that leaves its function, the rest of its block."""
    body: list[ast.stmt] = node.body if when else node.orelse
    if not body and isinstance(node.body[-1], _ENDS):
        body = _behind(node, around)
    return (body[0].lineno, body[-1].end_lineno or 0) if body else (0, 0)


def _behind(node: ast.stmt, around: ast.AST) -> list[ast.stmt]:
    """What follows a statement in its block, which is the block of `around` that holds its line."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(around, name, ())
        statements: list[ast.stmt] = block if isinstance(block, list) else []
        for index, one in enumerate(statements):
            if one is node:
                return statements[index + 1 :]
            if one.lineno <= node.lineno <= (one.end_lineno or 0):
                return _behind(node, one)
    for part in (*getattr(around, "handlers", ()), *getattr(around, "cases", ())):
        if found := _behind(node, part):
            return found
    return []


@extracts(ast.If)
def switch(node: ast.If, context: Context) -> Iterator[At]:
    """
    Each branch that a switch for debugging or for the checks of TLS opens, and what stands behind one that leaves.

    >>> rows(switch, "if not self.verify_ssl:\\n    context.verify_mode = ssl.CERT_NONE\\nelse:\\n    load()")
    Switch(kind='verification', name='verify_ssl', is_on=False, opens='False', first_line=2, last_line=2)
    Switch(kind='verification', name='verify_ssl', is_on=True, opens='True', first_line=4, last_line=4)
    >>> rows(switch, "def f(e):\\n    if settings is None or not settings.DEBUG:\\n        return 'no'\\n    return str(e)")
    Switch(kind='debug', name='DEBUG', is_on=True, opens='True', first_line=4, last_line=4)
    >>> rows(switch, "def f():\\n    try:\\n        g()\\n    except OSError as e:\\n        if not app.debug:\\n            raise\\n        return str(e)")
    Switch(kind='debug', name='debug', is_on=False, opens='False', first_line=6, last_line=6)
    Switch(kind='debug', name='debug', is_on=True, opens='True', first_line=7, last_line=7)
    >>> rows(switch, "if options.get('insecure') and tls: open()")
    Switch(kind='verification', name='insecure', is_on=False, opens='True', first_line=1, last_line=1)
    >>> rows(switch, "if verified == count: open()\\nif debugger: open()")
    """
    for when in (True, False):
        told = list(_told(node.test, when))
        first, last = _branch(node, context.scope.node, when) if told else (0, 0)
        for kind, name, is_on, is_set in told if first else ():
            yield At(node.test, Switch(kind, name, is_on, str(is_set), first, last))

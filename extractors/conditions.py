"""What is compared, asserted and caught."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from extractors.context import At, Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from schema.conditions import Assert, Comparison, Condition, ExceptionHandler, IdentityCheck

_OPERATORS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
_ORDER: Final[dict[type[ast.cmpop], str]] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}  #: of lengths only
_LESS: Final = frozenset(_ORDER.values())
_SENSITIVE: Final = re.compile(
    r"(?i)pass(word|wd|phrase|_?code)|(?<![a-z])pass(?![a-z])|pwd|secret|token|hmac|digest|signature|api_?key|auth"
    r"|credential|\botp\b|checksum|hash|\brequest\.method$|\brequest\.(cookies|headers|META|user)\b|\bcurrent_user\b"
    r"|\bsign\("
    r"|^(?:wanted|expected|computed|calculated)(?:_sig\w*|_mac)?$"
)
_BROAD: Final = frozenset({"Exception", "BaseException", "builtins.Exception", "builtins.BaseException"})
_LOGGING: Final = frozenset("debug info warning warn error exception critical log print print_exc".split())


@lru_cache(maxsize=4096)
def _is_sensitive(text: str) -> bool:
    """Whether an expression speaks of what is kept secret: most of those that are compared are compared again."""
    return _SENSITIVE.search(text) is not None


def _exact(node: ast.expr, context: Context) -> str | None:
    named = node.func if isinstance(node, ast.Call) else node
    return (context.name(named) or None) if isinstance(named, (ast.Name, ast.Attribute)) else None


@extracts(ast.Compare)
def comparison(node: ast.Compare, context: Context) -> Iterator[Comparison]:
    """
    Each comparison that a decision about trust may hang on.

    >>> rows(comparison, "if token == given: ...\\nx = 'shop.io' in url\\ny = n == 1")
    Comparison(left_source='token', left_name=None, operator='==', right_source='given', right_name=None, constant=None, constant_side=None, in_test=True)
    Comparison(left_source="'shop.io'", left_name=None, operator='in', right_source='url', right_name=None, constant='shop.io', constant_side='left', in_test=False)
    """
    operator = _OPERATORS.get(node.ops[0].__class__) or _ORDER.get(node.ops[0].__class__)
    if operator is None or len(node.ops) != 1:
        return
    left, right = node.left, node.comparators[0]
    if operator in _LESS and not (isinstance(left, ast.Call) and getattr(left.func, "id", "") == "len"):
        return
    texts = context.source(left), context.source(right)
    values = context.constant(left), context.constant(right)
    text_inside = isinstance(values[0], str) if operator in {"in", "not in"} else False
    same_text = operator in {"is", "is not"} and any(isinstance(value, (str, bytes)) for value in values)
    if not (text_inside or same_text or _is_sensitive(texts[0]) or _is_sensitive(texts[1])):
        return
    side = 0 if values[0] is not NOT_CONSTANT else 1 if values[1] is not NOT_CONSTANT else None
    constant = None if side is None else constant_text(values[side])
    in_test = isinstance(context.statement, (ast.If, ast.While, ast.Assert))
    side_name = None if side is None else ("left", "right")[side]
    yield Comparison(
        texts[0], _exact(left, context), operator, texts[1], _exact(right, context), constant, side_name, in_test
    )


@extracts(ast.Assert)
def asserted(node: ast.Assert, context: Context) -> Iterator[Assert]:
    """
    Each assert statement.

    >>> rows(asserted, "assert user.is_admin, 'no'")
    Assert(test='user.is_admin', message="'no'")
    """
    yield Assert(context.source(node.test), context.source(node.msg) or None)


def _action(body: list[ast.stmt]) -> str:
    """What a handler's body begins with."""
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return _action(body[1:]) if len(body) > 1 else "pass"
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Call):
        func = first.value.func
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        return "log" if name in _LOGGING else "other"
    words: dict[type[ast.stmt], str] = {ast.Pass: "pass", ast.Continue: "continue", ast.Return: "return"}
    return words.get(type(first), "reraise" if isinstance(first, ast.Raise) else "other")


def _exceptions(kind: ast.expr | None) -> list[ast.expr | None]:
    return list(kind.elts) if isinstance(kind, ast.Tuple) else [kind]


@extracts(ast.Try, *([ast.TryStar] if hasattr(ast, "TryStar") else []))
def exception_handler(node: Any, context: Context) -> Iterator[At]:
    """
    Each exception type of each handler.

    >>> rows(exception_handler, "try:\\n    login()\\nexcept (KeyError, IOError) as e:\\n    pass\\nexcept:\\n    raise")
    ExceptionHandler(exception='KeyError', name='e', is_bare=False, is_broad=False, is_group=False, action='pass', tried='login()', last_line=4)
    ExceptionHandler(exception='OSError', name='e', is_bare=False, is_broad=False, is_group=False, action='pass', tried='login()', last_line=4)
    ExceptionHandler(exception='', name=None, is_bare=True, is_broad=True, is_group=False, action='reraise', tried='login()', last_line=6)
    >>> rows(exception_handler, "Refused = get('Refused')\\ntry: pay()\\nexcept Refused: pass")
    ExceptionHandler(exception='m.Refused', name=None, is_bare=False, is_broad=False, is_group=False, action='pass', tried='pay()', last_line=3)
    """
    tried = context.source(node.body[0])
    for handler in node.handlers:
        for kind in _exceptions(handler.type):
            # what a call made is told by its own name: `Refused = get_class("shop.errors", "Refused")`
            name = "" if kind is None else context.name(kind) or context.source(kind)
            if isinstance(kind, ast.Name) and context.is_instance(kind):
                name = context.identity(kind)
            is_broad = kind is None or name in _BROAD
            action, last = _action(handler.body), handler.body[-1].end_lineno or handler.lineno
            is_group = not isinstance(node, ast.Try)
            row = ExceptionHandler(
                "OSError" if name == "IOError" else name,
                handler.name,
                kind is None,
                is_broad,
                is_group,
                action,
                tried,
                last,
            )
            yield At(handler, row)


_WHO: Final = re.compile(
    r"\b(?:user|username|login|email)\s+or\s+\w*(?:password|passwd|pass)\b|"
    r"\b(?:current_user|request\.user|self\.user|g\.user|info\.context\.user|current_identity)\b|\bsession\b"
    r"|\b(?:is_authenticated|is_anonymous|is_staff|is_superuser|is_admin|is_owner|has_perms?|has_permission|has_role|is_logged_in|logged_in)\b"
)


def _always(test: ast.expr) -> str | None:
    """`true` for `x or "text"`, `false` for `x and False`: an operand that settles it, beside others that vary."""
    if not isinstance(test, ast.BoolOp):
        return None
    settles = isinstance(test.op, ast.Or)
    plain = [value for value in test.values if isinstance(value, ast.Constant) and bool(value.value) is settles]
    return ("true" if settles else "false") if plain and len(plain) < len(test.values) else None


@extracts(ast.If, ast.While, ast.Assert, ast.IfExp)
def condition(node: Any, context: Context) -> Iterator[At]:
    """
    Each condition that one of its own constants settles, and each that looks at who the user is.

    >>> rows(condition, "if role == 'admin' or 'owner': ...\\nif debug and False: ...\\nif a or b: ...")
    Condition(test="role == 'admin' or 'owner'", always='true')
    Condition(test='debug and False', always='false')
    >>> rows(condition, "if not request.user.is_staff: ...\\nif user: ...")
    IdentityCheck(test='not request.user.is_staff')
    >>> rows(condition, "if not request.user.is_staff: ...\\nif user: ...")
    IdentityCheck(test='not request.user.is_staff')
    """
    test = node.test
    if test.__class__ is ast.BoolOp:
        always = _always(test)
        if always:
            yield At(test, Condition(context.source(test), always))
    if test.__class__ is not ast.Compare:
        text = context.source(test)
        if ("user" in text or "session" in text or "_" in text) and _WHO.search(text):
            yield At(test, IdentityCheck(text[:200]))

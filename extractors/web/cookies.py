"""Cookies, and what protects them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from extractors.context import Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from schema.web import Cookie


def _flag(call: ast.Call, words: tuple[str, ...], context: Context) -> str:
    """true, false, missing or unknown; a text stands for itself."""
    missing = "unknown" if any(keyword.arg is None for keyword in call.keywords) else "missing"
    given = next((keyword.value for keyword in call.keywords if keyword.arg in words), None)
    if given is None:
        return missing
    value = context.constant(given)
    if value is NOT_CONSTANT:
        return "unknown"
    return (
        str(value).lower() if isinstance(value, (bool, str)) else "false" if value is None else str(bool(value)).lower()
    )


def _is_own(func: ast.Attribute, context: Context) -> bool:
    """Whether the class around has a method of this name itself: what that writes is told where it writes."""
    owner = context.scope.parent
    is_self = isinstance(func.value, ast.Name) and func.value.id == "self"
    return is_self and owner is not None and owner.kind == "class" and func.attr in owner.bindings


@extracts(ast.Call, callee={"set_cookie", "set_signed_cookie", "set_secure_cookie"})
def cookie(node: ast.Call, context: Context) -> Iterator[Cookie]:
    """
    Each cookie that is written.

    >>> rows(cookie, "response.set_cookie('session', token, secure=True, samesite='Lax', max_age=60)")
    Cookie(callee='response.set_cookie', name='session', secure='true', httponly='missing', samesite='lax', max_age='60')
    >>> rows(cookie, "class Auth:\\n    def set_cookie(self, handler): ...\\n    def login(self, handler): self.set_cookie(handler)")
    """
    if not isinstance(node.func, ast.Attribute) or _is_own(node.func, context):
        return
    first = context.keyword(node, "key") or context.keyword(node, "name", 0)
    age = context.keyword(node, "max_age")
    yield Cookie(
        callee=context.text(node.func) or f"{context.source(node.func.value, 80)}.{node.func.attr}",
        name=context.string(first),
        secure=_flag(node, ("secure",), context),
        httponly=_flag(node, ("httponly", "http_only"), context),
        samesite=_flag(node, ("samesite", "same_site"), context),
        max_age=constant_text(context.constant(age)) if age is not None else None,
    )

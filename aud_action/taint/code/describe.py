"""Lowered code as a person would write it, for the words of a path."""

from __future__ import annotations

from typing import Any

from extractors.flow import code

_LONGEST = 60


def described(node: Any) -> str:
    """
    A short text of an expression.

    >>> described([code.ITEM, [code.ATTR, "request", "args", 0], [code.CONST, "q"], 1])
    "request.args['q']"
    """
    text = _text(node, 5)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _text(node: Any, depth: int) -> str:
    if type(node) is str:
        return node
    if node is None or depth == 0:
        return "…"
    match node[0]:
        case code.CONST:
            return repr(node[1])
        case code.ATTR:
            return f"{_text(node[1], depth - 1)}.{node[2]}"
        case code.ITEM:
            return f"{_text(node[1], depth - 1)}[{_text(node[2], depth - 1)}]"
        case code.CALL:
            inside = [_text(one, depth - 2) if depth > 2 else "…" for one in node[2]]
            inside += [f"{name}=…" if name else "**…" for name, _ in node[3]]
            return f"{_text(node[1], depth - 1)}({', '.join(inside)})"
        case code.STAR:
            return f"*{_text(node[1], depth - 1)}"
    return "…"


def receiver_of(node: Any) -> Any:
    """The code of the object whose method a call is; None when it isn't one."""
    callee = node[1] if type(node) is list and len(node) > 1 else None
    return callee[1] if type(callee) is list and callee[0] == code.ATTR else None

"""Calls that are given a schema as text."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.value import UNKNOWN, Value


def _told(frame: Frame, given: list[Value], named: Named) -> Value:
    texts = given[0] if given else dict(named).get("type_defs", UNKNOWN)
    for one in [texts, *(texts.items or {}).values()]:
        for text in one.consts or ():
            if isinstance(text, str):
                frame.machine.entries.schema.add(text)
    return texts


def _gql(frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`gql("type Query { page(number: Int!): Page }")`: the text itself."""
    return _told(frame, given, named)


def _made(frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`make_executable_schema(type_defs, query)`."""
    _told(frame, given, named)
    return Value(paths=("ariadne.make_executable_schema()",))


CALLS: dict[str, Handler] = {"ariadne.gql": _gql, "ariadne.make_executable_schema": _made}
"""API path → what a call of it yields, for schemas."""

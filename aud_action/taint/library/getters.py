"""Functions that read a part of what they are given: `itemgetter("name")`, `attrgetter("a.b")`, `methodcaller("strip")`."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame, keyed
from aud_action.taint.code.program import Partial
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import element
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.value import UNKNOWN, Value
from extractors.flow import code


def _getter(path: str) -> Handler:
    """What was asked for, and then the object."""
    function = Value(paths=(f"{path}()",), kind="function")

    def make(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
        words = {name: value for name, value in named if name is not None}
        return Value(refs=(Partial(function, given, words),), kind="function")

    return make


def _several(parts: list[Value]) -> Value:
    return parts[0] if len(parts) == 1 else Value(items=dict(enumerate(parts)), kind="tuple")


def _items(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    *keys, thing = given or [UNKNOWN]
    return _several([element(thing, keyed(key)) for key in keys] or [UNKNOWN])


def _attributes(frame: Frame, env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    *names, thing = given or [UNKNOWN]
    return _several([_attribute(frame, env, thing, name) for name in names] or [UNKNOWN])


def _attribute(frame: Frame, env: Env, thing: Value, name: Value) -> Value:
    if not name.consts or len(name.consts) != 1:
        return Value(thing.taints)
    for part in str(name.consts[0]).split("."):
        thing = frame.machine.attribute(frame, env, thing, part)
    return thing


def _called(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    if len(given) < 2 or not given[0].consts:
        return UNKNOWN
    name, thing = str(given[0].consts[0]), given[-1]
    callee = frame.machine.attribute(frame, env, thing, name)
    at = [code.CALL, [code.ATTR, None, name, -1], [], [], node[-1]]
    return frame.machine.call(frame, env, callee, given[1:-1], named, at, thing, name)


CALLS: dict[str, Handler] = {
    "operator.itemgetter": _getter("operator.itemgetter"),
    "operator.itemgetter()": _items,
    "operator.attrgetter": _getter("operator.attrgetter"),
    "operator.attrgetter()": _attributes,
    "operator.methodcaller": _getter("operator.methodcaller"),
    "operator.methodcaller()": _called,
}
"""API path → what a call of it yields, for functions that read a part."""

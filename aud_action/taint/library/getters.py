"""Functions that read a part of what they are given: `itemgetter("name")`, `attrgetter("a.b")`, `methodcaller("strip")`."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame, keyed
from aud_action.taint.code.program import Partial
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import element, placed, write
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.known import constant
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


def _element(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`getitem(thing, key)`."""
    return element(given[0], keyed(given[1])) if len(given) > 1 else UNKNOWN


def _put(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    """`setitem(thing, key, value)`."""
    if len(given) == 3 and len(node[2]) == 3:
        write(frame, env, node[2][0], placed(given[0], keyed(given[1]), given[2]))
    return constant(None)


def _run(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`operator.call(function, argument)`."""
    if not given:
        return UNKNOWN
    at = [code.CALL, None, [], [], node[-1]]
    return frame.machine.call(frame, env, given[0], given[1:], named, at)


def _referred(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`weakref.ref(thing)`: called, it gives the thing."""
    return Value(refs=(Partial(Value(paths=("weakref.ref()",)), given[:1], {}),), kind="function")


def _thing(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    return given[0] if given else UNKNOWN


CALLS: dict[str, Handler] = {
    "operator.itemgetter": _getter("operator.itemgetter"),
    "operator.itemgetter()": _items,
    "operator.attrgetter": _getter("operator.attrgetter"),
    "operator.attrgetter()": _attributes,
    "operator.methodcaller": _getter("operator.methodcaller"),
    "operator.methodcaller()": _called,
    "operator.getitem": _element,
    "operator.setitem": _put,
    "operator.call": _run,
    "weakref.ref": _referred,
    "weakref.ref()": _thing,
    "weakref.proxy": _thing,
    "weakref.WeakMethod": _referred,
}
"""API path → what a call of it yields, for functions that read a part."""

"""Arguments of a call: which parameter of the function gets which value."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.declared import typed
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import Closure
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import element
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values import fold
from aud_action.taint.values.trace import Place
from aud_action.taint.values.value import UNKNOWN, Taint, Value, join_taints
from extractors.flow import code

DEEPEST = 20
"""Calls within each other that are followed."""
SENT = "<sent>"
"""As if it were a parameter: what a generator's `yield` yields."""


def bind(
    frame: Frame, closure: Closure, positional: list[Value], named: Named
) -> tuple[dict[str, Value], dict[str, int]]:
    """Which parameter gets which value; and from which positional argument."""
    function = closure.function
    parameters = function.facts.parameters
    values = list(positional)
    shift = 0
    if closure.receiver is not None and closure.kind != "static":
        values.insert(0, closure.receiver)
        shift = 1
    words = {name: value for name, value in named if name is not None}
    spread = [value for name, value in named if name is None]
    bound: dict[str, Value] = {}
    origin: dict[str, int] = {}
    index = 0
    for parameter in parameters:
        name, kind = parameter.name, parameter.kind
        if kind in ("", "/"):
            if index < len(values):
                bound[name] = values[index]
                origin[name] = index - shift
                index += 1
                continue
        elif f"{kind}{name}" in words:  # the framework's own
            bound[name] = words.pop(f"{kind}{name}")
            continue
        elif kind == "*":
            bound[name] = Value(items=dict(enumerate(values[index:])), kind="tuple")
            index = len(values)
            continue
        elif kind == "**":
            bound[name] = _rest(words, spread)
            continue
        if name in words and kind != "/":
            bound[name] = words.pop(name)
        else:
            found = next((element(value, name) for value in spread if value.items is not None or value.taints), None)
            bound[name] = found if found is not None else _default(frame, closure, parameter)
    if SENT in words:
        bound[SENT] = words[SENT]
    for parameter in parameters:
        value = bound[parameter.name]
        if parameter.annotation is not None and (value is UNKNOWN or not (value.paths or value.refs or value.consts)):
            bound[parameter.name] = _annotated(frame, closure, parameter.annotation, value)
    return bound, origin


def _rest(words: dict[str, Value], spread: list[Value]) -> Value:
    items: dict[Any, Value] = dict(words)
    taints: tuple[Taint, ...] = ()
    for value in spread:
        items = fold.spread(items, value)
        taints = join_taints(taints, value.taints)
    return Value(taints, items=items, kind="dict")


class _Unplaced(Frame):
    """Code whose table of places isn't known: everything in it stands where the function does."""

    __slots__ = ("stands",)
    stands: Place

    def place(self, at: int) -> Place:  # noqa: ARG002  # an index into another function's table
        return self.stands


def _around(frame: Frame, closure: Closure) -> Frame:
    """A frame of the code around a definition: defaults are evaluated there, and their places are counted there."""
    function, depth = closure.function, frame.depth + 1
    module = function.module.functions[0]
    if "<locals>" in function.facts.qualified:
        inner = _Unplaced(frame.machine, Closure(module, closure.scope), depth)
        inner.stands = function.place
        return inner
    home = function.owner.body if function.owner else module
    return Frame(frame.machine, Closure(home, closure.scope), depth)


def _default(frame: Frame, closure: Closure, parameter: Any) -> Value:
    if parameter.default is None:
        return UNKNOWN
    if type(parameter.default) is list and parameter.default[0] == code.CONST:
        return frame.machine.value_of(frame, Env({}), parameter.default)
    inner = _around(frame, closure)
    if inner.depth > DEEPEST:
        return UNKNOWN
    try:
        return frame.machine.value_of(inner, Env({}), parameter.default)
    except Unreachable:
        return UNKNOWN


def _annotated(frame: Frame, closure: Closure, annotation: Any, value: Value) -> Value:
    """A value of which only the parameter's annotation says what it is."""
    inner = Frame(frame.machine, Closure(closure.function.module.functions[0], closure.scope), frame.depth)
    kind = typed(inner, annotation)
    if kind is UNKNOWN:
        return value
    if not value.taints:
        return kind if value is UNKNOWN else value
    return value.but(paths=kind.paths, refs=kind.refs, kind=value.kind or kind.kind) if kind.kind != "number" else value

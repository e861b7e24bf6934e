"""Objects that hold one value, which is put in by one method and taken out by another."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.describe import receiver_of
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import placed, write
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import NEVER, UNKNOWN, Value, join

_HELD = 0
_CELLS = {
    "contextvars.ContextVar": ("set", "get"),
    "concurrent.futures.Future": ("set_result", "result"),
    "asyncio.Future": ("set_result", "result"),
}
"""Class → the method that puts in, the method that takes out."""


def _made(path: str) -> Handler:
    def make(_frame: Frame, _env: Env, _given: list[Value], named: Named, _node: Any) -> Value:
        first = next((value for name, value in named if name == "default"), None)
        items: dict[Any, Value] = {} if first is None else {_HELD: first}
        return Value(paths=(path,), items=items, kind="object")

    return make


def _put(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    target = receiver_of(node)
    if target is not None and given:
        write(frame, env, target, placed(frame.machine.value_of(frame, env, target), _HELD, given[0]))
    return constant(None)


def _get(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    target = receiver_of(node)
    box = UNKNOWN if target is None else frame.machine.value_of(frame, env, target)
    held = (box.items or {}).get(_HELD, NEVER)
    for value in given:  # a default
        held = join(held, value)
    return UNKNOWN if held is NEVER else held


CALLS: dict[str, Handler] = {}
"""API path → what a call of it yields, for objects that hold one value."""
for _path, (_in, _out) in _CELLS.items():
    CALLS.update({_path: _made(_path), f"{_path}.{_in}": _put, f"{_path}.{_out}": _get})

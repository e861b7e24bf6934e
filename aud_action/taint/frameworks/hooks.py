"""Hooks of Falcon's: a function that sees the parameters of a route before the responder does, and may refuse them."""

from __future__ import annotations

from typing import Any, Final

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values.value import UNKNOWN, Value
from extractors.flow import code

BEFORE: Final = "falcon.before"
_GIVEN: Final = ("falcon.Request", "falcon.Response")


def passed(frame: Frame, hooks: list[Value], values: dict[str, Value]) -> dict[str, Value]:
    """The parameters of a responder that its hooks let through."""
    for hook in hooks:
        told = Env({})
        own: dict[Any, Value] = {name: value for name, value in values.items() if not value.paths}
        spoken = [next((one for one in values.values() if path in one.paths), UNKNOWN) for path in _GIVEN]
        given = [*spoken, UNKNOWN, Value(items=own, kind="dict")]
        try:
            frame.machine.call(frame, told, hook, given, [], [code.CALL, None, [None] * len(given), [], -1])
        except Unreachable:
            continue
        values = {name: told.settled(value) for name, value in values.items()}
    return values

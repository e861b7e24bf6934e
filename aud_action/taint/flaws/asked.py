"""Comparisons with what a client sends: who must know a value to go on is asked for a secret."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.sinks import reach
from aud_action.taint.values.value import Source, Value
from extractors.flow import code

EQUAL = ("==", "!=")
_ASKED = "client.compared"
"""The sink's name in the models."""


def asked(frame: Frame, env: Env, sides: tuple[tuple[Any, Value], tuple[Any, Value]]) -> None:
    """Check two values that are compared for equality, each with its code: one that a client must know is a sink."""
    (_, left), (_, right) = sides
    if not (left.taints and right.taints):
        return
    for (_, given), (node, wanted) in (sides, sides[::-1]):
        at = next((one[-1] for one, _ in sides if type(one) is list and type(one[-1]) is int), -1)
        if at >= 0 and _is_clients(frame, given):
            reach(frame, env, _ASKED, [wanted], [], None, [code.CALL, node, [], [], at])


def _is_clients(frame: Frame, value: Value) -> bool:
    outside = frame.machine.models.outside
    return any(isinstance(one.origin, Source) and one.origin.kind in outside for one in value.taints)

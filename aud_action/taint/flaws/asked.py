"""Comparisons with what a client sends: who must know a value is asked for a secret, who must come from somewhere is believed."""

from __future__ import annotations

import re
from typing import Any

from aud_action.taint.code.describe import described
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.sinks import reach
from aud_action.taint.values.value import Source, Value
from extractors.flow import code

EQUAL = ("==", "!=")
WITHIN = ("in", "not in")
_ASKED, _BELIEVED = "client.compared", "client.believed"
"""The sinks' names in the models."""
_SOME = re.compile(r"(?i)allow|trust|white_?list|internal|local|admin|permitted|block|ban|deny|black_?list")


def compared(frame: Frame, env: Env, sign: str, sides: tuple[tuple[Any, Value], tuple[Any, Value]]) -> None:
    """Check two values that are compared, each with its code."""
    if sign in EQUAL:
        _asked(frame, env, sides)
    (left_node, left), (right_node, right) = sides
    if left.taints and sign in (*EQUAL, *WITHIN) and _is_told(right_node, right):
        places = [one[-1] for one in (left_node, right_node) if type(one) is list and type(one[-1]) is int]
        at = next(iter(places or _read_at(frame, left)), -1)
        reach(frame, env, _BELIEVED, [left], [], None, [code.CALL, left_node, [], [], at])


def _read_at(frame: Frame, value: Value) -> list[int]:
    """Where the function that runs reads a value: two names that are compared have no place of their own."""
    origins = {taint.origin for taint in value.taints}
    return sorted(at for (_, at, _), known in frame.entered.items() if at >= 0 and known.origin in origins)


def _is_told(node: Any, value: Value) -> bool:
    """Whether the program says which values it wants: as constants, or by the name of their list."""
    held = (value.items or {}).values()
    texts = value.consts or [text for one in held for text in one.consts or ()]
    return any(type(text) is str and text for text in texts) or bool(_SOME.search(described(node)))


def _asked(frame: Frame, env: Env, sides: tuple[tuple[Any, Value], tuple[Any, Value]]) -> None:
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

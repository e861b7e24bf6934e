"""What is read from records of bytes, by its format a number or bytes as they were sent; and the numbers of a pipe's ends."""

from __future__ import annotations

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.value import ANY, NUMBER, UNKNOWN, Value, all_taints

_BYTES = frozenset("spc")
"""Letters of a format that stand for bytes; all others are numbers and truths."""


def _unpack(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: object) -> Value:
    if len(given) < 2:
        return UNKNOWN
    formats = given[0].consts or ()
    told = [str(one, "ascii", "replace") if isinstance(one, bytes) else one for one in formats]
    if told and all(isinstance(one, str) and not _BYTES.intersection(one) for one in told):
        return Value(kind="tuple", items={ANY: NUMBER})
    return Value(all_taints(given[1]), kind="tuple")


def _pipe(_frame: Frame, _env: Env, _given: list[Value], _named: Named, _node: object) -> Value:
    return Value(kind="tuple", items={0: NUMBER, 1: NUMBER})


CALLS: dict[str, Handler] = {
    "struct.unpack": _unpack,
    "struct.unpack_from": _unpack,
    "os.pipe": _pipe,
    "os.openpty": _pipe,
}

"""t-strings: no texts, but the parts of one, which a library puts together as it sees fit (PEP 750)."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.sinks import TEMPLATE
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import Value
from extractors.flow import code


def template(frame: Frame, env: Env, node: Any) -> Value:
    """A `string.templatelib.Template`: goes through its texts and interpolations in order."""
    parts = [
        _interpolation(frame, env, one) if _is_piece(one) else frame.machine.value_of(frame, env, one)
        for one in node[1]
    ]
    held = [part.items for part in parts if part.items]
    names = {
        "strings": _tuple([part for part in parts if not part.items]),
        "interpolations": _tuple([part for part in parts if part.items]),
        "values": _tuple([items["value"] for items in held]),
    }
    return Value(items={**dict(enumerate(parts)), **names}, paths=(TEMPLATE,), kind="tuple")


def _is_piece(node: Any) -> bool:
    return type(node) is list and node[0] == code.PIECE


def _interpolation(frame: Frame, env: Env, node: Any) -> Value:
    value = frame.machine.value_of(frame, env, node[1])
    given = constant("") if node[3] is None else frame.machine.value_of(frame, env, node[3])
    items = {"value": value, "conversion": constant(node[2] or None), "format_spec": given}
    return Value(items=items, paths=("string.templatelib.Interpolation",), kind="object")


def _tuple(values: list[Value]) -> Value:
    return Value(items=dict(enumerate(values)), kind="tuple")

"""Comprehensions: what they make of each element, in order where the order matters."""

from __future__ import annotations

from typing import Any

from aud_action.taint import named
from aud_action.taint.assign import assign, unpacked
from aud_action.taint.conditions import split
from aud_action.taint.frame import Env, Frame, keyed
from aud_action.taint.value import ANY, Value, all_taints

_FEW = 8


def each(frame: Frame, env: Env, node: Any) -> Value:
    """A comprehension: its body once, with each target bound to an element."""
    _, kind, head, second, loops, at = node
    source = frame.machine.value_of(frame, env, loops[0][1])
    rows = _few(source) if kind != "dict" and len(loops) == 1 else None
    if rows is not None and all(test == loops[0][0] for test in loops[0][2]):
        items: dict[Any, Value] = {n: _one(frame, env, head, loops[0][0], row) for n, row in enumerate(rows)}
        return Value(items=items, kind="set" if kind == "set" else "list")
    inner: Env | None = env.copy()
    for number, (target, node_of_source, tests) in enumerate(loops):
        if inner is None:
            break
        source = source if number == 0 else frame.machine.value_of(frame, inner, node_of_source)
        iterated = frame.machine.iterate(frame, inner, source, at)
        assign(frame, inner, target, iterated)
        for test in tests:
            if inner is not None:
                inner = split(frame, inner, test)[0]
    if inner is None:
        return Value(items={}, kind=kind)
    first = inner.settled(frame.machine.value_of(frame, inner, head))
    if kind == "dict":
        value = inner.settled(frame.machine.value_of(frame, inner, second))
        if any(tests for _, _, tests in loops):
            value = named.shortened(frame, value)  # what is chosen by its key leaves the secrets out
        return Value(first.taints, items={keyed(first): value}, kind="dict")
    return Value(items={ANY: first}, kind=kind)


def _few(value: Value) -> list[Value] | None:
    """The elements of a short list of which some are a client's and some aren't: their order matters in a text."""
    rows = unpacked(value, single=False) if value.kind in ("list", "tuple") and not value.taints else None
    if rows is None or not 1 < len(rows) <= _FEW:
        return None
    return rows if len({bool(all_taints(row)) for row in rows}) == 2 else None


def _one(frame: Frame, env: Env, head: Any, target: Any, row: Value) -> Value:
    inner = env.copy()
    assign(frame, inner, target, row)
    return inner.settled(frame.machine.value_of(frame, inner, head))

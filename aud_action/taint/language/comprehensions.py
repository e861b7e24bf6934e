"""Comprehensions: once for each of a few known elements, else once for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from aud_action.taint.code.frame import Env, Frame, keyed
from aud_action.taint.flaws import named
from aud_action.taint.frames.assign import assign
from aud_action.taint.language.conditions import split
from aud_action.taint.library.sequences import known
from aud_action.taint.values.value import ANY, NEVER, Taint, Value, join, join_taints
from extractors.flow import code


class _Made:
    """What a comprehension has made so far."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.items: dict[Any, Value] = {}
        self.taints: tuple[Taint, ...] = ()

    def add(self, key: Value | None, value: Value, sure: bool) -> None:
        """One more element. sure: it is there, and once."""
        slot: Any = ANY
        if key is not None:
            slot = keyed(key)
            self.taints = join_taints(self.taints, key.taints)
        elif sure and ANY not in self.items:
            slot = len(self.items)
        elif ANY not in self.items and self.items:
            held = NEVER
            for one in self.items.values():
                held = join(held, one)
            self.items = {ANY: held}
        replaces = sure and slot != ANY
        self.items[slot] = value if replaces or slot not in self.items else join(self.items[slot], value)


def comprehension(frame: Frame, env: Env, node: Any) -> Value:
    """A list, set, dictionary or generator that is made of others' elements."""
    _, kind, head, second, loops, at = node
    made = _Made(kind)

    def put(here: Env, sure: bool) -> None:
        first = here.settled(frame.machine.value_of(frame, here, head))
        if kind != "dict":
            made.add(None, first, sure)
            return
        value = here.settled(frame.machine.value_of(frame, here, second))
        chosen = any(tests for _, _, tests in loops)
        made.add(first, named.shortened(frame, value) if chosen else value, sure)

    _go_through(frame, env, loops, at, put, True)
    ordered = kind == "gen" and made.items and ANY not in made.items
    return Value(made.taints, items=made.items, kind="list" if ordered else kind)


def _go_through(
    frame: Frame, env: Env, loops: list[Any], at: int, put: Callable[[Env, bool], None], sure: bool
) -> None:
    """Each turn of the first loop, and in it of those within. sure: the turn is there, and once."""
    if not loops:
        put(env, sure)
        return
    target, source, tests = loops[0]
    iterated = frame.machine.value_of(frame, env, source)
    rows = known(iterated)
    sure = sure and rows is not None
    for row in rows if rows is not None else [frame.machine.iterate(frame, env, iterated, at)]:
        turn = env.copy()
        assign(frame, turn, target, row)
        here: Env | None = turn
        certain = sure
        for test in tests:
            then, otherwise = (None, None) if here is None else split(frame, here, test)
            here, certain = then, certain and (otherwise is None or test == target)
        if here is not None:
            _go_through(frame, here, loops[1:], at, put, certain)
            _left(env, here, set(_names(target)))


def _left(env: Env, after: Env, own: set[str]) -> None:
    """What a turn leaves behind: names bound by `:=`, containers changed in place."""
    for name, value in after.vars.items():
        before = env.vars.get(name)
        if name not in own and value is not before and isinstance(value, Value):
            env.bind(name, value if not isinstance(before, Value) else join(before, value))


def _names(target: Any) -> Iterator[str]:
    """The names that a loop binds."""
    if type(target) is str:
        yield target
    elif target[0] in (code.TUPLE, code.LIST, code.STAR):
        for one in target[1] if target[0] != code.STAR else [target[1]]:
            yield from _names(one)

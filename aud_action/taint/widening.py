"""
What stands for all that a place was seen to hold: a field of a class, a parameter of a function.

A function that is called in many ways is given that instead of what each call passes. It only grows, and not for long, so that
the ways come to an end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from aud_action.taint.program import ClassRef, Fields, FunctionRef, Module
from aud_action.taint.value import ANY, NONE, Taint, Value, join

_SHARED = (ClassRef, FunctionRef, Module, Fields)
"""References that mean the same in every run."""


class Marks(NamedTuple):
    """What is known of every taint of a place."""

    cleared: int
    state: int


class Widening:
    """What each place was seen to hold so far."""

    def __init__(self) -> None:
        self.values: dict[Any, Value] = {}
        self.marks: dict[Any, Marks] = {}
        self.fields: dict[object, set[Any]] = {}

    def value(self, place: Any, value: Value | None) -> Value | None:
        """What stands for a value without its taints and elements; None for a field that is nowhere."""
        known = self.values.get(place)
        if value is None:
            if known is None:
                return None
            value = NONE
        refs = tuple([ref for ref in value.refs if isinstance(ref, _SHARED)])
        consts = value.consts if is_flag(value.consts) else None
        seen = Value((), consts, value.paths, refs, None, value.kind, None, value.absent)
        found = self.values[place] = seen if known is None else join(known, seen)
        return found

    def names(self, owner: object, names: Iterable[Any]) -> set[Any]:
        """The names of an object's fields, and of those that others of its class were seen to have."""
        known = self.fields.setdefault(owner, set())
        known.update(name for name in names if name != ANY)
        return {*names, *(name for name in known if (owner, name) in self.values)}

    def taint(self, place: Any, taints: tuple[Taint, ...]) -> Marks | None:
        """What is known of every taint that a place was seen to hold; None when there was none."""
        known = self.marks.get(place)
        for one in taints:
            known = Marks(*one[2:4]) if known is None else Marks(known.cleared & one.cleared, known.state & one.state)
        if known is not None:
            self.marks[place] = known
        return known


def is_flag(consts: tuple[Any, ...] | None) -> bool:
    """Whether constants are but yes, no or nothing."""
    return consts is not None and all(one is None or isinstance(one, bool) for one in consts)

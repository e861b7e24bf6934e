"""Values whose taints are changed, each part once: values share parts, and what is shared stays shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aud_action.taint.values.value import Form, Taint, Value, all_taints
from aud_action.taint.values.work import WORK

Seen = dict[int, tuple[Any, Any]]
"""Values and tuples of taints that were changed, and what became of them."""


def each_taint(
    value: Value, change: Callable[[Taint], Taint | None], seen: Seen | None = None, marks: int = -1
) -> Value:
    """
    The value with every taint in it changed; `None` removes one. The same value when nothing changes.

    seen: what was changed in this way before; parts that values share are changed once, and stay shared.
    marks: those of the only texts whose taints may change.
    """
    return _each(value, change, {} if seen is None else seen, marks) if value.marks & marks else value


def _each(value: Value, change: Callable[[Taint], Taint | None], seen: Seen, marks: int) -> Value:
    known = seen.get(id(value))
    if known is not None:
        return known[1]  # type: ignore[no-any-return] # a Value
    WORK.done += 1
    taints, items, forms = value.taints, value.items, value.forms
    if taints:
        taints = _changed(taints, change, seen)
        if taints is not value.taints:
            forms = _formed(value, change, seen)
    if items is not None:
        for key, item in items.items():
            if item.marks & marks and (new := _each(item, change, seen, marks)) is not item:
                if items is value.items:
                    items = dict(items)
                items[key] = new
    new = value
    if taints is not value.taints or items is not value.items:
        new = Value(taints, value.consts, value.paths, value.refs, items, value.kind, forms, value.absent)
    seen[id(value)] = value, new
    return new


_GUESS, _GUESS_INSIDE = 60, 45
"""Percent that a call that isn't followed hands back what it is given, and what an object of the project holds that it is given."""


def perhaps(value: Value, *, own: bool = False) -> tuple[Taint, ...]:
    """What a call that isn't followed may hand back of a value; of its own object it may hand back anything."""
    inside = value.kind == "object" and value.refs and not value.taints and not own
    sure = _GUESS_INSIDE if inside else _GUESS
    return tuple([one._replace(confidence=one.confidence * sure // 100) for one in all_taints(value)])


def looked_up(taints: tuple[Taint, ...]) -> tuple[Taint, ...]:
    """The taints of an attribute of what a call that isn't followed handed back: it may have found it by what it was given."""
    return tuple([
        one if one.confidence > _GUESS else one._replace(confidence=one.confidence * _GUESS_INSIDE // _GUESS)
        for one in taints
    ])  # fmt: skip


def own_taints(value: Value, change: Callable[[Taint], Taint | None]) -> Value:
    """The value with its own taints changed, not those of what is in it."""
    seen: Seen = {}
    taints = _changed(value.taints, change, seen)
    return value if taints is value.taints else value.but(taints=taints, forms=_formed(value, change, seen))


def _formed(value: Value, change: Callable[[Taint], Taint | None], seen: Seen) -> tuple[Form, ...] | None:
    """The forms of a text whose taints have changed."""
    if value.forms is None:
        return None
    return tuple(
        [tuple([one if isinstance(one, str) else _changed(one, change, seen) for one in form]) for form in value.forms]
    )


def _changed(taints: tuple[Taint, ...], change: Callable[[Taint], Taint | None], seen: Seen) -> tuple[Taint, ...]:
    known = seen.get(id(taints))
    if known is not None:
        return known[1]  # type: ignore[no-any-return] # taints
    changed = tuple([new for one in taints if (new := change(one)) is not None])
    if len(changed) == len(taints) and all(new is old for new, old in zip(changed, taints, strict=True)):
        changed = taints
    seen[id(taints)] = taints, changed
    return changed

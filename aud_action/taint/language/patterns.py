"""`match`: what is known where a pattern fits, and where it doesn't; names are bound on the way."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame, meet
from aud_action.taint.code.program import ClassRef
from aud_action.taint.flaws.guards import as_text
from aud_action.taint.frames.assign import element
from aud_action.taint.language.conditions import Sides, agree, believe
from aud_action.taint.library.book import CALLS
from aud_action.taint.values import fold
from aud_action.taint.values.harmless import ALL
from aud_action.taint.values.value import ANY, NUMBER, Value, same
from extractors.flow import code

_WHOLE = {"str", "bytes", "bytearray", "int", "float", "bool", "list", "tuple", "set", "frozenset", "dict"}
"""Built-in classes of which a pattern in parentheses means the object itself."""
_FLAT = {"str", "bytes", "number", "bool", "none", "dict", "set", "function", "class"}
"""Kinds of what is no sequence."""


def matched(frame: Frame, env: Env, subject: Value, pattern: Any) -> Sides:
    """What is known where a pattern fits, and where it doesn't; None for an outcome that can't be."""
    kind = pattern[0]
    if kind == code.EQUALS:
        return _equal(frame, env, subject, pattern[1])
    if kind == code.CAPTURE:
        sides = (env, None) if pattern[2] is None else matched(frame, env, subject, pattern[2])
        if sides[0] is not None and pattern[1]:
            is_shape = pattern[2] is not None and pattern[2][0] == code.SHAPE
            bound = as_text(subject, frame.machine.value_of(frame, env, pattern[2][1])) if is_shape else subject
            sides[0].bind(pattern[1], bound)
        return sides
    if kind == code.ANY_OF:
        return _one_of(frame, env, subject, pattern[1])
    if kind == code.REST:
        if pattern[1]:
            env.bind(pattern[1], subject)
        return env, None
    return _SHAPES[kind](frame, env, subject, pattern)


def _equal(frame: Frame, env: Env, subject: Value, node: Any) -> Sides:
    value = frame.machine.value_of(frame, env, node)
    outcome = fold.compared("==", subject, value)
    if value.consts and len(value.consts) == 1 and (value.consts[0] is None or type(value.consts[0]) is bool):
        fits = {same(one, value.consts[0]) for one in subject.consts or ()}
        outcome = fits.pop() if len(fits) == 1 else fold.compared("is", subject, value) if not fits else None
    elif outcome is None and value.consts is not None and subject.items is not None and not subject.taints:
        outcome = False
    if outcome is not None:
        return (env, None) if outcome else (None, env)
    then, otherwise = env, env.copy()
    agree(frame, then, otherwise, "==", subject, value)
    return then, otherwise


def _one_of(frame: Frame, env: Env, subject: Value, patterns: list[Any]) -> Sides:
    found: Env | None = None
    going: Env | None = env
    for one in patterns:
        if going is not None:
            yes, going = matched(frame, going.copy(), subject, one)
            found = meet(found, yes)
    return found, going


def _all(frame: Frame, env: Env, parts: list[tuple[Value, Any]], sure: bool) -> Sides:
    """Every part fits its pattern. sure: nothing but the parts decides."""
    missed = None if sure else env.copy()
    going: Env | None = env
    for value, one in parts:
        if going is None:
            break
        going, out = matched(frame, going.copy(), value, one)
        missed = meet(missed, out)
    return going, missed


def _sequence(frame: Frame, env: Env, subject: Value, pattern: Any) -> Sides:
    wanted = pattern[1]
    star = next((index for index, one in enumerate(wanted) if one[0] == code.REST), None)
    if subject.kind in _FLAT and not subject.taints:
        return None, env
    known = subject.kind in ("list", "tuple") and subject.items is not None and ANY not in subject.items
    rows = [item for key, item in (subject.items or {}).items() if type(key) is int] if known else []
    sure = known and not subject.taints and not subject.absent
    if sure and (len(rows) < len(wanted) - 1 if star is not None else len(rows) != len(wanted)):
        return None, env
    if not sure or star is None:
        return _all(frame, env, [(_at(subject, index, star), one) for index, one in enumerate(wanted)], sure)
    after = len(wanted) - star - 1
    middle = Value(items=dict(enumerate(rows[star : len(rows) - after])), kind="list")
    values = [*rows[:star], middle, *rows[len(rows) - after :]]
    return _all(frame, env, list(zip(values, wanted, strict=True)), sure)


def _at(subject: Value, index: int, star: int | None) -> Value:
    """An element of a sequence of unknown length."""
    if star is None or index < star:
        return element(subject, index)
    one = element(subject, ANY)
    return Value(items={ANY: one}, kind="list") if index == star else one


def _mapping(frame: Frame, env: Env, subject: Value, pattern: Any) -> Sides:
    _, pairs, rest = pattern
    known = subject.kind == "dict" and subject.items is not None and ANY not in subject.items and not subject.taints
    if not known and subject.kind in _FLAT - {"dict"} and not subject.taints:
        return None, env
    items = subject.items or {}
    parts, names = [], set()
    for key, one in pairs:
        name = frame.machine.value_of(frame, env, key)
        slot = name.consts[0] if name.consts else ANY
        if known and name.consts and slot not in items:
            return None, env
        names.add(slot)
        parts.append((element(subject, slot), one))
    then, missed = _all(frame, env, parts, known and not subject.absent)
    if then is not None and rest:
        left = {key: item for key, item in items.items() if key not in names}
        then.bind(rest, subject.but(items=left) if known else subject)
    return then, missed


def _shape(frame: Frame, env: Env, subject: Value, pattern: Any) -> Sides:
    _, node, positional, named = pattern
    wanted = frame.machine.value_of(frame, env, node)
    outcome = fold.truth(CALLS["builtins.isinstance"](frame, env, [subject, wanted], [], [None, None, [], [], -1]))
    if outcome is None and subject.consts is not None and not subject.taints:
        outcome = _of_constants(subject, wanted)
    if outcome is False:
        return None, env
    if set(wanted.paths) & {"builtins.int", "builtins.float", "builtins.bool"}:
        otherwise = env.copy()
        believe(env, subject, ALL)  # it is a number
        return _all(frame, env, [(NUMBER, one) for one in positional], sure=True)[0], otherwise
    subject = as_text(subject, wanted)
    parts = [(_field(frame, env, subject, wanted, index), one) for index, one in enumerate(positional)]
    parts += [(frame.machine.attribute(frame, env, subject, name), one) for name, one in named]
    return _all(frame, env, parts, outcome is True)


def _of_constants(subject: Value, wanted: Value) -> bool | None:
    """Whether constants are of a built-in class."""
    names = {path.removeprefix("builtins.") for path in wanted.paths}
    if wanted.refs or not names <= _WHOLE:
        return None
    fits = {bool(names & {one.__name__ for one in type(each).__mro__}) for each in subject.consts or ()}
    return fits.pop() if len(fits) == 1 else None


def _field(frame: Frame, env: Env, subject: Value, wanted: Value, index: int) -> Value:
    """What a pattern without a name means: the object itself, or the attribute that the class says."""
    for ref in wanted.refs:
        if isinstance(ref, ClassRef):
            words = frame.machine.class_namespace(ref).get("__match_args__")
            names = [one.consts[0] for one in (words.items or {}).values() if one.consts] if words is not None else []
            names = names or list(ref.annotations)
            if index < len(names):
                return frame.machine.attribute(frame, env, subject, str(names[index]))
    return subject


_SHAPES = {code.SEQUENCE: _sequence, code.MAPPING: _mapping, code.SHAPE: _shape}

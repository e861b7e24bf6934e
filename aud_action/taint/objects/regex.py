"""Regular expressions: what a match promises of the text, and what its groups hold of it."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame, Promise
from aud_action.taint.values import fold
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.charset import groups, of_absence, of_group, of_pattern
from aud_action.taint.values.harmless import marks
from aud_action.taint.values.hosts import pins_host
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import ANY, UNKNOWN, Value, all_taints

_TESTS = {"match", "fullmatch", "search"}
_EACH = {"finditer", "findall"}


def call(
    frame: Frame, path: str, positional: list[Value], named: list[tuple[str | None, Value]], receiver: Value | None
) -> Any:
    """What a function of `re`, or a method of its objects, yields; None for those that a model describes."""
    owner, _, name = path.rpartition(".")
    words = dict(named)
    if owner == "re.Match" and receiver is not None:
        return _of_match(receiver, name, positional)
    if name not in _TESTS | _EACH:
        return None
    if owner == "re.Pattern" and receiver is not None:
        held = receiver.items or {}
        pattern, flags, given = held.get("pattern"), held.get("flags"), positional
    elif owner == "re":
        pattern = positional[0] if positional else words.get("pattern")
        flags, given = positional[2] if len(positional) > 2 else words.get("flags"), positional[1:]
    else:
        return None
    text = given[0] if given else words.get("string", UNKNOWN)
    found = _match(frame, pattern, flags, text, name)
    if name in _TESTS:
        return found
    return Value(items={ANY: found if name == "finditer" else group(found, None)}, kind="list")


def _match(frame: Frame, pattern: Value | None, flags: Value | None, text: Value, how: str) -> Value:
    """A match object: true when it matched."""
    items = {"pattern": pattern or UNKNOWN, "flags": flags or constant(0), "string": text}
    known = _known(items) if how in _TESTS else []
    told = _told(text, [marks(of_pattern(one, bits, how)) for one, bits in known])
    if known and all(pins_host(one, bits, how) for one, bits in known):
        told = _joined(told, _told(text, [frame.machine.models.mask(["ssrf", "open-redirect"])]))
    lacks = _told(text, [marks(of_absence(one, bits)) for one, bits in known if how == "search"])
    promise = Promise(told, lacks, lacks, told)
    return Value(paths=("re.Match",), refs=(promise,) if told or lacks else (), items=items, kind="object", absent=True)


def _told(text: Value, masks: list[int]) -> dict[Any, int]:
    """What it tells of a text that one of several patterns matched, or didn't."""
    mask = ~0 if masks else 0
    for one in masks:
        mask &= one
    return _upward({taint.token: mask for taint in all_taints(text)}) if mask else {}


def _joined(told: dict[Any, int], more: dict[Any, int]) -> dict[Any, int]:
    return {token: told.get(token, 0) | more.get(token, 0) for token in (*told, *more)}


def _upward(told: dict[Any, int]) -> dict[Any, int]:
    env = Env({})
    for token, mask in told.items():
        env.believe(token, mask)
    return env.beliefs


def _known(items: dict[Any, Value]) -> list[tuple[str, int]]:
    """The patterns that a match may be of, with their flags; none when one isn't known."""
    pattern, flags = items["pattern"], items["flags"]
    if not pattern.consts or not all(isinstance(one, str) for one in pattern.consts):
        return []
    if flags.consts is None or not all(isinstance(one, int) for one in flags.consts):
        return []
    return [(one, int(bits)) for one in pattern.consts for bits in flags.consts]


def group(match: Value, key: Any) -> Value:
    """`match[key]`; None for what `findall` gives."""
    held = match.items or {}
    text = held.get("string", UNKNOWN)
    known = _known(held) if "pattern" in held else []
    mask = ~0
    for one, bits in known:
        mask &= of_group(one, bits, key)
    made = fold.part(text, "part", kind="str")
    return each_taint(made, lambda taint: taint.clearing(marks(mask))) if known else made


def _of_match(match: Value, name: str, positional: list[Value]) -> Value | None:
    if name in ("group", "__getitem__"):
        if len(positional) > 1:
            return Value(items={i: group(match, _key(one)) for i, one in enumerate(positional)}, kind="tuple")
        return group(match, _key(positional[0]) if positional else 0)
    if name == "groups":
        return Value(items={key - 1 if key != ANY else ANY: group(match, key) for key in _numbers(match)}, kind="tuple")
    if name == "groupdict":
        return Value(items={ANY: group(match, ANY)}, kind="dict")
    if name in ("start", "end", "span"):
        return Value(kind="number")
    return None


def _numbers(match: Value) -> list[Any]:
    """The numbers of a pattern's groups; any, where there are several patterns or none is known."""
    known = _known(match.items) if match.items and "pattern" in match.items else []
    return list(range(1, groups(*known[0]) + 1)) if len(known) == 1 else [ANY]


def _key(value: Value) -> Any:
    try:
        return fold.one(value)
    except LookupError:
        return ANY


def subscript(base: Value, index: Value) -> Value | None:
    """`match[index]`; None for other objects."""
    return group(base, _key(index)) if "re.Match" in base.paths else None

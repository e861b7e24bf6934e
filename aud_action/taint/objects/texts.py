"""Methods of texts."""

from __future__ import annotations

from collections.abc import Callable

from aud_action.taint.flaws.guards import led
from aud_action.taint.flaws.sinks import reach
from aud_action.taint.frames.assign import element
from aud_action.taint.library.builtin import substituted
from aud_action.taint.objects.given import Given
from aud_action.taint.objects.spelling import speller
from aud_action.taint.values import fold, shown
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.charset import BIT, WITHOUT, of_pattern, replaced, without
from aud_action.taint.values.concat import concat
from aud_action.taint.values.harmless import marks
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import ANY, UNKNOWN, Form, Value, all_taints, forms_of, join_taints
from extractors.flow import code


def _join(given: Given) -> Value:
    parts = given.arg(0)
    if parts.items is not None and ANY not in parts.items and parts.kind in ("list", "tuple"):
        pieces: list[Value] = []
        for item in parts.items.values():
            if pieces:
                pieces.append(given.receiver)
            pieces.append(shown.stringed(item))
        return concat(pieces) if pieces else constant("")
    if parts.kind == "number":  # choices, numbers or dates of a form
        return parts
    if parts.kind == "dict" or parts.refs:
        one = given.frame.machine.iterate(given.frame, given.env, parts, -1)
    else:
        one = element(parts, ANY) if parts.items is not None or parts.taints else UNKNOWN
    taints = join_taints(all_taints(given.receiver), all_taints(one))
    if not given.receiver.consts:
        return Value(taints, kind="str")
    if not taints and one.items is None and not any(() in form for form in forms_of(one)):
        twice = concat([shown.stringed(one), given.receiver, shown.stringed(one)])
        return Value(kind="str", forms=forms_of(twice))  # of literals and numbers, however many
    back = marks(0)
    for char in "".join(str(sign) for sign in given.receiver.consts):
        back |= marks(without(char) | BIT[".."]) if char in "/.:\\" else 0  # what the pieces' own lack was worth
    made = Value(taints, kind="str", forms=_twice(one, given.receiver))
    return each_taint(made, lambda taint: taint._replace(cleared=taint.cleared & ~back)) if back else made


def _twice(one: Value, between: Value) -> tuple[Form, ...] | None:
    """The form of pieces put together from literals: as if there were two, each between its own quotes."""
    if one.items is not None or one.forms is None or len(one.forms) > 2:
        return None
    return concat([one, between, one]).forms


def _hex(given: Given) -> Value:
    """`data.hex()`: as secret as the data, and nothing but digits and letters."""
    mask = marks(of_pattern("[0-9a-f]*", 0, "fullmatch"))
    made = fold.derived(Value(all_taints(given.receiver), kind="str"), "part")
    return each_taint(made, lambda taint: taint.clearing(mask))


def _fromhex(given: Given) -> Value:
    """`bytes.fromhex(text)`: what no digits are can be in it again."""
    text = given.arg(0) if given.positional else given.receiver
    made = fold.derived(Value(all_taints(text), kind="bytes"), "part")
    return each_taint(made, lambda taint: taint._replace(cleared=0))


def _format(given: Given) -> Value:
    _used_as_format(given, "format")
    named: dict[str, Value] = {}
    for name, value in given.named:
        named |= {name: value} if name else _spread(value)
    text = fold.formatted(given.receiver, given.positional, named, speller(given.frame, given.env))
    return given.frame.step(text, given.node[-1], "is formatted into a text")


def _used_as_format(given: Given, name: str) -> None:
    """The text itself is a format: a sink like any call of a library."""
    reach(given.frame, given.env, f"builtins.str.{name}", given.positional, given.named, given.receiver, given.node)


def _format_map(given: Given) -> Value:
    _used_as_format(given, "format_map")
    return fold.formatted(given.receiver, [], _spread(given.arg(0)), speller(given.frame, given.env))


def _spread(mapping: Value) -> dict[str, Value]:
    """What a mapping gives to the holes of a format, by name; under no name what it gives to any other."""
    known = mapping.items or {}
    return {**{str(key): one for key, one in known.items() if key != ANY}, "": known.get(ANY, Value(mapping.taints))}


def _replace(given: Given) -> Value:
    text = given.receiver
    new = given.arg(1)
    result = Value(join_taints(all_taints(text), all_taints(new)), kind="str")
    if text.consts and not text.taints and given.arg(0).consts and not _holds(text, given.arg(0)):
        return text
    try:
        mask = replaced(str(fold.one(given.arg(0))), str(fold.one(new)))
    except LookupError:
        mask = 0
    made = fold.derived(result, _by_replacing(given.arg(0), new))
    return each_taint(made, lambda taint: taint.clearing(marks(mask)))


def _by_replacing(old: Value, new: Value) -> str:
    """How the text was made from the old one: what was left out of it is told, for who tests the rest."""
    if old.consts == ("\\",):
        return "slashed"
    known = old.consts if new.consts == ("",) and old.consts and len(old.consts) == 1 else ()
    return f"{WITHOUT}{known[0]}" if known and isinstance(known[0], str) and known[0] else "changed"


def _holds(text: Value, part: Value) -> bool:
    """Whether one of some constants may hold another."""
    return any(str(one) in str(each) for one in part.consts or () for each in text.consts or ())


def _strip(given: Given) -> Value:
    made = fold.derived(Value(all_taints(given.receiver), kind="str", forms=given.receiver.forms), "same")
    return _bared(given, made)


def _lstrip(given: Given) -> Value:
    return _bared(given, _affixed(given))


def _affixed(given: Given) -> Value:
    """A text without some signs at one end: of a sign of order alone, the whole differs from it in nothing that matters."""
    gone = {sign for one in given.arg(0).consts or () for sign in str(one)}
    known = (not given.positional) or (bool(gone) and gone <= _SIGNS)
    return fold.part(given.receiver, "bare" if known else "part", kind="str")


_SIGNS = frozenset("-+ \t\r\n")


def _bared(given: Given, made: Value) -> Value:
    """A text without some characters at its beginning."""
    gone = "".join(str(one) for one in given.arg(0).consts or ())
    mask = (BIT["/^"] | BIT["//^"] if "/" in gone else 0) | (BIT["-^"] if "-" in gone else 0)
    return each_taint(made, lambda taint: taint.clearing(marks(mask))) if mask else made


def _split(given: Given) -> Value:
    whole = fold.part(given.receiver, "piece", kind="str")
    bare = _lacking(whole, given.arg(0))
    limit = given.arg(1).consts or next((one.consts for name, one in given.named if name == "maxsplit"), None)
    if limit is None and len(given.positional) < 2:
        words = not given.positional and not given.named and not led(given.receiver)
        return Value(items={0: bare, ANY: bare} if words else {ANY: bare}, kind="list")  # his is the first word, too
    if limit != (1,):
        return Value(items={ANY: whole}, kind="list")
    last = given.node[0] == code.CALL and type(given.node[1]) is list and given.node[1][2] == "rsplit"
    rest = fold.part(given.receiver, "part", kind="str")
    return Value(items={0: rest, 1: bare} if last else {0: bare, 1: rest}, kind="list")


def _lacking(value: Value, sign: Value) -> Value:
    """A piece of a text that was cut wherever a character stands: it can't hold it."""
    mask = ~0
    for one in sign.consts or ("",):
        mask &= without(one) if isinstance(one, str) and len(one) == 1 else 0
    return each_taint(value, lambda taint: taint.clearing(marks(mask))) if mask else value


def _lines(given: Given) -> Value:
    """`splitlines()`: no line holds what it was cut at, unless it is kept."""
    line = fold.part(given.receiver, "piece", kind="str")
    mask = 0 if given.positional or given.named else marks(without("\n") | without("\r"))
    return Value(items={ANY: each_taint(line, lambda taint: taint.clearing(mask))}, kind="list")


def _partition(given: Given) -> Value:
    rest = fold.part(given.receiver, "part", kind="str")
    bare = _lacking(rest, given.arg(0))
    return Value(items={0: bare, 1: given.arg(0).but(kind="str"), 2: rest}, kind="tuple")


def _rpartition(given: Given) -> Value:
    parts = _partition(given).items or {}
    return Value(items={0: parts[2], 1: parts[1], 2: parts[0]}, kind="tuple")


def _sub(given: Given) -> Value:
    pattern = given.receiver.items.get("pattern") if given.receiver.items else None
    return substituted(pattern, given.arg(0), given.arg(1))


def _translate(given: Given) -> Value:
    made = fold.part(given.receiver, "changed", kind="str")
    made = made.but(taints=join_taints(made.taints, all_taints(given.arg(0))))
    mask = 0
    for key, new in (given.arg(0).items or {}).items():
        char = chr(key) if isinstance(key, int) else key
        if isinstance(char, str) and new.consts and not any(char in str(one) for one in new.consts):
            mask |= without(char)
    return each_taint(made, lambda taint: taint.clearing(marks(mask)))


def _encode(given: Given) -> Value:
    name = given.arg(0).consts
    if name and name[0] == "unicode_escape":
        made = fold.part(given.receiver, "same", kind="str")
        mask = marks(without("\n") | without("\r"))
        return each_taint(made, lambda taint: taint.clearing(mask))
    return Value(all_taints(given.receiver), kind="str", forms=given.receiver.forms)


TEXT_METHODS: dict[str, Callable[[Given], Value]] = {
    "join": _join, "hex": _hex, "fromhex": _fromhex, "strip": _strip, "lstrip": _lstrip,
    "removeprefix": _affixed, "removesuffix": _affixed,
    "format": _format, "format_map": _format_map, "replace": _replace, "split": _split, "rsplit": _split,
    "splitlines": _lines, "partition": _partition, "rpartition": _rpartition, "sub": _sub, "translate": _translate,
    "encode": _encode, "decode": _encode,
}  # fmt: skip

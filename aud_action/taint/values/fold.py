"""Folding: what operators make of constants, texts and containers. Pure functions of values."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.concat import concat
from aud_action.taint.values.known import constant
from aud_action.taint.values.shown import plain
from aud_action.taint.values.value import (
    ANY,
    BOOL,
    NEVER,
    NUMBER,
    TEXT,
    UNKNOWN,
    Source,
    Taint,
    Token,
    Value,
    all_taints,
    join,
    join_all,
    join_taints,
    same,
)

Spell = Callable[[Value, str], Value]
"""A value as it stands in a text: `s` as `str` shows it, `r` as `repr` does, else a format behind a colon."""
_LONGEST = 4096
_MOST_FORMS = 6
_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "<<": operator.lshift, ">>": operator.rshift, "&": operator.and_, "|": operator.or_,
    "^": operator.xor, "**": operator.pow,
}  # fmt: skip
_ORDERS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_WIDEST = 1 << 62


def one(value: Value) -> Any:
    """The constant that a value is; raises LookupError when it isn't known to be just one."""
    if value.consts is None or len(value.consts) != 1:
        raise LookupError
    return value.consts[0]


def truth(value: Value) -> bool | None:
    """Whether a value counts as true; None when it may be either."""
    if value.consts is not None:
        truths = {bool(each) for each in value.consts}
        return truths.pop() if len(truths) == 1 else None
    if value.taints:
        return None
    if value.absent:
        return False if value.items is not None and not value.items and value.kind != "object" else None
    if value.kind == "function":
        return True
    if value.items is not None and value.kind in ("list", "tuple", "dict", "set") and ANY not in value.items:
        return bool(value.items)
    return None


def truth_kept(value: Value, word: str) -> Value:
    """What an operand of `and`/`or` is, given that it ends the evaluation."""
    if value.consts is None:
        return value if word == "or" else Value(kind=value.kind)
    return value.but(consts=tuple(each for each in value.consts if bool(each) == (word == "or")))


def arithmetic(sign: str, left: Value, right: Value) -> Value:
    """A number, or the constant that it is."""
    try:
        first, second = one(left), one(right)
        if isinstance(first, (int, float)) and isinstance(second, (int, float)):
            if sign in ("**", "<<") and not (abs(first) < 1000 and abs(second) < 64):
                return NUMBER
            result = _NUMBERS[sign](first, second)
            return constant(result) if isinstance(result, (int, float)) and abs(result) < _WIDEST else NUMBER
        if sign == "*" and isinstance(first, str) and isinstance(second, int) and second * len(first) < _LONGEST:
            return constant(first * second)
    except (LookupError, ArithmeticError, TypeError, ValueError, KeyError):
        pass
    if left.kind == "number" or right.kind == "number":
        return NUMBER if sign != "*" else (left if left.kind != "number" else right).but(consts=None)
    if sign in ("-", "//", "**", "<<", ">>"):
        return Value(join_taints(left.taints, right.taints), kind="" if left.items is not None else "number")
    return Value(join_taints(all_taints(left), all_taints(right)))


def sum_of(values: list[Value]) -> Value:
    """The sum of numbers."""
    result = values[0]
    for value in values[1:]:
        result = arithmetic("+", result, value)
    return result


def negative(value: Value) -> Value:
    """`-x`."""
    try:
        number = one(value)
        return constant(-number) if isinstance(number, (int, float)) else NUMBER
    except LookupError:
        return NUMBER


def compared(sign: str, left: Value, right: Value) -> bool | None:
    """What a comparison of constants says; None when it isn't known."""
    if sign in ("is", "is not"):
        if left.kind == "none" and right.consts == (None,):
            return sign == "is"
        known = right.consts == (None,) and (
            left.items is not None or left.kind in ("function", "number", "list", "dict")
        )
        known = known and not left.absent
        if known and left.kind != "number":
            return sign == "is not"
        if left.consts is not None and right.consts == (None,) and None not in left.consts:
            return sign == "is not"
        sign = "==" if sign == "is" else "!="
    if sign in ("in", "not in"):
        return _contained(sign, left, right)
    if left.consts is None or right.consts is None:
        return None
    outcomes = set()
    for first in left.consts:
        for second in right.consts:
            try:
                outcomes.add(bool(_ORDERS[sign](first, second)))
            except TypeError:
                return None
    return outcomes.pop() if len(outcomes) == 1 else None


def _contained(sign: str, left: Value, right: Value) -> bool | None:
    if left.consts is None or len(left.consts) != 1:
        return None
    if right.consts is not None and len(right.consts) == 1:
        container = right.consts[0]
        if isinstance(container, str) and isinstance(left.consts[0], str):
            return (left.consts[0] in container) == (sign == "in")
        return None
    members = constants_in(right)
    if members is None:
        return None
    return any(same(left.consts[0], member) for member in members) == (sign == "in")


def constants_in(value: Value) -> list[Any] | None:
    """The constants that a container holds; None when it may hold something else."""
    if value.items is None or value.taints or ANY in value.items:
        return None
    if value.kind == "dict":
        return list(value.items)
    if value.kind not in ("list", "tuple", "set"):
        return None
    members: list[Any] = []
    for item in value.items.values():
        if item.consts is None:
            return None
        members += item.consts
    return members


def longer(values: list[Value]) -> Value:
    """`list + list`, positions kept while they are known."""
    items: dict[Any, Value] = {}
    taints: tuple[Taint, ...] = ()
    index: int | None = 0
    kind = next(value.kind for value in values if value.kind in ("list", "tuple"))
    for value in values:
        taints = join_taints(taints, value.taints)
        parts = value.items
        if parts is None or ANY in parts or index is None:
            index = None
            rest = join_all(list(parts.values())) if parts else (UNKNOWN if parts is None else NEVER)
            if rest is not NEVER:
                items[ANY] = join(items.get(ANY, NEVER), rest)
        else:
            for item in parts.values():
                items[index] = item
                index += 1
    return Value(taints, items=items, kind=kind)


def overlaid(items: dict[Any, Value], value: Value) -> dict[Any, Value]:
    """The elements after a store under an unknown key: any of them may be the new value."""
    live = bool(all_taints(value))
    changed = {key: join(item, value) if live or key == ANY else item for key, item in items.items()}
    changed.setdefault(ANY, value)
    return changed


def spread(items: dict[Any, Value], value: Value) -> dict[Any, Value]:
    """The elements of a dictionary after another's were put over them."""
    if value.items is None:
        if value.taints:
            return overlaid(items, part(value, "part"))
        return items if value.consts is not None or ANY in items else {**items, ANY: UNKNOWN}  # there may be any
    known = {key: item for key, item in value.items.items() if key != ANY}
    if ANY in value.items:
        items = overlaid(items, value.items[ANY])
    return {**items, **known}


def merged(left: Value, right: Value) -> Value:
    """`dict | dict`; one of sets keeps no order."""
    if "set" in (left.kind, right.kind):
        held = [*(left.items or {}).values(), *(right.items or {}).values()]
        return Value(join_taints(left.taints, right.taints), items={ANY: join_all(held)} if held else {}, kind="set")
    items = spread(spread({}, left), right)
    return Value(join_taints(left.taints, right.taints), items=items, kind="dict")


def sliced(value: Value, bounds: list[Value | None]) -> Value:
    """`value[low:high:step]`: constants are cut; a list keeps what falls within."""
    if value.consts is not None or value.items is not None:
        try:
            cut = slice(*[None if bound is None else one(bound) for bound in bounds])
            if value.consts is not None:
                return join_all([constant(each[cut]) for each in value.consts])
            if value.items is not None and ANY not in value.items and value.kind in ("list", "tuple"):
                kept = [value.items[index] for index in sorted(value.items)][cut]
                return Value(value.taints, items=dict(enumerate(kept)), kind=value.kind)
        except (LookupError, TypeError, ValueError):
            pass
    if value.items is not None:
        return Value(
            value.taints, items={ANY: join_all(list(value.items.values()))} if value.items else {}, kind=value.kind
        )
    return part(value, "slice", kind=value.kind)


def spliced(value: Value, bounds: list[Value | None], new: list[Value]) -> Value:
    """A list after `value[low:high:step] = new`, or after that part was deleted."""
    items = dict(enumerate(new))
    if value.items is not None and ANY not in value.items and value.kind == "list":
        try:
            rows = list(value.items.values())
            rows[slice(*[None if bound is None else one(bound) for bound in bounds])] = new
            return value.but(items=dict(enumerate(rows)))
        except (LookupError, TypeError, ValueError):
            pass
    held = [*(value.items or {}).values(), *items.values()]
    return value.but(items={ANY: join_all(held)} if held else {})


def part(value: Value, relation: str, kind: str = "") -> Value:
    """A piece of a text: as dangerous, but what is shown of it isn't shown of the whole."""
    taints = all_taints(value)
    return derived(Value(taints, kind=kind), relation) if taints else Value(kind=kind)


def derived(value: Value, relation: str) -> Value:
    """The value as a new text, made from the old one."""
    made: dict[Token, Token] = {}

    def change(taint: Taint) -> Taint:
        token = made.get(taint.token) or made.setdefault(taint.token, Token(taint.token, relation))
        return Taint(taint.origin, token, taint.cleared, taint.state, taint.trace, taint.confidence)

    return each_taint(value, change)


def opaque(value: Value) -> Value:
    """The text of an object of which nothing is known."""
    return TEXT if value.kind != "number" else NUMBER


def numeral(value: Value) -> Value:
    """The digits that a format makes of a value: a client's data is a number then, but what can be predicted still can be."""
    kept = tuple(one for one in value.taints if isinstance(one.origin, Source) and one.origin.kind == "random")
    return Value(kept, kind="number") if kept else NUMBER


def percent(left: Value, right: Value, spell: Spell) -> Value:
    """`left % right`: holes are filled in order; numbers stay numbers."""
    try:
        template = one(left)
    except LookupError:
        return concat([left, right]) if left.taints or all_taints(right) else TEXT
    if not isinstance(template, (str, bytes)):
        return NUMBER
    pieces = _split_percent(plain(template))
    positional = right.items is not None and right.kind == "tuple" and ANY not in right.items
    fill = [right.items[key] for key in sorted(right.items)] if positional and right.items else [right]
    values, index = [], 0
    for literal, name, letter in pieces:
        values.append(constant(literal))
        if not letter:
            continue
        if name:
            value = (right.items or {}).get(name) or (right.items or {}).get(ANY) or Value(right.taints)
        else:
            value = fill[index] if index < len(fill) else UNKNOWN
            index += 1
        values.append(numeral(value) if letter in "diouxXeEfFgGc" else spell(value, "r" if letter in "ra" else "s"))
    return concat(values)


def _split_percent(template: str) -> list[tuple[str, str, str]]:
    """Literal, name and letter of each hole of a %-template."""
    pieces, literal, at = [], "", 0
    while at < len(template):
        if template[at] != "%":
            literal += template[at]
            at += 1
            continue
        if template[at : at + 2] == "%%":
            literal += "%"
            at += 2
            continue
        at += 1
        name = ""
        if template[at : at + 1] == "(":
            end = template.find(")", at)
            if end < 0:
                break
            name, at = template[at + 1 : end], end + 1
        while at < len(template) and template[at] in "#0- +123456789.*hlL":
            at += 1
        pieces.append((literal, name, template[at : at + 1] or "s"))
        literal, at = "", at + 1
    return [*pieces, (literal, "", "")]


def formatted(template: Value, positional: list[Value], named: dict[str, Value], spell: Spell) -> Value:
    """`template.format(…)`."""
    try:
        text = one(template)
    except LookupError:
        text = None
    if not isinstance(text, str):
        return concat([template, *positional, *named.values()])
    values, literal, at, automatic = [], "", 0, 0
    while at < len(text):
        char = text[at]
        if text[at : at + 2] in ("{{", "}}"):
            literal, at = literal + char, at + 2
            continue
        if char != "{" or (end := text.find("}", at)) < 0:
            literal, at = literal + char, at + 1
            continue
        hole = text[at + 1 : end]
        name, _, spec = hole.partition(":")
        name, _, conversion = name.partition("!")
        if not name or name[0] in ".[":
            value = positional[automatic] if automatic < len(positional) else UNKNOWN
            automatic += 1
        else:
            value = _hole(name, positional, named)
        how = "r" if conversion in ("r", "a") else "s" if conversion else f":{spec}"
        values += [constant(literal), numeral(value) if spec[-1:] in tuple("bcdeEfFgGnoxX%") else spell(value, how)]
        literal, at = "", end + 1
    return concat([*values, constant(literal)])


def _hole(name: str, positional: list[Value], named: dict[str, Value]) -> Value:
    head = name.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]
    if head.isdigit():
        value = positional[int(head)] if int(head) < len(positional) else UNKNOWN
    else:
        value = named.get(head, named.get("", UNKNOWN))
    rest = name[len(head) :].strip(".[]")
    if rest and value.items is not None:
        key = int(rest) if rest.isdigit() and int(rest) in value.items else rest
        value = value.items.get(key, value.items.get(ANY, Value(value.taints)))
    return value


def boolean(outcome: bool | None) -> Value:
    """A truth value, known or not."""
    return BOOL if outcome is None else constant(outcome)

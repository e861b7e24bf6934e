"""
Abstract values: what the analysis knows of a value at one point of the program.

Values are immutable. A mutation makes a new value that is written back to where the old one was read from, so that
branches share everything and a join touches only what differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

from aud_action.taint.values.pieces import NUMERAL, telling
from aud_action.taint.values.trace import Place, Trace
from aud_action.taint.values.work import WORK

ANY = ("*",)
"""The key of elements whose key isn't known."""
MODEL, ROW = ("<model>",), ("<row>",)
"""As if they were keys of a query of a database: the class whose rows it yields, or one of its rows."""
_MOST_TAINTS = 8
MOST_CONSTANTS = 8
MOST_FORMS = 6
_MOST_ALTERNATIVES = 4
_MOST_IN_TABLES = 24  #: functions and classes: tables by which programs dispatch hold many

NORMALISED = 1  #: a path without `..`: resolved, real, or normalised
STRUCTURED = 2  #: may be a dict or list of the attacker's making
OBJECT = 8  #: an exception itself, not its text


class Source(NamedTuple):
    """Where attacker's data enters."""

    kind: str
    text: str  #: in words
    place: Place

    @property
    def words(self) -> str:
        """The text as the subject of a sentence: an apposition is closed by a comma."""
        return f"{self.text}," if ", " in self.text else self.text


class Label(NamedTuple):
    """A taint that a function was given: stands for any, so that one analysis serves every caller."""

    number: int


_MARKS = 251
_NUMBERS = count()


class Token:
    """The identity of one attacker-chosen text: what a guard that holds is believed for."""

    __slots__ = ("mark", "own", "parent", "relation")
    mark: int

    def __init__(self, parent: Token | None = None, relation: str = "") -> None:
        self.parent = parent
        self.own = 1 << next(_NUMBERS) % _MARKS
        self.mark = (
            self.own if parent is None else self.own | parent.mark
        )  #: who shares no bit with it doesn't come from it
        self.relation = relation  #: how it was made from its parent: same, part, netloc, …

    def descends(self, other: Token) -> bool:
        """Whether this text is the other one or was made from it."""
        token: Token | None = self
        while token is not None:
            if token is other:
                return True
            token = token.parent
        return False


class Taint(NamedTuple):
    """One attacker's influence on a value."""

    origin: Source | Label
    token: Token
    cleared: int  #: classes for which it is no longer dangerous
    state: int
    trace: Trace
    confidence: int  #: percent

    def clearing(self, mask: int) -> Taint:
        """The same, harmless for some classes as well."""
        if not mask & ~self.cleared:
            return self
        return Taint(self.origin, self.token, self.cleared | mask, self.state, self.trace, self.confidence)


Piece = str | tuple[Taint, ...]
"""A stretch of a string: a literal, or a hole with the taints of what fills it."""
Form = tuple[Piece, ...]


TAINTS, CAPTURES = 1, 2


class Value:
    """What is known of a value: taints, constants, API paths, references into the project, elements, text forms."""

    __slots__ = (
        "_holds",
        "_marks",
        "_shapes",
        "absent",
        "all_taints",
        "consts",
        "forms",
        "items",
        "kind",
        "paths",
        "refs",
        "taints",
    )

    def __init__(
        self,
        taints: tuple[Taint, ...] = (),
        consts: tuple[Any, ...] | None = None,
        paths: tuple[str, ...] = (),
        refs: tuple[Any, ...] = (),
        items: dict[Any, Value] | None = None,
        kind: str = "",
        forms: tuple[Form, ...] | None = None,
        absent: bool = False,
    ) -> None:
        self.taints = taints
        self.consts = consts
        self.paths = paths
        self.refs = refs
        self.items = items
        self.kind = kind
        self.forms = forms
        self.absent = absent  #: it may be None as well
        self.all_taints: tuple[Taint, ...] | None = None  #: of it and all that is in it, once somebody has asked
        self._marks = -1
        self._holds = -1
        self._shapes: dict[Any, Any] | None = None

    def but(self, **changes: Any) -> Value:
        """A copy with some fields changed."""
        made = Value(self.taints, self.consts, self.paths, self.refs, self.items, self.kind, self.forms, self.absent)
        for name, value in changes.items():
            setattr(made, name, value)
        return made

    @property
    def marks(self) -> int:
        """The marks of all texts in it, at any depth: 0 when there is no taint."""
        marks = self._marks
        if marks < 0:
            marks = 0
            for taint in self.taints:
                marks |= taint.token.mark
            if self.items:
                for item in self.items.values():
                    marks |= item.marks
            self._marks = marks
        return marks

    @property
    def holds(self) -> int:
        """Whether there are taints in it (TAINTS), or references that know values of a run (CAPTURES), at any depth."""
        found = self._holds
        if found < 0:
            found = TAINTS if self.taints else 0
            for ref in self.refs:
                if getattr(ref, "captures", False):
                    found |= CAPTURES
            if self.items:
                for item in self.items.values():
                    found |= item.holds
            self._holds = found
        return found

    @property
    def shapes(self) -> dict[Any, Any]:
        """What is left of it, if it holds nothing, when it is made abstract in several ways."""
        if self._shapes is None:
            self._shapes = {}
        return self._shapes

    def __repr__(self) -> str:
        shown = [f"{name}={value!r}" for name in self.__slots__[5:] if (value := getattr(self, name))]
        return f"Value({', '.join(shown)})"


UNKNOWN = Value()
NUMBER = Value(kind="number")
TEXT = Value(kind="str")
BOOL = Value(kind="bool")
NONE = Value(consts=(None,), kind="none")


def tainted(taints: tuple[Taint, ...], kind: str = "") -> Value:
    """A value of which only its taints are known."""
    return Value(taints, kind=kind) if taints else UNKNOWN


def same(left: Any, right: Any) -> bool:
    """Whether two constants are the same, types included (True is not 1)."""
    return type(left) is type(right) and left == right


def join_taints(left: tuple[Taint, ...], right: tuple[Taint, ...]) -> tuple[Taint, ...]:
    """The union; of one text seen on both sides, only what both sides cleared stays cleared."""
    if left is right or not right:
        return left
    if not left:
        return right
    merged = {taint.token: taint for taint in left}
    changed = False
    for taint in right:
        known = merged.get(taint.token)
        if known is None:
            if len(merged) < _MOST_TAINTS:
                merged[taint.token] = taint
                changed = True
        elif known is not taint:
            cleared, state = known.cleared & taint.cleared, known.state & taint.state
            confidence = max(known.confidence, taint.confidence)
            if (cleared, state, confidence) != (known.cleared, known.state, known.confidence):
                merged[taint.token] = Taint(known.origin, known.token, cleared, state, known.trace, confidence)
                changed = True
    return tuple(merged.values()) if changed else left


Joined = dict[tuple[int, int], tuple[Value, Value, Value]]
"""Containers that were joined, and what came of it: what many share is joined once."""


def join(left: Value, right: Value, joined: Joined | None = None) -> Value:
    """What is known where two branches meet."""
    if left is right or right is _NEVER:
        return left
    if left is _NEVER:
        return right
    if left is UNKNOWN and not (right.taints or right.items or right.paths or right.refs):
        return UNKNOWN
    if left.items is None or right.items is None:
        return _joined(left, right, _join_opaque(left, right))
    joined = {} if joined is None else joined
    known = joined.get((id(left), id(right)))
    if known is None:
        made = _joined(left, right, _join_items(left.items, right.items, joined))
        known = joined[id(left), id(right)] = left, right, made
    return known[2]


def _joined(left: Value, right: Value, items: dict[Any, Value] | None) -> Value:
    WORK.done += 1
    consts = _join_constants(left.consts, right.consts)
    taints = join_taints(left.taints, right.taints)
    kind = left.kind if left.kind == right.kind else _kind(left, right)
    most = _MOST_IN_TABLES if kind in ("function", "class") else _MOST_ALTERNATIVES
    paths, refs = _union(left.paths, right.paths), _union(left.refs, right.refs, most)
    forms = None if consts is not None else _join_forms(left, right)
    absent = left.absent or right.absent or (left.kind == "none") is not (right.kind == "none")
    if (
        taints is left.taints
        and consts == left.consts
        and paths is left.paths
        and refs is left.refs
        and items is left.items
        and kind == left.kind
        and forms == left.forms
        and absent is left.absent
    ):
        return left  # what stays the same is known to be: loops end, and no copy is joined again
    return Value(taints, consts, paths, refs, items, kind, forms, absent)


NEVER = _NEVER = Value(kind="never")  #: of what never comes about


def join_all(values: Iterator[Value] | list[Value]) -> Value:
    """What is known of any of several values."""
    result = _NEVER
    for value in values:
        result = join(result, value)
    return UNKNOWN if result is _NEVER else result


_CALLED = {"class", "function"}


def _kind(left: Value, right: Value) -> str:
    if left.kind == "none":
        return right.kind
    if right.kind == "none":
        return left.kind
    return "class" if {left.kind, right.kind} == _CALLED else ""  # a table of both; a function is called all the same


def _join_constants(left: tuple[Any, ...] | None, right: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    if left is None or right is None:
        return None
    union = left + tuple(one for one in right if not any(same(one, known) for known in left))
    return union if len(union) <= MOST_CONSTANTS else None


def _union(left: tuple[Any, ...], right: tuple[Any, ...], most: int = _MOST_ALTERNATIVES) -> tuple[Any, ...]:
    if left == right or not right:
        return left
    if not left:
        return right
    new = tuple(one for one in right if one not in left)
    return (left + new)[:most] if new and len(left) < most else left


def _join_opaque(left: Value, right: Value) -> dict[Any, Value] | None:
    """The elements where not both are containers."""
    if left.items is right.items:
        return None
    return _opened(left, right) if right.items is None else _opened(right, left)


def _join_items(left: dict[Any, Value], right: dict[Any, Value], joined: Joined) -> dict[Any, Value]:
    if left is right:
        return left
    merged = dict(left)
    here, there = left.get(ANY), right.get(ANY)
    changed = False
    for key, value in right.items():
        known = merged.get(key, here)
        merged[key] = new = value if known is None else join(known, value, joined)
        changed = changed or new is not known or key not in left
    if there is not None:
        for key in left.keys() - right.keys():
            known = merged[key]
            merged[key] = join(known, there, joined)
            changed = changed or merged[key] is not known
    return merged if changed else left


def _opened(known: Value, other: Value) -> dict[Any, Value] | None:
    """The elements where a container meets something opaque: each may be a part of that."""
    if not known.items or other.kind in ("none", "never") or (other.consts is not None and not other.taints):
        return known.items
    part = Value(other.taints)
    opened = {key: _mixed(item, part) for key, item in known.items.items()}
    opened.setdefault(ANY, part)
    if len(opened) == len(known.items) and all(opened[key] is item for key, item in known.items.items()):
        return known.items
    return opened


def _mixed(item: Value, part: Value) -> Value:
    """An element that may be another; of what is in a container inside it, only that it may come from there."""
    if item.items is None:
        return join(item, part)
    taints = join_taints(item.taints, part.taints)
    return item if taints is item.taints else item.but(taints=taints, consts=None)


def _join_forms(left: Value, right: Value) -> tuple[Form, ...] | None:
    if left.forms is None and right.forms is None and (left.consts is None) == (right.consts is None):
        return None
    if left.items is not None or right.items is not None:  # of an object's text nothing is known but what it holds
        return None
    known = forms_of(left)
    more = [form for form in forms_of(right) if form not in known]
    if len(known) + len(more) > MOST_FORMS:
        more = telling(known, more)
    return (*known, *more) if len(known) + len(more) <= MOST_FORMS else None


def forms_of(value: Value) -> tuple[Form, ...]:
    """The ways in which a text may be put together."""
    if value.forms is not None:
        return value.forms
    if value.consts is not None:
        return tuple((one,) if isinstance(one, str) else ((),) for one in value.consts)
    if value.kind in ("number", "bool") and not value.taints:
        return ((NUMERAL,),)
    return ((value.taints,),)


def all_taints(value: Value) -> tuple[Taint, ...]:
    """The taints of a value and of everything in it."""
    if value.items is None:
        return value.taints
    if value.all_taints is None:
        taints = value.taints
        for item in value.items.values():
            if item.marks:
                taints = join_taints(taints, all_taints(item))
        value.all_taints = taints
    return value.all_taints

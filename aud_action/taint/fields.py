"""
Held of an object that a run was given: each is looked at when it is asked for.

What a run never asks for can't matter to it. So a run serves every call that is equal in what was asked for (see known.py),
however else the objects differ, and what it left alone stays what the caller has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, KeysView
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from aud_action.taint.labels import Labels
    from aud_action.taint.value import Taint, Value

FIELD, NAMES, TAINTS, TAINTED = range(4)
"""What is asked of an object: one field, the names of all, the taints of all but some, or whether there are any."""
_ANY: Final = ("*",)


class Question(NamedTuple):
    """What a run asked of the objects it was given."""

    given: int
    kind: int
    about: Any  #: a field's name; with TAINTS and TAINTED which fields are left out, and with TAINTS how deep to look


Trail = dict[Question, object]
"""What a run asked, in order, and what it was told."""


class Given:
    """An object as a run was given it, and what the run has asked of it."""

    __slots__ = (
        "any",
        "bits",
        "depth",
        "home",
        "index",
        "is_blank",
        "labels",
        "name",
        "names",
        "opened",
        "owner",
        "source",
        "taints",
    )

    def __init__(self, labels: Labels, source: dict[Any, Value], depth: int, owner: object, *, is_blank: bool) -> None:
        self.labels: Labels | None = labels
        self.home = labels.home  #: the run
        self.index = len(labels.givens)
        self.name = labels.name  #: of the parameter
        self.source = source  #: the fields as the caller has them
        self.depth = depth
        self.owner = owner  #: its class
        self.is_blank = is_blank  #: whether the run is told of no field
        self.any = _ANY in source and not is_blank
        self.bits = bits(source)  #: what may be in it: no answer, only a hint
        self.opened: dict[Any, Value | None] = {}  #: with labels; None for a field that isn't there
        self.names: list[Any] = []
        self.taints: dict[Any, tuple[Taint, ...]] = {}
        labels.givens.append(self)

    def field(self, name: Any) -> Value | None:
        """One field; None when it isn't there."""
        if name in self.opened:
            return self.opened[name]
        if self.labels is None or self.is_blank or (name == _ANY and not self.any):
            return None
        self.labels.ask(Question(self.index, FIELD, name))
        return self.opened[name]

    def all_names(self) -> list[Any]:
        """The names of all fields, sorted."""
        if not self.names and self.labels is not None and not self.is_blank:
            self.labels.ask(Question(self.index, NAMES, None))
        return self.names

    def untouched(self, without: frozenset[Any], depth: int) -> tuple[Taint, ...]:
        """The taints of all fields but some."""
        if self.labels is None or self.is_blank:
            return ()
        about = (without, depth)
        if about not in self.taints:
            self.labels.ask(Question(self.index, TAINTS, about))
        return self.taints[about]

    def is_tainted(self, without: frozenset[Any]) -> bool:
        """Whether there are taints in any field but some."""
        if self.labels is None or self.is_blank:
            return False
        return bool(self.labels.ask(Question(self.index, TAINTED, without)))

    def forget(self) -> None:
        """Let go of the caller's: the run is over."""
        self.labels = None
        self.source = {}


def in_order(name: object) -> tuple[str, str]:
    """Sorts names of any kind."""
    return str(name), type(name).__name__


def bits(items: dict[Any, Value]) -> int:
    """What may be in elements, as `Value.holds` has it."""
    found = 0
    if type(items) is Held:
        found = items.given.bits
        items = dict(items.own())
    for one in items.values():
        found |= one.holds
    return found


class Held(dict[Any, "Value"]):
    """The fields of such an object at one point of the run: its own are those that the run has set."""

    __slots__ = ("given",)

    def __init__(self, given: Given, own: Iterable[tuple[Any, Value]] = ()) -> None:
        super().__init__(own)
        self.given = given

    def own(self) -> list[tuple[Any, Value]]:
        """What the run has set."""
        return list(dict.items(self))

    def seen(self) -> list[tuple[Any, Value]]:
        """What the run has set or looked at."""
        opened = self.given.opened.items()
        own = dict.keys(self)
        return [*dict.items(self), *((key, one) for key, one in opened if one is not None and key not in own)]

    def set_alone(self) -> list[tuple[Any, Value]]:
        """What the run has set to something else than it was."""
        opened = self.given.opened
        return [(key, one) for key, one in dict.items(self) if one is not opened.get(key)]

    def untouched(self, depth: int, without: frozenset[Any] = frozenset()) -> tuple[Taint, ...]:
        """The taints of what the run has not set."""
        return self.given.untouched(without.union(dict.keys(self)), depth)

    def joined(self, other: Held, join: Callable[[Value, Value], Value]) -> Held:
        """The fields of the same object on two ways; itself when the other adds nothing."""
        merged, changed = self.copy(), False
        for name in dict.fromkeys([name for name, _ in (*self.own(), *other.own())]):
            here, there = self.get(name), other.get(name)
            new = there if here is None else here if there is None else join(here, there)
            if new is not here:
                merged[name] = new
                changed = True
        return merged if changed else self

    def copy(self) -> Held:
        """The same fields, free to change."""
        return Held(self.given, dict.items(self))

    def __missing__(self, name: Any) -> Value:
        found = self.given.field(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or self.given.field(name) is not None

    def get(self, name: Any, default: Any = None) -> Any:
        """A field, or else the default."""
        if dict.__contains__(self, name):
            return dict.__getitem__(self, name)
        found = self.given.field(name)
        return default if found is None else found

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return len(self.keys())

    def __iter__(self) -> Iterator[Any]:
        return iter(self.keys())

    def keys(self) -> KeysView[Any]:  # type: ignore[override] # a view of a copy
        """All names."""
        return dict.fromkeys(sorted({*self.given.all_names(), *dict.keys(self)}, key=in_order)).keys()

    def values(self) -> list[Value]:  # type: ignore[override] # a list
        """All fields."""
        return [self[name] for name in self.keys()]  # not those of the dictionary below

    def items(self) -> list[tuple[Any, Value]]:  # type: ignore[override] # a list
        """All names with their fields."""
        found = ((name, self.get(name)) for name in self.keys())  # not those of the dictionary below
        return [(name, one) for name, one in found if one is not None]

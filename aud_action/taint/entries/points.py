"""Entry points: the functions that a framework calls with what a client sent, and what they are given."""

from __future__ import annotations

from typing import Any, NamedTuple

from aud_action.taint.code.frame import Frame, Names, shared
from aud_action.taint.code.labels import known_of
from aud_action.taint.code.program import ClassRef, Closure, FunctionRef, Partial
from aud_action.taint.frameworks.routes import captures, decoded
from aud_action.taint.frameworks.schema_texts import SchemaTexts
from aud_action.taint.models import EntryModel
from aud_action.taint.values.value import Value


class Entry(NamedTuple):
    """One function that a framework calls."""

    model: EntryModel
    route: str | None  #: the URL template, when it is known
    arguments: tuple[tuple[str | None, Value], ...]  #: of the registration
    closure: Closure | None = None  #: the function with what it captured
    bound: Partial | None = None  #: what it is given besides: `partial(handler, database)`


_MOST_ALIKE = 4
"""How often one inner function is looked at as the same entry point, each time with what it captured."""


_MOST_HEARD = 8
"""Signals of which one function hears; what connects it may run any number of times."""


class Entries:
    """Every entry point met so far."""

    def __init__(self) -> None:
        self.found: dict[FunctionRef, list[Entry]] = {}
        self.classes: dict[ClassRef, list[Entry]] = {}
        self.listening: list[tuple[Closure, Entry]] = []  #: functions that hear of a signal
        self.views: dict[FunctionRef, list[Entry]] = {}  #: methods of classes of views
        self.within: dict[FunctionRef, list[Entry]] = {}  #: what the wrappers that decorators make of entry points call
        self.wrappers: set[FunctionRef] = set()
        self.hooks: dict[FunctionRef, list[Value]] = {}  #: what sees the parameters of an entry point before it does
        self.captured: dict[str, int | None] = {}  #: what no route of Django's lets through under a name
        self.is_open = False  #: whether there are routes of Django's that nobody can read
        self.schema = SchemaTexts()
        self.rules: dict[ClassRef, list[str]] = {}  #: the patterns of the addresses that lead to a class of Tornado's
        self.let_through: dict[str, int | None] = {}  #: what no route in braces lets through under a name

    def building(self, owner: ClassRef, made: FunctionRef) -> Entry | None:
        """How a framework makes an instance, of a request, before it calls a method that is an entry point."""
        asked = {one.name for one in made.facts.parameters[1:]}
        if not asked & _REQUESTS or len(asked) > _MOST_ASKED:
            return None  # the program makes it
        for function, known in self.found.items():
            if function.owner is owner and known[0].model.first:
                return known[0]
        return None

    def add(self, target: Value, entry: Entry) -> None:
        """A function or view class is registered."""
        if entry.model.captures == "braces":
            _narrow(self.let_through, decoded(entry.route))
        for ref in target.refs:
            if isinstance(ref, Closure):
                known = self.found.setdefault(ref.function, [])
                entry = entry._replace(closure=_settled(ref))
                alike = [one for one in known if one.model is entry.model and one.route == entry.route]
                heard = [one for one, _ in self.listening if one.function is ref.function] if entry.model.signal else []
                if entry.model.signal and len(heard) < _MOST_HEARD:
                    self.listening.append((ref, entry))
                if len(alike) < _MOST_ALIKE and not any(_same(one.closure, ref) for one in alike):
                    known.append(entry)
                    self._wrapped(ref, entry, 4)
            elif isinstance(ref, ClassRef):
                self.classes.setdefault(ref, []).append(entry)
            elif isinstance(ref, Partial):
                self.add(ref.callee, entry._replace(bound=ref))

    def captures(self, route: str | None) -> None:
        """A route of Django's, which may lead to a class, or to routes that other files list."""
        self.is_open = self.is_open or route is None
        _narrow(self.captured, captures(route, "django"))

    def _wrapped(self, ref: Closure, entry: Entry, depth: int) -> None:
        """What a decorator's wrapper calls answers by itself: its page is made where it returns it."""
        for inner in ref.wraps or _captured(ref):
            if isinstance(inner, Closure) and inner.function.facts.name != "<lambda>" and depth:
                self.wrappers.add(ref.function)
                known = self.within.setdefault(inner.function, [])
                if not any(one is entry for one in known):
                    known.append(entry)
                    self._wrapped(inner, entry, depth - 1)

    def answering(self, frame: Frame) -> Entry | None:
        """The entry whose return value is a response, in `model.response`; None for none."""
        known: list[Entry] = [
            *self.found.get(frame.function, ()),
            *self.views.get(frame.function, ()),
            *self.within.get(frame.function, ()),
        ]
        for entry in known:
            if entry.model.response and not any(name in entry.model.unless for name, _ in entry.arguments):
                return entry
        return None


_REQUESTS = frozenset({"request", "req", "_request"})
_MOST_ASKED = 2
"""Pyramid's views are made of a request, or of a context and a request."""


def _narrow(known: dict[str, int | None], told: dict[str, int | None]) -> None:
    """One route more: what none of them lets through."""
    for name, mask in told.items():
        before = known.get(name, mask)
        known[name] = before if mask is None else mask if before is None else before & mask


def _captured(ref: Closure) -> list[Any]:
    """The functions that one has captured and speaks of: around it there may be a hundred others."""
    scope: dict[str, Any] = ref.scope or {}
    values = [scope[name] for name in sorted(ref.function.mentions & scope.keys())]
    return [one for value in values if isinstance(value, Value) and value.kind == "function" for one in value.refs]


def _same(known: Closure | None, ref: Closure) -> bool:
    """Whether a function was met before with the same captures."""
    if known is None or known.function is not ref.function:
        return False
    return known.scope is ref.scope or shared(known.scope, ref.scope)


def _settled(ref: Closure) -> Closure:
    """A function with what it captured, but for what only callers of the function around it know."""
    if not ref.scope:
        return ref
    known = {name: known_of(one) if isinstance(one, Value) else one for name, one in ref.scope.items()}
    return Closure(ref.function, Names.of(known, ref.scope.home), ref.owner, ref.receiver, ref.kind, ref.wraps)

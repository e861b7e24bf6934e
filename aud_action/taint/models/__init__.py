"""What libraries do with data: read from TOML, one file per library, in the words of README.md in this folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from aud_action.taint.models.pattern import Pattern
from aud_action.taint.values.harmless import ALL, Needs, harmless


class ModelError(ValueError):
    """A model that can't be used: names the file, the line and the remedy."""


class SourceModel(NamedTuple):
    """Reading this yields data of a kind."""

    kind: str
    text: str
    structured: bool  #: may be a dict or list of the attacker's making
    clears: int  #: classes for which it is harmless
    confidence: int
    keys: re.Pattern[str] | None  #: what the keys of those elements look like that are such data; None for all
    model: str  #: the file that says so


class Named(NamedTuple):
    """A model that goes by a name instead of an API path."""

    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    model: Any

    def speaks_of(self, name: str) -> bool:
        """Whether it is about things of this name."""
        return self.pattern.search(name) is not None and (self.unless is None or self.unless.search(name) is None)


class SinkModel(NamedTuple):
    """Reaching these arguments with live taint is a flaw."""

    flaw: str
    pattern: Pattern
    when: dict[str, tuple[Any, ...]]  #: argument → constants of which it must be able to be one
    unless: dict[str, tuple[Any, ...]]  #: argument → constants (or "present") that make the call safe
    receiver: str  #: for a method of an unknown object: what the object must be called; for a name: whose attribute or argument it must be
    text: str  #: what the argument's literal parts must look like
    confidence: int
    each: bool  #: a mapping among the arguments is looked at key by key
    shows: str  #: what the template, the first argument, looks like when it puts the variable NAME out as it is
    like: str  #: another class: what is harmless for it is harmless here; "" for none
    model: str


class FlowModel(NamedTuple):
    """How a call's result depends on its arguments."""

    pattern: Pattern
    clears: int
    reopens: bool
    relation: str
    sets: int
    clean: bool
    kind: str
    model: str


class GuardModel(NamedTuple):
    """A test that, when it comes out `on`, makes its argument harmless for some classes."""

    pattern: Pattern
    clears: int
    on: bool | None  #: None: by returning at all
    state: int  #: what the text must be for the test to mean anything
    model: str


class CallbackModel(NamedTuple):
    """A function that calls a function it is given."""

    function: str  #: which argument is the function
    rest: int  #: from which position on its arguments are passed along; -1 for none
    own: tuple[str, ...]  #: keywords that are not passed along
    spread: str  #: the argument that holds its positional arguments
    words: str  #: the argument that holds its keyword arguments
    each: tuple[str, ...]  #: arguments of which it gets one element each
    result: str  #: "" for nothing, value, each: what is returned
    model: str


class EntryModel(NamedTuple):
    """A way in which a framework calls the project's functions."""

    kind: str  #: of the parameters
    methods: tuple[str, ...]  #: of a class: which are called
    handler: str  #: of a call: which argument is the function
    captures: str  #: the syntax of the route's captures
    route: str  #: the argument that holds the route
    first: str  #: type of the first parameter (after self)
    names: dict[str, str]  #: parameter name → type
    exclude: tuple[str, ...]
    typed: bool  #: whether annotations are enforced
    hint: str  #: name of a first parameter of which reading `methods` makes a function a handler
    called: tuple[str, ...]  #: names of functions with such a first parameter that are handlers anyhow
    clears: int  #: classes for which parameters are harmless
    structured: bool  #: whether a parameter may be a dict or list of the client's making
    captured: bool  #: whether nothing is a client's but what the route captures
    open: bool  #: whether `**` takes what the route doesn't capture: the query, the body
    response: str  #: the sink that the return value reaches
    unless: tuple[str, ...]  #: arguments of the registration that make the response harmless
    signal: str  #: the argument that is the signal of which the function hears; `self` for the object itself
    confidence: int  #: that what the parameters hold was chosen by somebody else, in percent
    model: str


@dataclass(slots=True)
class Models:
    """All models in force, indexed by API path."""

    kinds: dict[str, str] = field(default_factory=dict)  #: kind of source → what it is
    always: frozenset[str] = frozenset()  #: kinds that no option switches on
    outside: frozenset[str] = frozenset()  #: kinds that others choose
    flaws: dict[str, int] = field(default_factory=dict)  #: class → bit
    accepts: dict[str, frozenset[str]] = field(default_factory=dict)  #: class → source kinds
    stored: frozenset[str] = frozenset()  #: classes that mind what one request stored and another one reads
    shapes: dict[str, str] = field(default_factory=dict)  #: class → which part of the value matters
    likes: dict[str, list[str]] = field(default_factory=dict)  #: class → classes that are cleared with it
    aliases: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    flags: list[tuple[str, str, EntryModel]] = field(default_factory=list)  #: library, attribute that is set to True
    bases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sources: dict[str, list[SourceModel]] = field(default_factory=dict)
    sinks: dict[str, list[SinkModel]] = field(default_factory=dict)
    flows: dict[str, list[FlowModel]] = field(default_factory=dict)
    guards: dict[str, list[GuardModel]] = field(default_factory=dict)
    decorators: dict[str, list[EntryModel]] = field(default_factory=dict)
    classes: dict[str, list[EntryModel]] = field(default_factory=dict)
    registrations: dict[str, list[EntryModel]] = field(default_factory=dict)
    named_sources: list[Named] = field(default_factory=list)
    named_sinks: list[Named] = field(default_factory=list)
    named_methods: list[Named] = field(default_factory=list)  #: sinks that are methods of unknown objects
    suffixes: dict[str, list[EntryModel]] = field(default_factory=dict)  #: end of a base class's name → its methods
    hints: list[EntryModel] = field(default_factory=list)
    callbacks: dict[str, list[CallbackModel]] = field(default_factory=dict)
    stops: dict[str, bool] = field(default_factory=dict)  #: functions that never return
    relations: dict[str, int] = field(
        default_factory=dict
    )  #: relation → classes a guard on the part clears of the whole
    needs: dict[str, Needs] = field(default_factory=dict)  #: class → the characters it can't do without
    constants: dict[str, Any] = field(default_factory=dict)
    library: dict[str, str] = field(default_factory=dict)  #: file of models → first line of its comment
    _found: dict[tuple[int, str], Any] = field(default_factory=dict)
    _canonical: dict[str, str] = field(default_factory=dict)
    _heads: set[str] | None = None
    _named: dict[tuple[str, bool | None], tuple[Any, ...]] = field(default_factory=dict)
    _minded: dict[str, int] = field(default_factory=dict)

    @property
    def every(self) -> int:
        """The mask of all classes that untrusted text can trigger: a coded secret is told nevertheless."""
        own = sum(1 << bit for name, bit in self.flaws.items() if not self.accepts[name] & self.outside)
        return ALL & ~own

    def mask(self, names: Iterable[str]) -> int:
        """The mask of some classes; `all` is every one."""
        result = 0
        for name in names:
            result |= self.every if name == "all" else 1 << self.flaws[name]
            for like in self.likes.get(name, ()):
                result |= 1 << self.flaws[like]
        return result

    def names(self, mask: int) -> tuple[str, ...]:
        """The classes of a mask; `all` when it has every one that untrusted text can trigger."""
        if mask & self.every == self.every:
            return ("all",)
        return tuple([name for name, bit in self.flaws.items() if harmless(mask, 1 << bit, self.needs[name], "")])

    def canonical(self, path: str) -> str:
        """The path under which models speak of a thing: re-exports and members resolved."""
        known = self._canonical.get(path)
        if known is None:
            known = self._canonical[path] = self._resolve(path, 8)
        return known

    def _resolve(self, path: str, fuel: int) -> str:
        if fuel == 0:
            return path
        alias = self.aliases.get(path)
        if alias is not None:
            return self._resolve(alias, fuel - 1)
        head, dot, last = path.rpartition(".")
        if dot and not last.endswith(")"):
            start = self.canonical(head)
            if start != head:
                return self._resolve(f"{start}.{last}", fuel - 1)
        return path

    def line(self, path: str) -> Iterator[str]:
        """The path itself, then the same member of each base class."""
        yield path
        owner, dot, member = path.rpartition(".")
        if dot:
            for base in self.ancestors(owner):
                yield f"{base}.{member}"
        if path.endswith("[]"):
            for base in self.ancestors(path[:-2]):
                yield f"{base}[]"

    def ancestors(self, name: str) -> list[str]:
        """The modelled base classes of a class, nearest first."""
        found: list[str] = []
        queue = list(self.bases.get(name, ()))
        while queue and len(found) < 40:
            base = queue.pop(0)
            if base not in found:
                found.append(base)
                queue += self.bases.get(base, ())
        return found

    def find(self, table: dict[str, Any], path: str) -> Any:
        """What a table says of a path or of the member it inherits; None when nothing."""
        key = (id(table), path)
        if key in self._found:
            return self._found[key]
        found = next((table[one] for one in self.line(path) if one in table), None)
        self._found[key] = found
        return found

    def called(self, name: str, *, sink: bool = False) -> tuple[Any, ...]:
        """The sources, or sinks, that go by a name: `password`, `reset_token`."""
        key = (name, sink)
        found = self._named.get(key)
        if found is None:
            rows = self.named_sinks if sink else self.named_sources
            found = self._named[key] = tuple([row.model for row in rows if row.speaks_of(name)])
        return found

    def minded(self, kind: str) -> int:
        """The mask of the classes that mind a kind of source: cleared for those, it is as good as none."""
        known = self._minded.get(kind)
        if known is None:
            known = self._minded[kind] = self.mask([flaw for flaw, kinds in self.accepts.items() if kind in kinds])
        return known

    def methods(self, name: str) -> tuple[SinkModel, ...]:
        """The sinks that a method of an unknown object may be by its name alone."""
        key = (name, None)
        found = self._named.get(key)
        if found is None:
            found = self._named[key] = tuple([row.model for row in self.named_methods if row.speaks_of(name)])
        return found

    def knows(self, path: str) -> bool:
        """Whether some model speaks of a path or of something below it."""
        if self._heads is None:
            tables = (self.sources, self.sinks, self.flows, self.guards, self.types, self.aliases, self.bases)
            heads: set[str] = set()
            for name in [*(key for table in tables for key in table), *self.decorators, *self.classes]:
                parts = name.replace("()", "").split(".")
                heads.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
            self._heads = heads
        return path in self._heads

    def type_of(self, path: str) -> str:
        """The class of what a path yields; the path itself when no model says."""
        known: str | None = self.find(self.types, path)
        if known is None and (general := self.types.get(f"{path.rpartition('.')[0]}.*")) is not None:
            tables = (self.sinks, self.flows, self.sources, self.guards)
            known = None if any(self.find(table, path) for table in tables) else general
        return known or path


def load(own: Iterable[tuple[str, str]] = ()) -> Models:
    """The models of the house and the user's own (name, text). Raises ModelError."""
    own = tuple(own)
    return _loaded(own) if own else _alone()


@cache
def _alone() -> Models:
    return _loaded(())


def _loaded(own: tuple[tuple[str, str], ...]) -> Models:
    from aud_action.taint.models.loading import read

    return read(Models(), own)

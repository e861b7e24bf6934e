"""What libraries do with data: read from TOML, one file per library, in the words of README.md in this folder."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, cast

from aud_action.taint.harmless import ALL, Needs, needed
from aud_action.taint.models.pattern import Pattern, expand, parse

CAPTURES = ("", "flask", "django", "braces", "regex")


class ModelError(ValueError):
    """A model that can't be used: names the file, the line and the remedy."""


class SourceModel(NamedTuple):
    """Reading this yields data of a kind."""

    kind: str
    text: str
    structured: bool  #: may be a dict or list of the attacker's making
    clears: int  #: classes for which it is harmless
    model: str  #: the file that says so


class SinkModel(NamedTuple):
    """Reaching these arguments with live taint is a flaw."""

    flaw: str
    pattern: Pattern
    when: dict[str, tuple[Any, ...]]  #: argument → constants of which it must be able to be one
    unless: dict[str, tuple[Any, ...]]  #: argument → constants (or "present") that make the call safe
    receiver: str  #: for a method of an unknown object: what the object must be called
    confidence: int
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
    structured: bool  #: whether a parameter may be a dict or list of the client's making
    response: str  #: the sink that the return value reaches
    unless: tuple[str, ...]  #: arguments of the registration that make the response harmless
    model: str


@dataclass(slots=True)
class Models:
    """All models in force, indexed by API path."""

    flaws: dict[str, int] = field(default_factory=dict)  #: class → bit
    accepts: dict[str, frozenset[str]] = field(default_factory=dict)  #: class → source kinds
    shapes: dict[str, str] = field(default_factory=dict)  #: class → which part of the value matters
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

    @property
    def every(self) -> int:
        """The mask of all classes that untrusted text can trigger."""
        return ALL

    def mask(self, names: Iterable[str]) -> int:
        """The mask of some classes; `all` is every one."""
        result = 0
        for name in names:
            result |= self.every if name == "all" else 1 << self.flaws[name]
        return result

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
        known = cast("str | None", self.find(self.types, path))
        if known is None and (general := self.types.get(f"{path.rpartition('.')[0]}.*")) is not None:
            tables = (self.sinks, self.flows, self.sources, self.guards)
            known = None if any(self.find(table, path) for table in tables) else general
        return known or path


_RECORDS = {
    "source": {"match", "kind", "text", "structured", "clears"},
    "stop": {"match"},
    "sink": {"match", "class", "when", "unless", "receiver", "confidence"},
    "sanitizer": {"match", "clears", "relation", "kind"},
    "propagator": {"match", "reopens", "relation", "sets", "kind"},
    "clean": {"match", "kind"},
    "guard": {"match", "clears", "on"},
    "callback": {"match", "function", "rest", "own", "spread", "words", "each", "result"},
    "entrypoint": {
        "decorator", "base", "call", "methods", "handler", "params", "captures", "route", "first", "names", "exclude",
        "typed", "structured", "response", "unless",
        "hint",
        "attribute",
    },
    "class": {"id", "accepts", "shape", "needs"},
    "relation": {"id", "clears"},
}  # fmt: skip
_TABLES = {"alias", "types", "bases", "constants"}
_STATES = {"": 0, "normalised": 1, "structured": 2, "slashed": 4}


class _Loader:
    """Reads TOML files into one Models."""

    def __init__(self, models: Models) -> None:
        self.models = models
        self.name = ""
        self.text = ""

    def read(self, name: str, text: str) -> None:
        """Add the records of one file. Raises ModelError."""
        self.name, self.text = name, text
        try:
            tree = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ModelError(f"{name}: {error}") from error
        tree = tree.get("tool", {}).get("aud", {}).get("taint", tree) if "tool" in tree else tree
        self.models.library[name] = text.partition("\n")[0].lstrip("# ").strip()
        for section, content in tree.items():
            if section in _TABLES:
                self._table(section, content)
            elif section in _RECORDS:
                for record in content:
                    self._record(section, record)
            else:
                self._fail(f"unknown section {section!r}", section, [*_RECORDS, *_TABLES])

    def _fail(self, problem: str, word: str, known: Iterable[str] = ()) -> None:
        lines = self.text.split("\n")
        line = next((number for number, one in enumerate(lines, 1) if word in one), 1)
        near = get_close_matches(word, list(known), 1)
        raise ModelError(f"{self.name}:{line}: {problem}" + (f"; did you mean {near[0]!r}?" if near else ""))

    def _table(self, section: str, content: dict[str, Any]) -> None:
        target: dict[str, Any] = getattr(self.models, "aliases" if section == "alias" else section)
        for key, value in content.items():
            for one in expand(key):
                target[one] = tuple(value) if isinstance(value, list) else value

    def _record(self, section: str, record: dict[str, Any]) -> None:
        for key in record:
            if key not in _RECORDS[section]:
                self._fail(f"unknown key {key!r} in [[{section}]]", key, _RECORDS[section])
        for name in self._classes(record):
            if name != "all" and name not in self.models.flaws:
                self._fail(f"unknown class {name!r}", name, self.models.flaws)
        getattr(self, f"_{section}")(record)

    def _classes(self, record: dict[str, Any]) -> list[str]:
        flaw = record.get("class")
        return [*record.get("clears", ()), *([flaw] if flaw else [])]

    def _patterns(self, record: dict[str, Any]) -> Iterator[Pattern]:
        match = record.get("match", ())
        for one in [match] if isinstance(match, str) else match:
            for text in expand(one):
                try:
                    yield parse(text)
                except ValueError as error:
                    self._fail(str(error), one)

    def _class(self, record: dict[str, Any]) -> None:
        name = record["id"]
        self.models.flaws[name] = len(self.models.flaws)
        self.models.accepts[name] = frozenset(record.get("accepts", ()))
        self.models.shapes[name] = record.get("shape", "text")
        self.models.needs[name] = needed(record.get("needs", []))

    def _source(self, record: dict[str, Any]) -> None:
        match, clears = record["match"], self.models.mask(record.get("clears", ()))
        for path in [one for text in ([match] if isinstance(match, str) else match) for one in expand(text)]:
            model = SourceModel(
                record["kind"], record.get("text", ""), record.get("structured", False), clears, self.name
            )
            self.models.sources.setdefault(path, []).append(model)

    def _sink(self, record: dict[str, Any]) -> None:
        when, unless = _conditions(record.get("when", {})), _conditions(record.get("unless", {}))
        for pattern in self._patterns(record):
            receiver, confidence = record.get("receiver", ""), record.get("confidence", 100)
            model = SinkModel(record["class"], pattern, when, unless, receiver, confidence, self.name)
            self.models.sinks.setdefault(pattern.path, []).append(model)

    def _sanitizer(self, record: dict[str, Any]) -> None:
        clears = self.models.mask(record["clears"])
        self._flow(record, clears=clears, relation=record.get("relation", "same"))

    def _propagator(self, record: dict[str, Any]) -> None:
        self._flow(record, relation=record.get("relation", "same"))

    def _clean(self, record: dict[str, Any]) -> None:
        self._flow(record, clean=True)

    def _flow(self, record: dict[str, Any], clears: int = 0, relation: str = "", clean: bool = False) -> None:
        state, kind = _STATES[record.get("sets", "")], record.get("kind", "")
        for pattern in self._patterns(record):
            model = FlowModel(pattern, clears, record.get("reopens", False), relation, state, clean, kind, self.name)
            self.models.flows.setdefault(pattern.path, []).append(model)

    def _guard(self, record: dict[str, Any]) -> None:
        clears, on = self.models.mask(record["clears"]), record.get("on", True)
        for pattern in self._patterns(record):
            model = GuardModel(pattern, clears, None if on == "return" else bool(on), self.name)
            self.models.guards.setdefault(pattern.path, []).append(model)

    def _callback(self, record: dict[str, Any]) -> None:
        model = CallbackModel(
            str(record.get("function", "0")), record.get("rest", -1), tuple(record.get("own", ())),
            record.get("spread", ""), record.get("words", ""), tuple(record.get("each", ())),
            record.get("result", ""), self.name,
        )  # fmt: skip
        for pattern in self._patterns(record):
            self.models.callbacks.setdefault(pattern.path, []).append(model)

    def _stop(self, record: dict[str, Any]) -> None:
        for pattern in self._patterns(record):
            self.models.stops[pattern.path] = True

    def _relation(self, record: dict[str, Any]) -> None:
        self.models.relations[record["id"]] = self.models.mask(record["clears"])

    def _entrypoint(self, record: dict[str, Any]) -> None:
        model = EntryModel(
            record.get("params", "remote"), tuple(record.get("methods", ())), str(record.get("handler", "")),
            record.get("captures", ""), str(record.get("route", "0")), record.get("first", ""),
            record.get("names", {}), tuple(record.get("exclude", ())), record.get("typed", False),
            record.get("hint", ""), record.get("structured", False), record.get("response", ""), tuple(record.get("unless", ())), self.name,
        )  # fmt: skip
        if model.captures not in CAPTURES:
            self._fail(f"unknown captures {model.captures!r}", model.captures, CAPTURES)
        if model.hint:
            self.models.hints.append(model)
        if "attribute" in record:
            library, _, name = record["attribute"].rpartition(".")
            self.models.flags.append((library, name, model))
        for key, target in (("decorator", "decorators"), ("base", "classes"), ("call", "registrations")):
            match = record.get(key, ())
            for one in [match] if isinstance(match, str) else match:
                for path in expand(one):
                    getattr(self.models, target).setdefault(path, []).append(model)


def _conditions(record: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {key: tuple(value) if isinstance(value, list) else (value,) for key, value in record.items()}


@cache
def _house() -> tuple[tuple[str, str], ...]:
    pages = sorted(cast("Path", page) for page in files(__name__).iterdir() if page.name.endswith(".toml"))
    pages.sort(key=lambda page: (page.name != "classes.toml", page.name))
    return tuple((page.name, page.read_text("utf-8")) for page in pages)


def load(own: Iterable[tuple[str, str]] = ()) -> Models:
    """The models of the house and the user's own (name, text). Raises ModelError."""
    own = tuple(own)
    return _loaded(own) if own else _alone()


@cache
def _alone() -> Models:
    return _loaded(())


def _loaded(own: tuple[tuple[str, str], ...]) -> Models:
    loader = _Loader(Models())
    for name, text in [*_house(), *own]:
        loader.read(name, text)
    return loader.models

"""Reads TOML files into Models: the house's own are trusted to be well-formed, a user's are checked word by word."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from aud_action.prepared import parsed
from aud_action.taint.models import (
    CallbackModel,
    EntryModel,
    FlowModel,
    GuardModel,
    ModelError,
    Models,
    Named,
    SinkModel,
    SourceModel,
)
from aud_action.taint.models.form import RECORDS, STATES, TABLES, Known, Problem, near, problems, table_problems
from aud_action.taint.models.pattern import Pattern, expand, parse
from aud_action.taint.models.position import line_of
from aud_action.taint.values.charset import BIT
from aud_action.taint.values.harmless import marks, needed

_HERE = Path(__file__).parent


def read(models: Models, own: Iterable[tuple[str, str]], *, strictly: bool = False) -> Models:
    """The models of the house, then the user's own (name, text). Raises ModelError."""
    for name, text in _house():
        _File(models, name, text).load(strictly=strictly)
    for name, text in own:
        _File(models, name, text).load(strictly=True)
    return models


@cache
def _house() -> tuple[tuple[str, str], ...]:
    """Name and text of each file of the house; the one that declares the classes first."""
    pages = sorted(_HERE.glob("*.toml"), key=lambda page: (page.name != "classes.toml", page.name))
    return tuple((page.name, page.read_text("utf-8")) for page in pages)


class _File:
    """One file of models."""

    def __init__(self, models: Models, name: str, text: str) -> None:
        self.models = models
        self.name = name
        self.text = text

    def load(self, *, strictly: bool) -> None:
        """Add what the file says. Raises ModelError that names the line."""
        try:
            tree = parsed(self.text, _HERE)
        except tomllib.TOMLDecodeError as error:
            raise ModelError(f"{self.name}: {error}") from error
        tree = tree.get("tool", {}).get("aud", {}).get("taint", tree) if "tool" in tree else tree
        if strictly:
            self._check_sections(tree)
        self.models.library[self.name] = self.text.partition("\n")[0].lstrip("# ").strip()
        for section in sorted(tree, key=lambda name: name not in ("kind", "class")):
            content = tree[section]
            if section in TABLES:
                if strictly:
                    self._check(section, 0, table_problems(section, content))
                self._table(section, content)
                continue
            for number, record in enumerate(content):
                if strictly:
                    known = Known(tuple(self.models.flaws), tuple(self.models.kinds))
                    self._check(section, number, problems(section, record, known))
                getattr(self, f"_{section}")(record)

    def _check_sections(self, tree: dict[str, Any]) -> None:
        known = (*RECORDS, *TABLES)
        for section, content in tree.items():
            if section not in known:
                line = line_of(self.text, section, 0)
                raise ModelError(f"{self.name}:{line}: unknown section {section!r}{near(section, known)}")
            if section in RECORDS and not isinstance(content, list):
                line = line_of(self.text, section, 0)
                raise ModelError(f"{self.name}:{line}: {section!r} holds records: write [[{section}]]")

    def _check(self, section: str, number: int, found: Iterator[Problem]) -> None:
        problem = next(found, None)
        if problem is not None:
            line = line_of(self.text, section, number, problem.key, problem.word)
            raise ModelError(f"{self.name}:{line}: {problem.text}{near(problem.word, problem.known)}")

    # Sections

    def _table(self, section: str, content: dict[str, Any]) -> None:
        target: dict[str, Any] = getattr(self.models, "aliases" if section == "alias" else section)
        for key, value in content.items():
            for one in expand(key):
                target[one] = tuple(value) if isinstance(value, list) else value

    def _kind(self, record: dict[str, Any]) -> None:
        models, name = self.models, record["id"]
        models.kinds[name] = record["text"]
        models.always |= {name} if record.get("always") else set()
        models.outside |= {name} if record.get("outside") else set()

    def _class(self, record: dict[str, Any]) -> None:
        models, name = self.models, record["id"]
        models.flaws[name] = len(models.flaws)
        models.accepts[name] = frozenset(record["accepts"]) if "accepts" in record else models.outside
        models.shapes[name] = record.get("shape", "text")
        models.needs[name] = needed(record.get("needs", []))
        models.stored |= {name} if record.get("stored") else set()
        if "like" in record:
            models.likes.setdefault(record["like"], []).append(name)

    def _source(self, record: dict[str, Any]) -> None:
        model = SourceModel(
            record["kind"], record.get("text", ""), record.get("structured", False),
            self.models.mask(record.get("clears", ())), record.get("confidence", 100),
            re.compile(record["keys"]) if "keys" in record else None, self.name,
        )  # fmt: skip
        if "name" in record:
            self.models.named_sources.append(_named(record, model))
        for path in [one for text in _texts(record) for one in expand(text)]:
            self.models.sources.setdefault(path, []).append(model)

    def _sink(self, record: dict[str, Any]) -> None:
        when, unless = _conditions(record.get("when", {})), _conditions(record.get("unless", {}))
        receiver, text, confidence = record.get("receiver", ""), record.get("text", ""), record.get("confidence", 100)
        each, shows, like = record.get("each", False), record.get("shows", ""), record.get("like", "")
        for pattern in _patterns(record):
            model = SinkModel(
                record["class"], pattern, when, unless, receiver, text, confidence, each, shows, like, self.name
            )
            if "method" in record:
                self.models.named_methods.append(Named(re.compile(record["method"]), None, model))
                continue
            self.models.sinks.setdefault(pattern.path, []).append(model)
        if "name" in record:
            model = SinkModel(
                record["class"],
                parse("name(0)"),
                when,
                unless,
                receiver,
                text,
                confidence,
                each,
                shows,
                like,
                self.name,
            )
            self.models.named_sinks.append(_named(record, model))

    def _sanitizer(self, record: dict[str, Any]) -> None:
        clears = self.models.mask(record["clears"])
        self._flow(record, clears=clears, relation=record.get("relation", "same"))

    def _propagator(self, record: dict[str, Any]) -> None:
        self._flow(record, relation=record.get("relation", "same"))

    def _clean(self, record: dict[str, Any]) -> None:
        self._flow(record, clean=True)

    def _flow(self, record: dict[str, Any], clears: int = 0, relation: str = "", clean: bool = False) -> None:
        state, kind = STATES[record.get("sets", "")], record.get("kind", "")
        for pattern in _patterns(record):
            model = FlowModel(pattern, clears, record.get("reopens", False), relation, state, clean, kind, self.name)
            self.models.flows.setdefault(pattern.path, []).append(model)

    def _guard(self, record: dict[str, Any]) -> None:
        clears, on = self.models.mask(record["clears"]), record.get("on", True)
        for pattern in _patterns(record):
            state = STATES[record.get("state", "")]
            model = GuardModel(pattern, clears, None if on == "return" else bool(on), state, self.name)
            self.models.guards.setdefault(pattern.path, []).append(model)

    def _callback(self, record: dict[str, Any]) -> None:
        model = CallbackModel(
            str(record.get("function", "0")), record.get("rest", -1), tuple(record.get("own", ())),
            str(record.get("spread", "")), str(record.get("words", "")), tuple(record.get("each", ())),
            record.get("result", ""), self.name,
        )  # fmt: skip
        for pattern in _patterns(record):
            self.models.callbacks.setdefault(pattern.path, []).append(model)

    def _stop(self, record: dict[str, Any]) -> None:
        for pattern in _patterns(record):
            self.models.stops[pattern.path] = True

    def _relation(self, record: dict[str, Any]) -> None:
        lacks = sum(BIT[mark] for mark in record.get("lacks", ()))
        self.models.relations[record["id"]] = self.models.mask(record["clears"]) | marks(lacks)

    def _entrypoint(self, record: dict[str, Any]) -> None:
        model = EntryModel(
            record.get("params", "remote"), tuple(record.get("methods", ())), str(record.get("handler", "")),
            record.get("captures", ""), str(record.get("route", "0")), record.get("first", ""),
            record.get("names", {}), tuple(record.get("exclude", ())), record.get("typed", False),
            record.get("hint", ""), tuple(record.get("called", ())), self.models.mask(record.get("clears", ())),
            record.get("structured", False), record.get("captured", False), record.get("open", False),
            record.get("response", ""),
            tuple(record.get("unless", ())), record.get("signal", ""), record.get("confidence", 100), self.name,
        )  # fmt: skip
        if model.hint:
            self.models.hints.append(model)
        for path in [path for one in _texts(record, "attribute") for path in expand(one)]:
            library, _, name = path.rpartition(".")
            self.models.flags.append((library, name, model))
        for key, target in (("decorator", "decorators"), ("base", "classes"), ("call", "registrations")):
            for path in [path for one in _texts(record, key) for path in expand(one)]:
                loose = key == "base" and path.startswith("?.")
                table = self.models.suffixes if loose else getattr(self.models, target)
                table.setdefault(path.removeprefix("?.") if loose else path, []).append(model)


def _texts(record: dict[str, Any], key: str = "match") -> list[str]:
    found = record.get(key, ())
    return [found] if isinstance(found, str) else list(found)


def _patterns(record: dict[str, Any]) -> Iterator[Pattern]:
    for text in _texts(record):
        yield from map(parse, expand(text))


def _named(record: dict[str, Any], model: SourceModel | SinkModel) -> Named:
    unless = record.get("not")
    return Named(re.compile(record["name"]), re.compile(unless) if unless else None, model)


def _conditions(record: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {key: tuple(value) if isinstance(value, list) else (value,) for key, value in record.items()}

"""Every entry of the catalogue of sources, sinks, propagators, sanitizers and guards is taken by something that exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from aud_action.rules import book
from aud_action.taint.models import load

HERE = Path(__file__).parent
CATALOGUE = tomllib.loads((HERE / "catalogue.toml").read_text("utf-8"))
MODELS = load()
HEADINGS = {
    line[3:].strip()
    for page in (HERE / "pairs").glob("*.md")
    for line in page.read_text("utf-8").split("\n")
    if line[:3] == "## "
}
NUMBERS = {"sources": 94, "sinks": 156, "propagators": 25, "sanitizers": 31, "guards": 25}
ENTRIES = [(group, number) for group in NUMBERS for number in CATALOGUE[group]]
_EFFECTS = (MODELS.flows, MODELS.guards, MODELS.callbacks)
_ENTRY = (MODELS.decorators, MODELS.classes, MODELS.registrations)
TABLES = {
    "sources": (MODELS.sources, *_ENTRY, *_EFFECTS),
    "sinks": (MODELS.sinks, MODELS.flows, MODELS.sources),
    "propagators": (*_EFFECTS, MODELS.sources),
    "sanitizers": (*_EFFECTS,),
    "guards": (MODELS.guards, MODELS.sources),
}


def _is_taken(group: str, entry: str) -> bool:
    """Whether what an entry names is there."""
    word, colon, rest = entry.partition(": ")
    if not colon:
        return any(MODELS.find(table, path) for table in TABLES[group] for path in (entry, MODELS.canonical(entry)))
    match word:
        case "rule" | "page":
            return rest in book()
        case "pair":
            return rest in HEADINGS
        case "hint":
            return any(model.hint == rest for model in MODELS.hints)
        case "base":
            return rest in MODELS.suffixes
        case "name":
            return bool(MODELS.called(rest) or MODELS.called(rest, sink=True))
        case "method":
            return bool(MODELS.methods(rest))
    return word == "left out" and bool(rest)


@pytest.mark.parametrize(("group", "number"), ENTRIES, ids=[f"{group}-{number}" for group, number in ENTRIES])
def test_an_entry_is_taken(group, number):
    assert [entry for entry in CATALOGUE[group][number] if not _is_taken(group, entry)] == []


def test_no_entry_is_missing():
    assert {group: len(CATALOGUE[group]) for group in NUMBERS} == NUMBERS
    assert all(entries for group in NUMBERS for entries in CATALOGUE[group].values())


def test_every_class_has_a_page():
    assert set(CATALOGUE["classes"].values()) <= set(book())
    assert len(CATALOGUE["classes"]) + len(CATALOGUE["left-out"]) == 41
    assert sorted(set(MODELS.flaws) - set(book())) == []


def test_a_page_speaks_only_of_flaws_that_there_are():
    for rule in book().values():
        for flaw in re.findall(r"flaw = '([\w-]+)'", rule.sql):
            assert flaw in MODELS.flaws, rule.id

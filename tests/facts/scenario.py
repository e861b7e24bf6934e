"""Reads a page of scenarios: a heading, files, and queries with the exact rows they give."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from aud_action.pipeline import index
from aud_action.settings import Settings

_FENCE = re.compile(r"^```(\w+)(?: +(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMES = {"python": "m.py", "text": "notes.txt", "html": "templates/page.html"}


@dataclass
class Scenario:
    """Files, and what is asked of their database."""

    sentence: str
    files: dict[str, str] = field(default_factory=dict)
    queries: list[tuple[str, list[str]]] = field(default_factory=list)


def scenarios(page: Path) -> list[Scenario]:
    """Every section of a page that asks something."""
    found = []
    for section in re.split(r"^## ", page.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        scenario = Scenario(section.partition("\n")[0].strip())
        for word, name, text in _FENCE.findall(section):
            if word == "sql":
                scenario.queries.append((text, []))
            elif word == "rows":
                scenario.queries[-1][1].extend(text.splitlines())
            else:
                scenario.files[name or _NAMES[word]] = text
        found.append(scenario)
    return found


def cell(value: object) -> str:
    """One value as it stands in a page."""
    return "NULL" if value is None else str(value).replace("\n", "\\n")


def database(scenario: Scenario, folder: Path):
    """The database of the scenario's files."""
    for name, text in scenario.files.items():
        path = folder / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    store, incomplete, _ = index(Settings(root=folder / "project", jobs=1), folder / "aud.db")
    assert incomplete == []
    failed = "SELECT extractor, message FROM python_extraction_errors WHERE extractor NOT IN ('parse', 'limit')"
    assert [tuple(row) for row in store.rows(failed)] == []
    return store


def answers(store, sql: str) -> list[str]:
    """The rows of a query as they stand in a page, in the query's order, else sorted."""
    lines = [" | ".join(map(cell, row)).strip() for row in store.rows(sql)]
    return lines if "ORDER BY" in sql else sorted(lines)

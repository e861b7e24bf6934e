"""A page's examples as folders on disk, and the lines in them that are marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from aud_action.pipeline import scan
from aud_action.rules import Example, Rule
from aud_action.settings import Settings

MARK = re.compile(r"(?:#|<!--|\{#)\s*finding\b")
_FILE = re.compile(r"^(?:#|<!--|\{#)\s*file:\s*(\S+)\s*(?:-->|#\})?[ \t]*$", re.MULTILINE)
_NAMES = {"python": "example.py", "html": "templates/example.html", "jinja": "templates/example.html.j2"}


class Place(NamedTuple):
    """One line of one example."""

    example: str
    path: str
    line: int


def parts(example: Example) -> Iterator[tuple[str, str]]:
    """Path and text of each file of an example."""
    pieces = _FILE.split(example.text)
    if pieces[0].strip():
        yield _NAMES[example.language or "python"], pieces[0]
    yield from zip(pieces[1::2], pieces[2::2], strict=True)


def folder(example: Example) -> str:
    """A name for the example's folder that leads back to the page: the line its text begins at."""
    return f"{example.section.split()[0].lower()}_{example.line}"


def write(examples: tuple[Example, ...], root: Path) -> set[Place]:
    """Write every example below the root; the marked lines."""
    marked = set()
    for example in examples:
        for name, text in parts(example):
            path = root / folder(example) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            if path.suffix != ".py":
                (root / folder(example) / "beside.py").touch()
            lines = enumerate(text.split("\n"), 1)
            marked |= {Place(folder(example), name, number) for number, line in lines if MARK.search(line)}
    return marked


def found(rule: Rule, root: Path, inside: str = "") -> set[Place]:
    """What the rule alone finds below the root, or in the one example folder `inside`."""
    profile = "audit" if rule.precision == "low" else "default"
    result = scan(Settings(root=root / inside, select=(rule.id,), profile=profile, jobs=1))
    assert not result.unanalysed, result.unanalysed
    assert not result.incomplete, result.incomplete
    places = set()
    for finding in result.findings:
        path = f"{inside}/{finding.location.path}" if inside else finding.location.path
        example, _, name = path.partition("/")
        places.add(Place(example, name, finding.location.line))
    return places

"""The rule book: one Markdown page per rule, loaded into frozen values."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from aud_action.prepared import parsed
from aud_action.spelling import nearest

_HERE = Path(__file__).parent
PRECISIONS = ("low", "medium", "high", "very-high")
_MADE_PATTERN = re.compile(r"regexp(?<=\bregexp)\b(?!\s*'(?:[^']++|'')*+'(?!\s*\|\|))")
"""In small letters, a pattern that is put together: from the scanned repository's words, which may be no pattern, or one without an end."""
_FENCE = re.compile(r"^```(\w*)[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"^# +(.+?)[ \t]*$", re.MULTILINE)
_SECTION = re.compile(r"^## +(.+?)[ \t]*$", re.MULTILINE)
_KEYS = frozenset(
    "severity precision cwe owasp aliases message class tests see profile superseded_by harmless_too whole_project".split()
)


class PageError(ValueError):
    """A rule page that can't be used: names the page, the line and the remedy."""


class Example(NamedTuple):
    """One fence of a page: source text, the section it stands in, its language."""

    section: str  #: Found or Fine
    language: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule page."""

    id: str
    title: str
    severity: float
    precision: str
    cwe: tuple[int, ...]
    owasp: tuple[str, ...]
    aliases: tuple[str, ...]
    message: str
    sql: str
    page: str  #: the whole text
    see: tuple[str, ...]
    in_tests: bool  #: also reported in test files
    group: str = (
        ""  #: what the rule is about: crypto, transport, secrets, access, web, injection, files, supply-chain or code
    )
    superseded_by: tuple[str, ...] = ()  #: rules whose finding on the same call says more than this one's
    harmless_too: bool = False  #: reported even where data flow shows that a class of `superseded_by` can't happen
    whole_project: bool = False  #: what it finds in one file depends on the others

    @property
    def prose(self) -> str:
        """Why it is dangerous, and what to do instead."""
        _, _, head = next(_sections(self.page))
        return re.sub(r"\n{3,}", "\n\n", _FENCE.sub("", _TITLE.sub("", head, count=1)).strip())

    @property
    def examples(self) -> tuple[Example, ...]:
        """The fences below the first `##`."""
        return tuple(
            Example(section, m.group(1), m.group(2), self.page.count("\n", 0, start + m.start(2)) + 1)
            for section, start, body in _sections(self.page)
            if section and section != "Known misses"
            for m in _FENCE.finditer(body)
        )

    @property
    def misses(self) -> str:
        """What the page says that the rule doesn't find."""
        return "".join(body.strip() for section, _, body in _sections(self.page) if section == "Known misses")

    @property
    def markdown(self) -> str:
        """What `aud explain` and SARIF's help.markdown show."""
        links = "\n".join(f"- <https://cwe.mitre.org/data/definitions/{n}.html>" for n in self.cwe)
        return f"# {self.title}\n\n{self.prose}\n\n{links}\n"


def _sections(text: str) -> Iterator[tuple[str, int, str]]:
    """Name, offset and text of each `##` section; the part before the first is named ''."""
    marks = [("", 0, 0), *((m.group(1), m.start(), m.end()) for m in _SECTION.finditer(text)), ("", len(text), 0)]
    for (name, _, start), (_, stop, _) in itertools.pairwise(marks):
        yield name, start, text[start:stop]


def _settings(name: str, text: str) -> dict[str, Any]:
    try:
        settings = parsed(text, _HERE)
    except tomllib.TOMLDecodeError as error:
        raise PageError(f"{name}: toml: {error}") from error
    if unknown := sorted(set(settings) - _KEYS):
        raise PageError(
            f"{name}: unknown key {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}{nearest(unknown[0], _KEYS)}"
        )
    if missing := sorted({"severity", "precision", "message"} - set(settings)):
        raise PageError(f"{name}: {missing[0]!r} is missing from the toml block")
    if settings["precision"] not in PRECISIONS:
        raise PageError(f"{name}: precision is {settings['precision']!r}; use one of {', '.join(PRECISIONS)}")
    severity = settings["severity"]
    if isinstance(severity, bool) or not isinstance(severity, (int, float)) or not 0 < severity <= 10:
        raise PageError(f"{name}: severity is {severity!r}; it must be a number over 0.0 up to 10.0")
    return settings


def parse(name: str, text: str) -> Rule:
    """A rule from the text of its page; `name` is its id. Raises PageError."""
    first = _SECTION.search(text)
    head = text[: first.start() if first else None]
    fences = {match.group(1): match.group(2) for match in _FENCE.finditer(head)}
    title = _TITLE.search(head)
    if title is None or "toml" not in fences or "sql" not in fences:
        raise PageError(f"{name}: a page needs an H1, a toml block and an sql block before its first `##`")
    if _MADE_PATTERN.search(fences["sql"].lower()):
        raise PageError(
            f"{name}: sql: REGEXP takes one constant pattern; use instr or GLOB to look for a column's text"
        )
    settings = _settings(name, fences["toml"])
    return Rule(
        id=name,
        title=title.group(1),
        severity=float(settings["severity"]),
        precision=settings["precision"],
        cwe=tuple(settings.get("cwe", ())),
        owasp=tuple(settings.get("owasp", ())),
        aliases=tuple(settings.get("aliases", ())),
        message=settings["message"],
        sql=fences["sql"].strip().rstrip(";"),
        page=text,
        see=tuple(settings.get("see", ())),
        in_tests=settings.get("tests", False),
        group=settings.get("class", ""),
        superseded_by=tuple(settings.get("superseded_by", ())),
        harmless_too=bool(settings.get("harmless_too", False)),
        whole_project=settings.get("whole_project", False),
    )


@cache
def book() -> dict[str, Rule]:
    """The rules of the house, by id, sorted."""
    pages = sorted(_HERE.glob("*.md"))
    rules = (parse(page.stem, page.read_text("utf-8")) for page in pages if page.stem != "README")
    return {rule.id: rule for rule in rules}


def load(folder: Path) -> dict[str, Rule]:
    """A user's own pages, by id. Raises PageError naming the file."""
    return {page.stem: parse(page.stem, page.read_text("utf-8")) for page in sorted(folder.glob("*.md"))}


def peers() -> dict[str, dict[str, str]]:
    """What other tools look for: identifier to title, by tool; under `unmapped`, why nothing here takes one."""
    text = (_HERE / "peers.toml").read_text("utf-8")
    return {name: {key: str(value) for key, value in table.items()} for name, table in tomllib.loads(text).items()}

"""The action's inputs, checked: call `read(environ, workspace)`. The runner can't tell empty from not given, nor do we."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

from aud_action.findings import LEVELS
from aud_action.findings.scope import How
from aud_action.github.place import inside
from aud_action.rules import PRECISIONS
from aud_action.settings import Settings, WrongInput, configured, from_files
from aud_action.spelling import nearest

Comment = Literal["never", "on-findings", "always", "file"]
MAX_ANNOTATIONS = 10
_TRUE, _FALSE = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0", ""})
_CHOICES = {
    "scope": ("auto", "all", "changed-files", "changed-lines"),
    "comment": ("never", "on-findings", "always", "file"),
    "log-level": ("debug", "info", "warning", "error"),
    "min-severity": LEVELS,
    "min-confidence": PRECISIONS[:3],
    "fail-on": ("never", *LEVELS),
}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the workflow asks for."""

    settings: Settings
    scope: How | Literal["auto"]
    base_ref: str
    category: str
    sarif_file: Path | None
    database_file: Path | None
    json_file: Path | None
    comment_file: Path | None
    cache_dir: Path | None
    summary: bool
    annotations: int
    comment: Comment
    debug: bool
    quiet: bool
    token: str


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    """Every input by its name in action.yml. The runner upper-cases names and keeps hyphens."""
    prefix = "INPUT_"
    return {
        key.removeprefix(prefix).lower().replace("_", "-"): value.strip()
        for key, value in environ.items()
        if key.startswith(prefix)
    }


def _choice(given: Mapping[str, str], name: str, default: str) -> str:
    word = given.get(name, "").lower() or default
    if word and word not in _CHOICES[name]:
        allowed = ", ".join(_CHOICES[name])
        raise WrongInput(f"input {name} is {word!r}; use one of {allowed}{nearest(word, _CHOICES[name])}")
    return word


def _switch(given: Mapping[str, str], name: str, *, default: bool) -> bool:
    word = given.get(name, "").lower() or str(default).lower()
    if word not in _TRUE | _FALSE:
        raise WrongInput(f"input {name} is {word!r}; use true or false")
    return word in _TRUE


def _number(given: Mapping[str, str], name: str, default: int, most: int) -> int:
    word = given.get(name, "") or str(default)
    if not re.fullmatch(r"[0-9]{1,9}", word) or int(word) > most:
        raise WrongInput(f"input {name} is {word!r}; use a whole number from 0 to {most}")
    return int(word)


def _lines(text: str, separators: str = r"[\r\n]+") -> list[str]:
    return [line.strip() for line in re.split(separators, text) if line.strip()]


def read(environ: Mapping[str, str], workspace: Path, words: Path | None = None) -> Inputs:
    """
    The inputs on top of the repository's configuration. Raises WrongInput naming the input and what it may be.

    words: the folder whose configuration counts; the workspace itself when None.
    """
    given = _given(environ)
    home = words or workspace
    config = home / given["config"] if given.get("config") else None
    settings = replace(configured(from_files(home, config), _table(given), "input"), root=workspace)
    cache = inside(workspace, "cache-dir", given.get("cache-dir", ""))
    return Inputs(
        settings=settings,
        scope=cast("How", _choice(given, "scope", "auto")),
        base_ref=given.get("base-ref", ""),
        category=given.get("category", ""),
        sarif_file=inside(workspace, "sarif-file", given.get("sarif-file", "")),
        database_file=inside(workspace, "database-file", given.get("database-file", "")),
        json_file=inside(workspace, "json-file", given.get("json-file", "")),
        comment_file=inside(workspace, "comment-file", given.get("comment-file", "")),
        cache_dir=cache,
        summary=_switch(given, "summary", default=True),
        annotations=_number(given, "annotations", MAX_ANNOTATIONS, MAX_ANNOTATIONS),
        comment=cast("Comment", _choice(given, "comment", "never")),
        debug=_choice(given, "log-level", "info") == "debug" or environ.get("RUNNER_DEBUG") == "1",
        quiet=_choice(given, "log-level", "info") in {"warning", "error"},
        token=given.get("token", ""),
    )


def _table(given: Mapping[str, str]) -> dict[str, Any]:
    """The inputs that are settings, in the words of the configuration file; only those that are given."""
    paths = [path for path in _lines(given.get("paths", "")) if path not in {".", "./"}]
    table: dict[str, Any] = {
        "paths": paths,
        "exclude": _lines(given.get("exclude", "")),
        "select": _lines(given.get("rules", ""), r"[\s,]+"),
        "min-severity": _choice(given, "min-severity", ""),
        "min-precision": _choice(given, "min-confidence", ""),
        "fail-on": _choice(given, "fail-on", ""),
        "baseline": given.get("baseline", ""),
        "advisories": given.get("advisories", ""),
        "cache-dir": given.get("cache-dir", ""),
        "jobs": _number(given, "jobs", 0, 1024),
        "timeout": 60 * _number(given, "timeout-minutes", 0, 10_000),
        "cache-max-size": _number(given, "cache-max-size", 0, 1_000_000),
    }
    if given.get("fail-on-unanalysed"):
        table["fail-on-unanalysed"] = _switch(given, "fail-on-unanalysed", default=False)
    return {key: value for key, value in table.items() if value or value is False}

"""Workflow commands: annotations on lines of the change, and scanned text that must not be taken for commands."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TextIO

from aud_action.findings import Finding, Result
from aud_action.findings.threshold import new
from aud_action.report.escape import command_data, command_property
from aud_action.rules import Rule

COMMANDS = {"critical": "error", "high": "error", "medium": "warning", "low": "notice"}
MAX_MESSAGE = 4_000  #: of 4,096 characters
MAX_PER_LEVEL = 10  #: the runner drops more of one level in one step


def command(name: str, message: str, **properties: object) -> str:
    """
    One workflow command.

    >>> command("error", "100% wrong", file="a,b.py", line=3)
    '::error file=a%2Cb.py,line=3::100%25 wrong'
    """
    given = [f"{key}={command_property(str(value))}" for key, value in properties.items() if value not in ("", None)]
    return f"::{name}{' ' if given else ''}{','.join(given)}::{command_data(message[:MAX_MESSAGE])}"


def lines(result: Result, rules: Mapping[str, Rule], most: int) -> list[str]:
    """Commands for the worst new findings, at most so many of each level."""
    left = dict.fromkeys(("error", "warning", "notice"), min(most, MAX_PER_LEVEL))
    made = []
    for finding in new(result):
        name = COMMANDS[finding.level]
        if left[name] > 0:
            left[name] -= 1
            made.append(_annotation(finding, name, rules.get(finding.rule)))
    return made


def _annotation(finding: Finding, name: str, rule: Rule | None) -> str:
    place = finding.location
    columns = {"col": place.col, "endColumn": place.end_col} if place.line == place.end_line else {}
    title = f"{finding.level}: {rule.title if rule else finding.rule}"
    return command(
        name,
        "\n".join(islice(_words(finding), 12)),
        file=place.path,
        line=place.line,
        endLine=place.end_line,
        **columns,
        title=title.replace("`", ""),
    )


def _words(finding: Finding) -> Iterator[str]:
    yield f"{finding.message} ({finding.rule})"
    for step in finding.flow:
        yield f"{step.kind} {step.location.path}:{step.location.line} {step.message}"


@contextmanager
def unheard(out: TextIO) -> Iterator[None]:
    """A stretch of output in which the runner obeys nothing: scanned text may hold `::add-mask::` or worse."""
    token = "".join(secrets.choice(string.ascii_lowercase) for _ in range(32))
    out.write(f"::stop-commands::{token}\n")
    try:
        yield
    finally:
        out.write(f"\n::{token}::\n")
        out.flush()

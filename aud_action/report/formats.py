"""Every format by its name: what `--format` prints and each `--<format>` option writes. Formats load when asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple, TextIO

from aud_action.findings import Result
from aud_action.findings.source import SourceText
from aud_action.rules import Rule


class Telling(NamedTuple):
    """How a result is told, beside what the settings say."""

    form: str = "text"  #: what is printed
    since: str = ""  #: commit whose changes are judged alone
    category: str = ""  #: code scanning's category


class Report(NamedTuple):
    """What every format may need."""

    result: Result
    rules: Mapping[str, Rule]
    sources: SourceText
    telling: Telling


def text(report: Report, file: TextIO) -> None:
    """For people at a terminal."""
    from aud_action.report import console

    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    console.show(report.result, report.rules, file, sources=report.sources, color=color, hint=True)


def concise(report: Report, file: TextIO) -> None:
    """For editors, and for whoever counts lines."""
    from aud_action.report import console

    console.lines(report.result, file)


def sarif(report: Report, file: TextIO) -> None:
    """For code scanning."""
    from aud_action.report import sarif

    options = sarif.Options(category=report.telling.category)
    sarif.write(report.result, report.rules, file, sources=report.sources, options=options)


def markdown(report: Report, file: TextIO) -> None:
    """For GitHub's pages."""
    from aud_action.report import markdown

    scope = "changed-lines" if report.telling.since else "all"
    file.write(markdown.summary(report.result, report.rules, markdown.View(sources=report.sources, scope=scope)))


def json(report: Report, file: TextIO) -> None:
    """For programs."""
    from aud_action.report import json

    json.write(report.result, report.rules, file)


def jsonl(report: Report, file: TextIO) -> None:
    """For programs that read line by line."""
    from aud_action.report import json

    json.write_lines(report.result, report.rules, file)


def html(report: Report, file: TextIO) -> None:
    """For a browser."""
    from aud_action.report import html

    html.write(report.result, report.rules, file, sources=report.sources)


def junit(report: Report, file: TextIO) -> None:
    """For build servers."""
    from aud_action.report import junit

    junit.write(report.result, report.rules, file)


def gitlab(report: Report, file: TextIO) -> None:
    """For GitLab's code quality."""
    from aud_action.report import gitlab

    gitlab.write(report.result, report.rules, file)


WRITERS: dict[str, Callable[[Report, TextIO], None]] = {
    writer.__name__: writer for writer in (text, concise, sarif, markdown, json, jsonl, html, junit, gitlab)
}
FORMATS = (*WRITERS, "none")

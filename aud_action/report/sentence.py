"""The sentences that every report says alike: how much was found, and of how much."""

from __future__ import annotations

from aud_action.findings import Result
from aud_action.findings.threshold import counts, is_open


def number(count: int, noun: str) -> str:
    """
    A count with its noun.

    >>> number(1, "file"), number(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def levels(result: Result, state: str = "") -> str:
    """The levels that occur, worst first: `1 critical, 2 high`."""
    chosen = (finding for finding in result.findings if (finding.state == state if state else is_open(finding)))
    return ", ".join(f"{count:,} {level}" for level, count in counts(chosen).items() if count)


def findings_sentence(result: Result) -> str:
    """How much was found, how much of it is accepted, and whether that is all."""
    found = sum(map(is_open, result.findings))
    text = f"{number(found, 'finding')} ({levels(result)})" if found else "No findings"
    if outside := sum(finding.state == "out_of_scope" for finding in result.findings):
        text += f", {outside:,} of them outside the change"
    parts = []
    if quiet := sum(finding.state == "suppressed" for finding in result.findings):
        parts.append(f"{quiet:,} suppressed")
    if known := sum(finding.state == "baseline" for finding in result.findings):
        parts.append(f"{known:,} in the baseline")
    text += f" ({', '.join(parts)})" if parts else ""
    return text + (" in an incomplete run" if result.incomplete else "")


def coverage(result: Result) -> str:
    """How many files stand behind the result. One with a gap is never called clean."""
    if result.unanalysed:
        return f"{result.unanalysed_files:,} of {number(result.files, 'file')} not analysed"
    tests = f", {result.tests:,} of them as tests" if result.tests else ""
    return f"{number(result.files, 'file')} analysed{tests}"

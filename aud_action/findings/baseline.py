"""
Findings that were there before: `write(findings, file)` accepts them, `read(path)` and `accept(result, …)` use them.

A baseline is JSON lines, sorted, without times and line numbers, so that merging two branches' files is easy and a
run on unchanged code writes the same bytes. An earlier SARIF file of ours serves as well.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import unquote

from aud_action.findings import Accepted, Finding, Result
from aud_action.findings.fingerprint import NAME

HEAD = {"aud": "baseline", "version": 1}
MAX_BYTES = 256 << 20


class BaselineError(ValueError):
    """A baseline that can't be used: names the file, the line and the remedy."""


def entry(finding: Finding) -> Accepted:
    """What a baseline keeps of a finding."""
    return Accepted(finding.location.path, finding.rule, finding.fingerprint, finding.scope)


def write(findings: Iterable[Finding], file: TextIO) -> int:
    """Accept all findings that no comment accepts already; returns their number."""
    entries = sorted(entry(finding) for finding in findings if finding.state != "suppressed")
    file.write(json.dumps(HEAD) + "\n")
    file.writelines(json.dumps(accepted._asdict()) + "\n" for accepted in entries)
    return len(entries)


def read(path: Path) -> tuple[Accepted, ...]:
    """The entries of a baseline or a SARIF file. Raises BaselineError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BaselineError(f"{path}: larger than {MAX_BYTES >> 20} MiB")
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise BaselineError(f"{path}: no such file; `aud baseline` writes one") from None
    except (OSError, UnicodeDecodeError) as trouble:
        raise BaselineError(f"{path}: can't be read as a baseline: {trouble}") from None
    if text.startswith(json.dumps(HEAD)):
        return tuple(_lines(path, text))
    try:
        document = json.loads(text)
        found = tuple(_results(document))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        raise BaselineError(f"{path}: neither a file of `aud baseline` nor SARIF written by aud") from None
    return found


def _lines(path: Path, text: str) -> Iterator[Accepted]:
    for number, line in enumerate(text.split("\n")[1:], 2):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
            accepted = Accepted(**fields)
        except (ValueError, TypeError):
            raise BaselineError(
                f"{path}:{number}: no entry of a baseline; write the file anew with `aud baseline`"
            ) from None
        if not all(isinstance(field, str) for field in accepted):
            raise BaselineError(f"{path}:{number}: every field of an entry is a string")
        yield accepted


def _results(document: Any) -> Iterator[Accepted]:
    """The results of SARIF that we wrote: without our fingerprint there is nothing to compare."""
    for run in document["runs"]:
        for result in run.get("results") or []:
            place = result["locations"][0]
            uri = place["physicalLocation"]["artifactLocation"]["uri"]
            scope = (place.get("logicalLocations") or [{}])[0].get("fullyQualifiedName", "")
            fingerprint = result["partialFingerprints"][NAME]
            path = unquote(uri, errors="surrogateescape")
            yield Accepted(str(path), str(result["ruleId"]), str(fingerprint), str(scope))


def accept(
    result: Result,
    baseline: Iterable[Accepted],
    *,
    rules: Collection[str],
    exists: Callable[[str], bool],
    renames: Mapping[str, str] | None = None,
) -> Result:
    """
    The result with known findings marked, and with what is fixed.

    A finding is known by rule, file and fingerprint, as often as the baseline has it. A renamed file is followed by
    `renames` (new path to old), else when its old path exists no more. Fixed is only what a whole run of the same rule
    over a file that could be analysed no longer finds.
    """
    left = Counter((accepted.path, accepted.rule, accepted.fingerprint) for accepted in baseline)
    scopes = {(accepted.path, accepted.rule, accepted.fingerprint): accepted.scope for accepted in baseline}
    moved: dict[tuple[str, str], list[str]] = {}
    for path, rule, fingerprint in left:
        if not exists(path):
            moved.setdefault((rule, fingerprint), []).append(path)
    findings = list(result.findings)
    for former in (_same, _renamed(renames or {}), _moved(moved)):
        for n, finding in enumerate(findings):
            key = next((key for key in former(finding) if left[key] > 0), None) if finding.state == "new" else None
            if key:
                left[key] -= 1
                findings[n] = replace(finding, state="baseline", reason="in the baseline")
    gaps = {gap.path for gap in result.unanalysed}
    is_whole = not result.incomplete and not any(gap.is_passage for gap in result.unanalysed)
    gone = sorted(
        Accepted(*key, scopes[key]) for key in left.elements() if key[1] in rules and key[0] not in gaps and is_whole
    )
    return replace(result, findings=tuple(findings), fixed=tuple(gone))


Key = tuple[str, str, str]


def _same(finding: Finding) -> Iterator[Key]:
    yield finding.location.path, finding.rule, finding.fingerprint


def _renamed(renames: Mapping[str, str]) -> Callable[[Finding], Iterator[Key]]:
    def keys(finding: Finding) -> Iterator[Key]:
        if old := renames.get(finding.location.path):
            yield old, finding.rule, finding.fingerprint

    return keys


def _moved(absent: Mapping[tuple[str, str], list[str]]) -> Callable[[Finding], Iterator[Key]]:
    def keys(finding: Finding) -> Iterator[Key]:
        for old in absent.get((finding.rule, finding.fingerprint), ()):
            yield old, finding.rule, finding.fingerprint

    return keys

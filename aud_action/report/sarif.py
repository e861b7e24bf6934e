"""
SARIF 2.1.0 for code scanning: call `write(result, rules, file, sources=…)`.

The complete result is written, worst first, whatever the pull request touches: a partial upload would close the other
alerts. Accepted findings are left out unless asked for, as GitHub opens an alert for a suppressed result too.
Streamed result by result, so memory doesn't grow with their number. Limits: GitHub docs, sarif-support.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from aud_action import __version__
from aud_action.findings import Finding, Result
from aud_action.findings.fingerprint import LineHashes
from aud_action.findings.source import SourceText
from aud_action.findings.threshold import is_open, worst_first
from aud_action.report.serialize import serialize
from aud_action.rules import Rule

if TYPE_CHECKING:
    from aud_action.report.sarif_parts import Parts

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS = 25_000
MAX_GZIP = 9_500_000  #: of 10 MB: the client's compressor may differ by a little


@dataclass(frozen=True, slots=True)
class Options:
    """What a SARIF file says besides its findings."""

    category: str = ""  #: code scanning's category; one per project, the same in every run
    suppressed: bool = False  #: also write accepted findings, with their `suppressions`
    repository: str = ""  #: address of the repository
    revision: str = ""  #: the commit that was read
    notifications: tuple[str, ...] = field(default=())  #: further sentences for the run's notifications


def write(result: Result, rules: Mapping[str, Rule], file: TextIO, *, sources: SourceText, options: Options) -> int:
    """Write the file and return how many findings did not fit within code scanning's limits."""
    from aud_action.report.sarif_parts import Parts

    chosen = [f for f in worst_first(result.findings) if options.suppressed or is_open(f)]
    parts = Parts(rules, _hashes(chosen[:MAX_RESULTS], sources))
    file.write(f'{{"$schema": {json.dumps(SCHEMA)}, "version": "2.1.0", "runs": [{{\n')
    file.writelines(f'"{key}": {_text(value)},\n' for key, value in _head(parts, options))
    file.write('"results": [')
    written = 0
    for text in _fitting(chosen, parts):
        file.write(",\n" if written else "\n")
        file.write(text)
        written += 1
    left_out = len(chosen) - written
    file.write(f'\n],\n"invocations": {_text([parts.invocation(result, left_out, options.notifications)])}\n}}]}}\n')
    return left_out


_text = json.JSONEncoder(default=serialize, separators=(",", ":")).encode


def _hashes(findings: list[Finding], sources: SourceText) -> dict[tuple[str, int], str]:
    """GitHub's hash of each line that has a finding. File by file, so that each is read once."""
    lines: defaultdict[str, set[int]] = defaultdict(set)
    for finding in findings:
        lines[finding.location.path].add(finding.location.line)
    found: dict[tuple[str, int], str] = {}
    for path, numbers in lines.items():
        text = sources(path)
        hashes = LineHashes(text) if text is not None else None
        found |= {(path, number): value for number in numbers if hashes and (value := hashes.at(number))}
    return found


def _head(parts: Parts, options: Options) -> Iterator[tuple[str, Any]]:
    """The properties of the run that stand before its results."""
    yield "tool", parts.tool(__version__)
    yield "columnKind", "utf16CodeUnits"
    if options.category:
        yield "automationDetails", parts.automation(options.category)
    if options.repository:
        yield "versionControlProvenance", [parts.provenance(options.repository, options.revision)]


def _fitting(findings: list[Finding], parts: Parts) -> Iterator[str]:
    """The results' texts, until their number or their compressed size reaches the limit."""
    packer, size = zlib.compressobj(6), 0
    for finding in findings[:MAX_RESULTS]:
        text = _text(parts.result(finding))
        size += len(packer.compress(text.encode()))
        if size > MAX_GZIP:
            return
        yield text

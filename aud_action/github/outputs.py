"""What later steps read: every output of action.yml, set on every path, with paths relative to the workspace."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from aud_action.findings import Result
from aud_action.findings.threshold import counts, is_open


@dataclass(slots=True)
class Outputs:
    """The outputs by their names, `_` for `-`. What isn't known stays empty or 0."""

    findings: int = 0
    new_findings: int = 0
    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    suppressed: int = 0
    result: str = "error"
    sarif_file: str = ""
    database_file: str = ""
    json_file: str = ""
    comment_file: str = ""
    comment_url: str = ""
    cache_hit: str = "false"
    files_indexed: int = 0
    files_from_cache: int = 0
    files_unanalysed: int = 0

    def count(self, result: Result) -> None:
        """Take over the numbers of a result."""
        standing = [finding for finding in result.findings if is_open(finding)]
        for level, number in counts(standing).items():
            setattr(self, level, number)
        self.findings = len(standing)
        self.new_findings = sum(finding.state == "new" for finding in standing)
        self.suppressed = len(result.findings) - len(standing)
        self.files_unanalysed = result.unanalysed_files
        self.files_indexed = max(result.files - self.files_unanalysed, 0)
        self.files_from_cache = min(int(result.metrics.get("files_from_cache", 0)), self.files_indexed)
        self.cache_hit = "true" if self.files_from_cache else "false"


def write(outputs: Outputs, environ: Mapping[str, str]) -> None:
    """Append them to the runner's file, each value behind a delimiter that nothing can guess."""
    path = environ.get("GITHUB_OUTPUT")
    if not path:
        return
    with Path(path).open("a", encoding="utf-8", errors="replace") as file:
        for entry in fields(outputs):
            end = f"end-{secrets.token_hex(16)}"
            file.write(f"{entry.name.replace('_', '-')}<<{end}\n{getattr(outputs, entry.name)}\n{end}\n")

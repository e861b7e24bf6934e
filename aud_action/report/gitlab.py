"""Findings as GitLab's code quality report (Code Climate's shape): call `write(result, rules, file)`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TextIO

from aud_action.findings import Result
from aud_action.findings.threshold import is_open, worst_first
from aud_action.report.escape import name, plain
from aud_action.rules import Rule

SEVERITIES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}


def write(result: Result, rules: Mapping[str, Rule], file: TextIO) -> None:
    """A list of the open findings. GitLab compares fingerprints over the whole list, so ours get their path."""
    entries = []
    for finding in worst_first(filter(is_open, result.findings)):
        path, rule = name(finding.location.path), rules.get(finding.rule)
        identity = f"{path}\0{finding.rule}\0{finding.fingerprint or finding.location.line}"
        entries.append(
            {
                "type": "issue",
                "check_name": finding.rule,
                "description": plain(finding.message),
                "content": {"body": rule.prose if rule else ""},
                "categories": ["Security"],
                "severity": SEVERITIES[finding.level],
                "fingerprint": hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest(),
                "location": {"path": path, "lines": {"begin": finding.location.line, "end": finding.location.end_line}},
            }
        )
    json.dump(entries, file, indent=1)
    file.write("\n")

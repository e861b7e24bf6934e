"""Who leaves another tool loses nothing: every identifier of theirs is taken by a rule or has a reason."""

import json
import re
from collections import defaultdict
from itertools import chain
from pathlib import Path

import pytest

from aud_action.pipeline import scan
from aud_action.rules import book, peers
from aud_action.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
BANDIT = json.loads((Path(__file__).parent / "data" / "bandit_examples.json").read_text("utf-8"))
ALIASES = set(chain.from_iterable(rule.aliases for rule in book().values()))
PEERS = peers()
KNOWN = set(chain.from_iterable(table for name, table in PEERS.items() if name != "unmapped")) - {"version"}
OTHERS = re.compile(r"(PAT|SNK|ACL)-\d+|[A-Z]{1,4}\d{3,4}|(py|actions)/[\w/-]+")


@pytest.mark.parametrize("tool", ["bandit", "ruff", "codeql", "semgrep"])
def test_every_identifier_is_taken_or_has_a_reason(tool):
    assert sorted(set(PEERS[tool]) - {"version"} - ALIASES - set(PEERS["unmapped"])) == []


def test_a_reason_is_given_only_for_what_no_rule_takes():
    assert set(PEERS["unmapped"]) & ALIASES == set()
    assert set(PEERS["unmapped"]) <= KNOWN


def test_an_alias_is_an_identifier_of_another_tool():
    theirs = {alias for alias in ALIASES if re.fullmatch(r"B\d+|S\d+", alias)}
    assert sorted(theirs - KNOWN) == []
    assert [alias for alias in sorted(ALIASES) if not OTHERS.fullmatch(alias) and alias not in PEERS["semgrep"]] == []


@pytest.mark.proof
def test_nine_of_ten_serious_lines_of_bandit_s_examples_are_found_here():
    """The lines are those that bandit 1.9.4 itself reports at MEDIUM or HIGH.

    The rest are constants that can't be anything else, checked members of archives, and a name that is never imported.
    """
    folder = ROOT / "peers" / "bandit-1.9.4" / "examples"
    if not folder.is_dir():
        pytest.skip("needs `make corpora`")
    takers = defaultdict(set)
    for rule in book().values():
        for alias in rule.aliases:
            takers[alias].add(rule.id)
    found = defaultdict(set)
    for finding in scan(Settings(root=folder, profile="audit")).findings:
        for line in range(finding.location.line, finding.location.end_line + 1):
            found[finding.location.path, line].add(finding.rule)
    wanted = [(name, *entry) for name, entries in BANDIT.items() for entry in entries]
    missed = [
        f"{name}:{first} {test}"
        for name, test, first, last in wanted
        if not takers[test] & set().union(*(found[name, line] for line in range(first, last + 1)))
    ]
    assert len(missed) <= len(wanted) / 10, "\n".join(missed)

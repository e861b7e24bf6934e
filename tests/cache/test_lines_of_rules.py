"""The rules of the house compare lines and tell no number of one: what they find goes down with its file."""

import re
from dataclasses import replace

import pytest

from aud_action.pipeline import scan
from aud_action.rules import book
from aud_action.settings import Settings
from aud_action.taint.entries.roots import CONFIRMED
from tests.rules.examples import write

LINES = re.compile(r"\b(line|end_line|last_line|covers_from|covers_to)\b")
COUNTED = re.compile(r"\b(?:line|end_line|last_line)\s*[-+]\s*\d")
TOP = "# two lines\n\n"


@pytest.mark.timeout(300)
def test_two_lines_above_change_nothing_but_where_things_stand(tmp_path):
    for rule in book().values():
        if LINES.search(rule.sql):
            write(rule.examples, tmp_path / "root" / rule.id.replace("-", "_"))
    settings = Settings(root=tmp_path / "root", jobs=2, profile="audit")
    keeping = replace(settings, cache_dir=str(tmp_path / "cache"))
    before = scan(keeping)
    for file in (tmp_path / "root").rglob("*.py"):
        file.write_text(TOP + file.read_text("utf-8"), "utf-8")
    warm, cold = scan(keeping), scan(settings)
    assert [(one.rule, one.message, *one.location) for one in warm.findings] == [
        (one.rule, one.message, *one.location) for one in cold.findings
    ]
    assert warm.findings == cold.findings
    assert len(cold.findings) > 100
    assert told(before, 2) == told(cold, 0)


def told(result, down):
    """Rules, words and places, where files go down."""
    return sorted(
        (
            one.rule,
            one.message,
            one.severity,
            one.location.path,
            one.location.line + down * one.location.path.endswith(".py"),
        )
        for one in result.findings
    )


def test_what_the_flow_analysis_may_take_back_counts_no_lines():
    """Suspects are kept while lines move further apart in the order in which they stand."""
    pages = [page for page in book().values() if CONFIRMED.intersection(page.superseded_by) and not page.harmless_too]
    assert pages
    assert [page.id for page in pages if COUNTED.search(page.sql)] == []

"""
A rule's SQL begins at an index: with a hundred rules, each scan of every call would cost as much as the parse.

Write `c.callee IN (…)` or `c.callee GLOB 'library.*'` (both use the index) before any REGEXP; start from `a.keyword = …`
or `c.method IN (…)` where the callee is open. For names that speak of secrets there is a fact, not a pattern.
"""

import re

import pytest

from aud_action.rules import book
from aud_action.store import Reader, Store

LARGE = {"sites", "scopes", "python_calls", "python_call_arguments", "python_assignments", "python_parameters"}
LARGE |= {"python_functions", "python_returns", "python_annotations", "python_awaits", "python_cfg_statements"}


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    path = tmp_path_factory.mktemp("plans") / "empty.db"
    store = Store(path, fresh=True)
    store.index()
    store.close()
    return Reader(path)


def scans(plan, sql):
    """The large tables a plan reads from end to end."""
    aliases = dict(
        re.findall(r"\b(?:FROM|JOIN|,)\s+(\w+)\s+(?!ON\b|USING\b|WHERE\b|JOIN\b|LEFT\b)(?:AS\s+)?(\w+)", sql)
    )
    named = {alias: table for table, alias in aliases.items()}
    for _, _, _, step in plan:
        match = re.match(r"SCAN (\w+)", step)
        if match and named.get(match[1], match[1]) in LARGE:
            yield step


GATING = [rule for rule in book().values() if rule.precision != "low"]  # a page for an audit may read a table once


@pytest.mark.parametrize("rule", GATING, ids=lambda rule: rule.id)
def test_a_page_reads_no_large_table_from_end_to_end(rule, reader):
    _, plan = reader.select(f"EXPLAIN QUERY PLAN {rule.sql}")
    assert list(scans(plan, rule.sql)) == []

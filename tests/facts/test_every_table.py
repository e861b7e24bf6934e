"""Every table has a row somewhere in our own fixtures, and none was empty in the real projects that were read."""

import pytest
from running import facts

from schema import TABLES, VIEWS

#: filled by a scan, not by an index; by files that can't be read; by functions that are too much to follow
ELSEWHERE = {"python_findings", "python_extraction_errors", "python_flow_gaps"}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("", tmp_path_factory.mktemp("all"))


@pytest.mark.parametrize(
    "name", [table.name for table in (*TABLES.values(), *VIEWS.values()) if table.name not in ELSEWHERE]
)
def test_our_fixtures_fill_it(name, store):
    assert next(store.rows(f'SELECT count(*) FROM "{name}"'))[0]

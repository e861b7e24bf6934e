"""Every scenario of scenarios/*.md: small files, and the exact rows they give."""

import sys
from pathlib import Path

import pytest
from scenario import answers, database, scenarios

PAGES = sorted((Path(__file__).parent / "scenarios").glob("*.md"))
ALL = [(page.stem, scenario) for page in PAGES for scenario in scenarios(page)]


@pytest.mark.parametrize("scenario", [pytest.param(s, id=f"{page}: {s.sentence}") for page, s in ALL])
def test_the_rows_are_exactly_these(scenario, tmp_path):
    if "Python 3." in scenario.sentence and sys.version_info < (3, int(scenario.sentence.rpartition("3.")[2])):
        pytest.skip("newer grammar")
    store = database(scenario, tmp_path)
    try:
        for sql, expected in scenario.queries:
            assert answers(store, sql) == expected, sql
    finally:
        store.close()


def test_every_scenario_asks_something_and_none_has_the_name_of_another():
    assert [s.sentence for _, s in ALL if not s.queries or not s.files] == []
    names = [s.sentence for _, s in ALL]
    assert len(names) == len(set(names))

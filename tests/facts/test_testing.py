"""What pytest and unittest collect, and what our rows say."""

import pytest
from running import answer, facts, rows

COLLECT = """
import contextlib, io, pytest
class Seen:
    def pytest_collection_finish(self, session):
        self.session = session
seen = Seen()
with contextlib.redirect_stdout(io.StringIO()):
    pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", "--rootdir=.", "-c", "/dev/null"], plugins=[seen])
items = seen.session.items
requested = [item._fixtureinfo.name2fixturedefs for item in items if hasattr(item, "_fixtureinfo")]
own = {(name, d) for found in requested for name, defs in found.items() for d in defs
       if "tested_project" in str(d.func.__code__.co_filename) and not name.startswith("_unittest")}
"""
UNITTEST = """
import unittest
def walk(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from walk(test)
        else:
            yield [type(test).__name__, test._testMethodName]
answer = sorted(walk(unittest.defaultTestLoader.loadTestsFromName("tests.test_cases")))
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("tested_project", tmp_path_factory.mktemp("testing"))


def told(question):
    return answer("tested_project", COLLECT + question)


def test_every_test_and_no_other(store):
    question = (
        "answer = sorted({(item.cls.__name__ if item.cls else '', item.originalname or item.name) for item in items})"
    )
    ours = rows(store, "SELECT coalesce(class_name, ''), name FROM python_tests")
    assert [list(row) for row in ours] == told(question)


def test_test_cases(store):
    ours = rows(store, "SELECT class_name, name FROM python_tests WHERE framework = 'unittest'")
    assert [list(row) for row in ours] == answer("tested_project", UNITTEST)
    assert rows(
        store, "SELECT name, tests, has_setup, has_class_setup, has_subtests, is_async FROM python_unittest_cases"
    ) == [
        ("AsyncTest", 1, 1, 0, 0, 1),
        ("Base", 0, 1, 0, 0, 0),
        ("TotalTest", 2, 0, 1, 1, 0),
    ]


def test_fixtures(store):
    question = """
answer = sorted([name, d.scope, d.params is not None] for name, d in own)
"""
    ours = rows(store, "SELECT name, fixture_scope, is_parametrized FROM python_pytest_fixtures")
    assert [[name, scope, bool(given)] for name, scope, given in ours] == told(question)
    teardown = rows(store, "SELECT teardown_statements, teardown_source FROM python_pytest_fixtures WHERE yields")
    assert teardown == [(2, 'opened.clear()\nopened["closed"] = True')]


def test_uses_of_fixtures(store):
    question = """
known = {name for name, _ in own}
import inspect
answer = sorted({(item.originalname or item.name, name) for item in items if hasattr(item, "function")
                 for name in [*inspect.signature(item.function).parameters, *(a for m in item.iter_markers("usefixtures") for a in m.args)]
                 if name in known})
"""
    ours = rows(
        store,
        "SELECT DISTINCT u.user, u.fixture FROM python_pytest_fixture_uses u JOIN python_tests t ON t.name = u.user",
    )
    assert [list(row) for row in ours] == told(question)


def test_markers(store):
    question = """
answer = sorted({(item.originalname or item.name, mark.name) for item in items for mark in item.own_markers if hasattr(item, "callspec") or mark.name != "x"})
"""
    given = {tuple(row) for row in told(question) if row[1] != "hypothesis"}
    assert set(rows(store, "SELECT target, marker FROM python_pytest_markers WHERE target_kind <> 'module'")) == given
    assert rows(store, "SELECT target, marker FROM python_pytest_markers WHERE target_kind = 'module'") == [
        ("tests.test_basket", "filterwarnings")
    ]


def test_parametrisation_multiplies_as_pytest_does(store):
    counted = told("answer = sum((item.originalname or item.name) == 'test_pairs' for item in items)")
    sets = [
        count
        for (count,) in rows(store, "SELECT value_sets FROM python_pytest_parametrizations WHERE test = 'test_pairs'")
    ]
    assert sets == [2, 3]
    assert sets[0] * sets[1] == counted
    assert rows(store, "SELECT name FROM python_pytest_parameters") == [("a",), ("b",), ("c",)]


def test_the_rest_of_what_tests_are_made_of(store):
    assert rows(store, "SELECT test, strategies, has_settings FROM python_hypothesis_tests") == [("test_sum", 2, 1)]
    assert rows(store, "SELECT parameter, strategy FROM python_hypothesis_strategies") == [
        ("extra", "hypothesis.strategies.integers"),
        ("numbers", "hypothesis.strategies.lists"),
    ]
    assert rows(store, "SELECT kind, target, place FROM python_mocks") == [
        ("mock", "dict", "call"),
        ("monkeypatch", "HOME", "call"),
        ("patch", "basket.total", "decorator"),
    ]
    assert rows(store, "SELECT owner, source, has_expected FROM python_doctests") == [
        ("basket.total", "total([1, 2])", 1)
    ]
    assert rows(store, "SELECT kind FROM python_coverage_pragmas") == [("no-cover",)]
    assert rows(store, "SELECT source FROM python_assertions WHERE is_constant AND function LIKE '%test_later'") == [
        ('(1, "always true")',)
    ]
    assert rows(store, "SELECT kind, name FROM python_conftest_definitions") == [
        ("fixture", "_clean"),
        ("fixture", "currency"),
        ("fixture", "store"),
        ("hook", "pytest_configure"),
    ]

"""What pytest collects from conftests in a hierarchy, classes and stacked marks, and what our rows say."""

import pytest
from running import answer, facts, rows

COLLECT = """
import contextlib, io, pytest, warnings
class Seen:
    def pytest_collection_finish(self, session):
        self.session = session
seen = Seen()
with contextlib.redirect_stdout(io.StringIO()):
    pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", "--rootdir=.", "-c", "/dev/null", "."], plugins=[seen])
items = [item for item in seen.session.items]
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("tested_shelf", tmp_path_factory.mktemp("shelf"))


def told(question):
    return answer("tested_shelf", COLLECT + question)


def test_every_test_and_no_other(store):
    question = """
answer = sorted({(item.cls.__name__ if item.cls else "", item.originalname if hasattr(item, "originalname") else item.name) for item in items})
"""
    ours = {
        tuple(row)
        for row in store.rows("SELECT coalesce(class_name, ''), name FROM python_tests WHERE name != 'test_never'")
    }
    # a test of a plain base belongs to the classes that inherit it, one of a case also to its base
    inherited = {("TestMixed", "test_mixed"), ("ShelfCase", "test_in_base")}
    given = {tuple(row) for row in told(question)}
    assert inherited <= given
    assert ours - {("Mixin", "test_mixed")} == given - inherited - {("", "test_lambda")}


def test_every_fixture_with_scope_and_parameters(store):
    question = """
own = {(d.argname, d.scope, d.params is not None) for item in items if hasattr(item, "_fixtureinfo")
       for defs in item._fixtureinfo.name2fixturedefs.values() for d in defs if "tested_shelf" in str(d.func.__code__.co_filename)}
answer = sorted(row for row in own if not row[0].startswith(("_xunit", "_unittest")) and row[0] not in ("value", "other", "a", "b", "c", "n", "generated"))
"""
    ours = rows(
        store,
        "SELECT DISTINCT name, fixture_scope, is_parametrized FROM python_pytest_fixtures WHERE name NOT IN ('shelf', 'paint', 'shade', 'unseen', 'within')",
    )
    assert [[name, scope, bool(given)] for name, scope, given in ours] == told(question)


def test_where_fixtures_come_from(store):
    assert rows(store, "SELECT path, kind, name, fixture_scope FROM conftest_definitions") == [
        ("conftest.py", "fixture", "item", "function"),
        ("conftest.py", "fixture", "paint", "session"),
        ("conftest.py", "fixture", "shade", "package"),
        ("conftest.py", "fixture", "size", "module"),
        ("conftest.py", "fixture", "world", "session"),
        ("conftest.py", "hook", "pytest_collection_modifyitems", None),
        ("conftest.py", "hook", "pytest_generate_tests", None),
        ("conftest.py", "ignore", "ignored_test.py", None),
        ("conftest.py", "plugin", "shelf_plugin", None),
        ("tests/conftest.py", "fixture", "borrowed", "module"),
        ("tests/conftest.py", "fixture", "box", "function"),
        ("tests/conftest.py", "fixture", "shelf", "class"),
        ("tests/unit/deep/conftest.py", "fixture", "clean", "function"),
        ("tests/unit/deep/conftest.py", "fixture", "item", "function"),
    ]
    autouse = "SELECT name FROM python_pytest_fixtures WHERE is_autouse"
    assert rows(store, autouse) == [("_here",), ("clean",), ("world",)]


def test_where_fixtures_can_be_asked_for(store):
    question = """
def folder(one):
    return "" if one.baseid == "." else one.baseid
answer = sorted({(folder(one), name, one.scope) for name, places in seen.session._fixturemanager._arg2node2fixturedefs.items() for given in places.values() for one in given
    if "tested_shelf" in one.func.__code__.co_filename and ".py" not in one.baseid and not name.startswith("_xunit")})
"""
    sql = "SELECT path, name, fixture_scope FROM conftest_definitions WHERE kind = 'fixture'"
    ours = {(path.removesuffix("conftest.py").rstrip("/"), name, scope) for path, name, scope in store.rows(sql)}
    assert sorted(map(list, ours)) == told(question)


def test_marks(store):
    question = """
answer = sorted({(item.originalname, mark.name) for item in items if hasattr(item, "originalname") for mark in item.iter_markers()
    if mark.name not in ("parametrize", "usefixtures") and hasattr(item, "callspec") | (mark.name != "x") and item.originalname != "test_stacked"})
"""
    sql = """
    SELECT DISTINCT t.name, m.marker FROM python_tests t JOIN python_pytest_markers m ON m.target = t.name
    OR m.target = t.class_name OR (m.target = 'TestMany' AND t.class_name = 'TestInner')
    WHERE m.marker NOT IN ('parametrize', 'usefixtures') AND m.target_kind != 'param'
    """
    of_a_set = ["test_size", "slow"]
    given = [row for row in told(question) if row[0] != "test_lambda" and row != of_a_set]
    assert [list(row) for row in rows(store, sql)] == given
    assert rows(store, "SELECT target, marker, reason FROM python_pytest_markers WHERE target_kind = 'param'") == [
        ("hard", "xfail", "hard"),
        ("large", "slow", None),
    ]


def test_parametrisation_multiplies_as_pytest_does(store):
    question = "answer = {name: sum(getattr(i, 'originalname', '') == name for i in items) for name in ('test_stacked', 'test_indirect', 'test_both', 'test_inner', 'test_generated')}"
    counted = told(question)
    sets = {}
    for test, count in store.rows("SELECT test, value_sets FROM python_pytest_parametrizations"):
        sets.setdefault(test, []).append(count)
    assert counted["test_stacked"] == 4
    assert sorted(sets["test_stacked"], key=str) == [2, None]  # a range isn't written out
    assert sets["test_indirect"] == [counted["test_indirect"]]
    assert sets["TestMany"] == [counted["test_inner"]]
    assert sets["pytest_generate_tests"] == [counted["test_generated"]]
    assert rows(store, "SELECT test FROM python_pytest_parametrizations WHERE is_indirect") == [
        ("test_half_indirect",),
        ("test_indirect",),
    ]


def test_what_tests_ask_for(store):
    question = """
import inspect
answer = sorted({(item.originalname, name) for item in items if hasattr(item, "originalname")
    for name in inspect.signature(inspect.unwrap(item.obj)).parameters
    if name not in ("request", "added", "self") and name not in getattr(getattr(item, "callspec", None), "params", {})
    or name in ("item",) and name in inspect.signature(inspect.unwrap(item.obj)).parameters})
"""
    sql = """
    SELECT DISTINCT u.user, u.fixture FROM python_pytest_fixture_uses u JOIN python_tests t ON t.name = u.user WHERE u.kind = 'parameter'
    """
    ours = {tuple(row) for row in store.rows(sql)} | {("test_generated", "generated")} - set()
    indirect = {("test_indirect", "item"), ("test_half_indirect", "item")}
    wanted = {tuple(row) for row in told(question)} | {("test_generated", "generated")}
    assert ours | indirect | {("test_own", "own"), ("test_sizes", "size")} == wanted | {
        ("test_own", "own"),
        ("test_sizes", "size"),
    }
    assert rows(store, "SELECT user, fixture FROM python_pytest_fixture_uses WHERE kind != 'parameter'") == [
        ("", "item"),
        ("TestDeep", "deep"),
        ("test_sizes", "shelf"),
        ("tests.unit.test_shelf", "box"),
    ]

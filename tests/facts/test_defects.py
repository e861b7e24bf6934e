"""What earlier systems of this kind got wrong by design, so that it can't come back unnoticed."""

import ast
import json
from collections import Counter
from pathlib import Path

import pytest
from running import FIXTURES, ROOT, facts

from extractors import registry, walk
from extractors.registry import REGISTRATIONS, extracts
from extractors.walk import extract
from schema import TABLES
from schema.language import Raise

#: nobody awaits hooks of pytest and `__acl__` of Pyramid
SYNC_ONLY = {"pytest_hook", "acl_method"}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("", tmp_path_factory.mktemp("all"))


def test_a_fact_is_a_table_and_a_generator_and_nothing_else_names_it():
    general = [
        *(ROOT / "aud_action" / "store").rglob("*.py"),
        ROOT / "aud_action" / "store.py",
        ROOT / "aud_action" / "shard.py",
        ROOT / "aud_action" / "indexing.py",
    ]
    text = "".join(path.read_text("utf-8") for path in general if path.is_file())
    named = [
        table.name for table in TABLES.values() if not table.derived and not table.keyed and f"{table.name}" in text
    ]
    assert set(named) <= {"python_extraction_errors", "python_flow_facts"}


def test_no_extractor_has_two_implementations():
    names = Counter(
        entry.extractor.__name__ for entry in {id(entry.extractor): entry for entry in REGISTRATIONS}.values()
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_columns_are_the_row_s_own_fields():
    for row, table in TABLES.items():
        assert tuple(column.name for column in table.columns) == row._fields


@pytest.mark.parametrize("folder", ["extractors", "aud_action/derive"])
def test_nothing_writes_json_into_a_column(folder):
    writers = [path.name for path in (ROOT / folder).rglob("*.py") if "json.dumps" in path.read_text("utf-8")]
    assert writers == []


def test_no_column_holds_a_list_as_json(store):
    for table in TABLES.values():
        columns = [
            c.name
            for c in table.columns
            if c.type == "TEXT" and not c.name.endswith(("source", "constant", "value", "text"))
        ]
        for column in columns:
            for (value,) in store.rows(
                f'SELECT DISTINCT "{column}" FROM "{table.name}" WHERE "{column}" GLOB \'[[{{]"*\' LIMIT 20'
            ):
                with pytest.raises(ValueError, match=r"."):
                    json.loads(value)


def test_every_row_stands_at_a_place_that_exists(store):
    for table in TABLES.values():
        columns = [
            c.name
            for c in table.columns
            if c.name.endswith("_site") or (c.name in {"origin", "handler", "site"} and c.type == "INTEGER")
        ]
        for column in [*columns, *([] if table.keyed else ["site"])]:
            if column == "site" and table.keyed:
                continue
            sql = f'SELECT count(*) FROM "{table.name}" WHERE "{column}" IS NOT NULL AND "{column}" NOT IN (SELECT id FROM sites)'
            assert next(store.rows(sql))[0] == 0, (table.name, column)
    assert next(store.rows("SELECT count(*) FROM sites WHERE file NOT IN (SELECT id FROM files)"))[0] == 0
    assert (
        next(store.rows("SELECT count(*) FROM sites WHERE scope IS NOT NULL AND scope NOT IN (SELECT id FROM sites)"))[
            0
        ]
        == 0
    )


def test_rows_yielded_are_rows_stored(store):
    for file, path in list(store.rows("SELECT id, path FROM files WHERE path LIKE '%.py' AND status = 'parsed'")):
        (package,) = next(store.rows("SELECT package FROM files WHERE id = ?", (file,)))
        found = extract((FIXTURES / path).read_bytes(), path, file, package, path.endswith("__init__.py"))
        for name, rows in found.tables.items():
            table = next(table for table in TABLES.values() if table.name == name)
            if table.keyed or table.derived:
                continue
            sql = f'SELECT count(*) FROM "{name}" WHERE "{table.key}" >> 24 = ?'
            assert next(store.rows(sql, (file,)))[0] == len(rows), (path, name)


def test_functions_are_wanted_sync_and_async_alike():
    lonely = {
        entry.extractor.__name__
        for entry in REGISTRATIONS
        if ast.FunctionDef in entry.nodes and ast.AsyncFunctionDef not in entry.nodes
    }
    assert lonely <= SYNC_ONLY


def test_one_walk_serves_every_extractor(monkeypatch):
    def forbidden(*_arguments, **_options):
        raise AssertionError("a second walk over the file")

    for name in ("walk", "unparse"):
        monkeypatch.setattr(ast, name, forbidden)
    monkeypatch.setattr(ast.NodeVisitor, "visit", forbidden)
    source = (Path(ast.__file__).parent / "argparse.py").read_bytes()
    found = extract(source, "argparse.py", 1, "argparse", False)
    assert found.tables.get("python_extraction_errors", []) == []


def test_an_extractor_that_fails_costs_only_its_own_facts(monkeypatch):
    monkeypatch.setattr(registry, "REGISTRATIONS", [*REGISTRATIONS])
    registry.dispatch.cache_clear()
    registry.interesting.cache_clear()

    @extracts(ast.Raise)
    def broken(_node, _context):
        yield Raise("never", None, is_reraise=False, has_cause=False)
        raise RuntimeError("on purpose")

    try:
        found = walk.extract(b"def f():\n    raise E\nclass A: ...\n", "m.py", 1, "m", False)
    finally:
        registry.REGISTRATIONS.remove(next(entry for entry in registry.REGISTRATIONS if entry.extractor is broken))
        registry.dispatch.cache_clear()
        registry.interesting.cache_clear()
    assert len(found.tables["python_classes"]) == 1
    assert [row[2:5] for row in found.tables["python_extraction_errors"]] == [("broken", "RuntimeError", "on purpose")]

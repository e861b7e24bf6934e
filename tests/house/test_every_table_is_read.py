"""A table that nobody reads is work for nothing: a rule, a derivation, a report or a documented query reads each."""

import ast
import re
import sqlite3
from itertools import chain
from pathlib import Path

import pytest

import schema

ROOT = Path(__file__).resolve().parents[2]
SQL = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
QUERIES = SQL.findall((ROOT / "docs" / "queries.md").read_text("utf-8"))
RULES = [path for path in (ROOT / "aud_action" / "rules").glob("*.md") if path.name != "README.md"]
CODE = [path for path in (ROOT / "aud_action").rglob("*.py") if path.name != "generate.py"]


def imported_rows(text):
    """Names of row classes that a module imports from the tables' package."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("schema"):
            yield from (alias.name for alias in node.names)


@pytest.fixture(scope="module")
def readers():
    """Every name by which somebody asks for a table: in SQL its own or its view's, in code also its row's class."""
    sql = chain(
        QUERIES, (view.sql for view in schema.VIEWS.values()), *(SQL.findall(path.read_text("utf-8")) for path in RULES)
    )
    code = [path.read_text("utf-8") for path in CODE]
    rows = set(chain.from_iterable(map(imported_rows, code)))
    return (
        set(re.findall(r"\w+", " ".join(sql)))
        | rows
        | set(re.findall(r"\bpython_\w+|\b(?:files|sites|scopes)\b", " ".join(code)))
    )


@pytest.fixture(scope="module")
def database():
    connection = sqlite3.connect(":memory:")
    for statement in schema.statements():
        connection.execute(statement)
    return connection


EVERY = [*schema.TABLES.values(), *schema.VIEWS.values()]


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_somebody_reads_the_table(table, readers):
    assert readers & {table.name, table.stem, table.row.__name__}


@pytest.mark.parametrize("query", QUERIES)
def test_a_documented_query_fits_the_tables(query, database):
    database.execute(f"EXPLAIN {query}").fetchall()


@pytest.mark.parametrize("view", schema.VIEWS.values(), ids=lambda view: view.name)
def test_a_view_gives_its_columns(view, database):
    names = [column[0] for column in database.execute(f"SELECT * FROM {view.name}").description]
    assert names == ["site", *view.row._fields]
    assert len(database.execute(view.sql).description) == len(names)


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_a_table_says_what_it_holds(table):
    assert table.row.__doc__
    assert not table.row.__doc__.startswith(f"{table.row.__name__}(")

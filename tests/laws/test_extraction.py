"""Three laws of extraction, for any source that Python itself accepts."""

import ast
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from sources import sources

from aud_action.pipeline import index
from aud_action.settings import Settings
from extractors.reading import extract_text
from extractors.texts import readers
from extractors.walk import extract
from schema import TABLES

FILE = 7
BY_NAME = {table.name: table for table in TABLES.values()}
TYPES = {"INTEGER": (int, bool), "REAL": (float,), "TEXT": (str,), "BLOB": (bytes,)}
RELAXED = settings(max_examples=60, suppress_health_check=list(HealthCheck))
LINES = {
    "python_extraction_errors": {"at_line"},
    "python_suppressions": {"covers_from", "covers_to"},
    "python_coverage_pragmas": {"at_line"},
    "python_cfg_blocks": {"first_line", "last_line"},
    "python_exception_handlers": {"last_line"},
}


def extracted(source, path="tests/test_a.py"):
    return extract(source.encode("utf-8", "surrogatepass"), path, FILE, "tests.test_a", False).tables


def accepted(source):
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def fits(table, row):
    keys = len(row) - len(table.columns)
    for column, value in zip(table.columns, row[keys:], strict=True):
        if value is None:
            assert column.nullable, (table.name, column.name, row)
        else:
            assert isinstance(value, TYPES[column.type]), (table.name, column.name, value)
            assert not isinstance(value, int) or -(1 << 63) <= value < 1 << 63, (table.name, column.name, value)


@RELAXED
@given(sources())
def test_whatever_parses_is_extracted_without_an_error_and_every_value_fits_its_column(source):
    tables = extracted(source)
    assert tables.get("python_extraction_errors", []) == []
    for name, rows in tables.items():
        for row in rows:
            fits(BY_NAME[name], row)


def moved(tables, lines):
    """Every row with its lines put down by a number of lines."""
    found = {}
    for name, rows in tables.items():
        table = BY_NAME[name]
        if name == "sites":
            found[name] = [
                (*row[:3], row[3] + lines, row[4], row[5] + lines, *row[6:]) if row[2] != "Module" else row
                for row in rows
            ]
            continue
        places = [
            len(rows[0]) - len(table.columns) + number
            for number, column in enumerate(table.columns)
            if column.name in LINES.get(name, ())
        ]
        found[name] = [
            tuple(
                value + lines if number in places and value is not None else value for number, value in enumerate(row)
            )
            for row in rows
        ]
    return found


@RELAXED
@given(sources(), st.integers(1, 3))
def test_blank_lines_on_top_move_every_site_down_and_change_nothing_else(source, lines):
    lower, upper = extracted("\n" * lines + source), extracted(source)
    for tables in (lower, upper):
        tables.pop("python_flow_facts", None)  # packed, with the lines inside; tests/taint has its own laws
    assert lower == moved(upper, lines)


def content(database):
    import sqlite3

    connection = sqlite3.connect(database)
    names = [table.name for table in TABLES.values() if table.name not in {"run_metrics", "file_metrics"}]
    return {name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in names}


@settings(max_examples=4, suppress_health_check=list(HealthCheck))
@given(st.lists(sources(), min_size=3, max_size=6))
def test_one_process_or_many_give_the_same_database(tmp_path_factory, texts):
    root = tmp_path_factory.mktemp("many")
    folder = root / "project"
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"part_{number}.py").write_text(text, "utf-8", "backslashreplace")
    one, many = root / "one.db", root / "many.db"
    for database, jobs in ((one, 1), (many, 3)):
        index(Settings(root=folder, jobs=jobs), database)[0].close()
    assert content(one) == content(many)


MANIFESTS = st.sampled_from(
    ["requirements.txt", "pyproject.toml", "Pipfile", "uv.lock", "Pipfile.lock", "setup.cfg", "environment.yml"]
)
WORDS = st.sampled_from(
    "[project] dependencies = [ ] \" ' \n \\ # name version a==1 -e ./x --hash=x git+https://h/x@y#egg=z { } [[package]] "
    '[options] install_requires [tool.poetry.dependencies] python = 1 : , default "_meta" é \ud800 \x00 ; 9e999 ${x} %(a)s - '.split(
        " "
    )
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(MANIFESTS, st.lists(WORDS, max_size=40).map(" ".join) | st.text(max_size=200))
def test_any_manifest_is_read_or_named_as_unread(name, text):
    assert readers(name)
    facts = extract_text(text.encode("utf-8", "surrogatepass"), name, FILE)
    assert (facts.status == "failed") == bool(facts.tables.get("python_extraction_errors"))
    for table, rows in facts.tables.items():
        for row in rows:
            fits(BY_NAME[table], row)

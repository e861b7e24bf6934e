"""Each table that follows from the whole program has an example with its exact rows."""

import re
from pathlib import Path

import pytest
from running import database, rows

from schema import TABLES, VIEWS

HERE = Path(__file__).parent
EXAMPLES = " ".join(
    [
        text
        for page in (HERE / "scenarios").glob("*.md")
        for text in re.findall(r"```sql\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    ]
    + [page.read_text("utf-8") for page in HERE.parent.rglob("*.py")]
)
WORDS = set(re.findall(r"\w+", EXAMPLES))


@pytest.mark.parametrize("table", [table for table in TABLES.values() if table.derived], ids=lambda table: table.stem)
def test_somebody_asks_a_derived_table(table):
    parts = [
        view for view in VIEWS.values() if re.search(rf"FROM {table.name}$", view.sql, re.MULTILINE)
    ]  # it is a part of it
    assert {name for one in (table, *parts) for name in (one.name, one.stem)} & WORDS


def test_a_function_unlike_the_others_is_an_anomaly(tmp_path):
    plain = "".join(f"def f{n}(a):\n    b = a + {n}\n    return b\n" for n in range(60))
    odd = "def odd(a):\n" + "".join(f"    if a == {n}:\n        g({n})\n" for n in range(40))
    found = rows(database(tmp_path, m=plain + odd), "SELECT scope, feature, value FROM anomalies")
    assert {feature for _, feature, _ in found} >= {"lines", "cyclomatic"}
    assert {feature: value for _, feature, value in found}["cyclomatic"] == 41.0


def test_a_call_of_known_harmless_values_is_told(tmp_path):
    source = "import os\ndef f(n: int):\n    os.system(f'kill {int(n)}')\ndef g(n):\n    os.system(f'kill {n}')\n"
    store = database(tmp_path, m=source)
    sql = "SELECT s.line, h.flaw FROM python_harmless_calls h JOIN sites s ON s.id = h.site"
    assert rows(store, sql) == [(3, "command-injection")]
    asked = "SELECT s.line, c.flaw FROM python_suspect_calls c JOIN sites s ON s.id = c.site ORDER BY s.line"
    assert rows(store, asked) == [(3, "command-injection"), (5, "command-injection")]


@pytest.mark.parametrize("made", ["calls", "loop"])
def test_however_many_routes_are_added_alike_all_are_there(tmp_path, made):
    source = "from flask import Flask\napp = Flask('a')\ndef view(): return ''\n"
    if made == "calls":
        source += "def register(path):\n    app.add_url_rule('/api' + path, path, view)\n"
        source += "".join(f"register('/p{one}')\n" for one in range(200))
    else:
        table = ", ".join(f"('/api/p{one}', 'v{one}')" for one in range(200))
        source += f"TABLE = [{table}]\nfor path, name in TABLE:\n    app.add_url_rule(path, name, view)\n"
    found = rows(database(tmp_path, m=source), "SELECT pattern FROM python_routes")
    assert {pattern for (pattern,) in found} == {f"/api/p{one}" for one in range(200)}

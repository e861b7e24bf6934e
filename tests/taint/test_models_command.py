"""`aud models` lists what is known, and says what each call of a line is taken to be."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from aud_action.cli import app
from aud_action.settings import WrongInput

VIEWS = """\
import sqlite3
from subprocess import run as start
from flask import Flask, request
from shop.db import Store, quoted, allowed
import acme

app = Flask(__name__)
store = Store("x")

@app.route("/")
def view():
    name = request.args["name"]
    store.find(quoted(name))
    acme.run(name)
    start(["ls", name], shell=False)
    if allowed(name):
        name.strip()
    return mystery(
        name)

def unused(x):
    app.logger.info(x)
    cursor.execute(x)
    raise ValueError(x)
    app.logger.info(x)
"""
DB = """\
import html
import sqlite3

class Base:
    def __init__(self, path):
        self.db = sqlite3.connect(path)

    def find(self, sql):
        return self.db.execute("select " + sql)

class Store(Base):
    pass

def quoted(x):
    return html.escape(x)

def allowed(x):
    return x in ("a", "b")
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    root = tmp_path_factory.mktemp("shop")
    (root / "shop").mkdir()
    (root / "shop" / "__init__.py").write_text("")
    (root / "shop" / "views.py").write_text(VIEWS)
    (root / "shop" / "db.py").write_text(DB)
    (root / "tests").mkdir()
    (root / "tests" / "test_shop.py").write_text("import shop\nshop.go()\n")
    (root / "broken.py").write_text("def (\nprint()\n")
    (root / "notes.txt").write_text("print()\n")
    return root


def said(shop, place: str, *options: str) -> str:
    done = CliRunner().invoke(app, ["models", "--repo", str(shop), "--explain", place, *options])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        (
            "shop/views.py:8",
            ["makes a `shop.db.Store` at shop/db.py:11 (a shop.db.Base; by `from shop.db import Store`)"],
        ),
        (
            "shop/views.py:13",
            [
                "is `shop.db.Base.find` at shop/db.py:8 (shop.db.Store inherits it)",
                "gives `sql` to `self.db.execute` at shop/db.py:9: sql-injection",
                "is `shop.db.quoted` at shop/db.py:14 (by `from shop.db import quoted`)",
                "returns what it is given as `x`, harmless for xss",
            ],
        ),
        (
            "shop/views.py:14",
            ["is `acme.run` of a library (by `import acme`)", "no model speaks of it: an unknown call"],
        ),
        (
            "shop/views.py:15",
            [
                "is `subprocess.run` of a library (by `from subprocess import run as start`)",
                "sink for command-injection: argument 0 `…`; `request.args`, the query string of the request arrives there;",
                "the query string of the request arrives there; not here, its conditions don't hold",
                "sink for argument-injection: argument 0",
            ],
        ),
        ("shop/views.py:16", ["checks `x`: when it answers true, it is harmless for all"]),
        ("shop/views.py:17", ["a method of texts, lists and dictionaries"]),
        ("shop/views.py:18", ["is not known: nothing says what `mystery` is"]),
        (
            "shop/views.py:22",
            ["`logging.Logger.info` of a library", "sink for log-injection: argument 0 `x`  [python.toml:"],
        ),
        ("shop/views.py:23", ["sink for sql-injection, when the object is called like /"]),
        (
            "shop/db.py:9",
            [
                "is `sqlite3.Connection.execute` of a library",
                "sink for sql-injection: argument 0",
                "dbapi.Connection.execute]",
            ],
        ),
    ],
)
def test_a_call_is_explained(shop, place, parts):
    text = said(shop, place)
    assert [part for part in parts if part not in text] == [], text


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nope.py:3", "nope.py is no file in"),
        ("shop/views.py", "give FILE:LINE"),
        ("shop/views.py:0", "give FILE:LINE"),
        ("shop/views.py:12", "no call begins on shop/views.py:12; the nearest call begins on line 1"),
        ("shop/views.py:999", "the nearest call begins on line 25"),
        ("shop/views.py:25", "shop/views.py:25 is never reached"),
        ("shop/__init__.py:1", "the file has no call"),
        ("tests/test_shop.py:2", "is a test: data is not followed in tests"),
        ("broken.py:2", "broken.py could not be analysed"),
        ("notes.txt:1", "notes.txt is not analysed"),
        ("../outside.py:1", "is no file in"),
        ("/etc/hosts:1", "is not in"),
    ],
)
def test_what_can_t_be_explained_is_said(shop, place, message):
    with pytest.raises(WrongInput, match=message.replace(".", r"\.")):
        said(shop, place)


def test_the_explanation_is_for_programs_too(shop):
    calls = json.loads(said(shop, "shop/views.py:13", "--json"))
    assert [call["call"] for call in calls] == ["store.find", "quoted"]
    assert calls[0]["targets"][0]["at"] == "shop/db.py:8"
    assert calls[0]["targets"][0]["summary"] == ["gives `sql` to `self.db.execute` at shop/db.py:9: sql-injection"]


def test_each_file_of_models_is_listed_with_its_numbers(tmp_path):
    text = CliRunner().invoke(app, ["models", "--repo", str(tmp_path)]).output
    assert "flask.toml" in text
    assert "Flask, Quart and Werkzeug" in text
    assert " sinks, " in text


def test_a_user_s_own_models_are_listed_and_explained(tmp_path):
    (tmp_path / ".aud" / "models").mkdir(parents=True)
    (tmp_path / ".aud" / "models" / "acme.toml").write_text(
        '# Acme\n[[sink]]\nmatch = "acme.run(0)"\nclass = "sql-injection"\n'
    )
    (tmp_path / "a.py").write_text("import acme\n\ndef f(x):\n    acme.run(x)\n")
    assert (
        "acme.run(0)  sql-injection  [acme.toml]"
        in CliRunner().invoke(app, ["models", "acme", "--repo", str(tmp_path)]).output
    )
    assert "sink for sql-injection: argument 0 `x`  [acme.toml: acme.run]" in said(tmp_path, "a.py:4")
    with pytest.raises(WrongInput, match="no model speaks of 'flsk'; did you mean 'flask'"):
        raise CliRunner().invoke(app, ["models", "flsk"]).exception
    (tmp_path / ".aud" / "models" / "acme.toml").write_text('[[sink]]\nmatch = "acme.run(0)"\nclass = "sqli"\n')
    with pytest.raises(WrongInput, match=r"models: acme\.toml:3: unknown class 'sqli'"):
        raise CliRunner().invoke(app, ["models", "--repo", str(tmp_path)]).exception


def test_the_list_is_for_programs_too():
    rows = json.loads(CliRunner().invoke(app, ["models", "sqlite3", "--json"]).output)
    rows += json.loads(CliRunner().invoke(app, ["models", "python", "--json"]).output)
    assert {"source", "sink", "sanitizer", "guard", "propagator", "clean", "callback", "entrypoint"} <= {
        row["role"] for row in rows
    }

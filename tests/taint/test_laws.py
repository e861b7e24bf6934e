"""Laws that hold for every project: the order of files, names of variables, paths that are whole, models that are wrong."""

from __future__ import annotations

import itertools
import warnings

import pytest

from aud_action.taint.linking import link
from aud_action.taint.models import ModelError, load
from aud_action.taint.values.charset import of_pattern
from tests.taint.harness import facts, flows

_VIEW = """
from flask import Flask, request
from tools import run
app = Flask(__name__)

@app.route("/")
def view():
    name = request.args["name"]
    run(name)
"""
_TOOLS = "import os\n\ndef run(command):\n    os.system(f'ls {command}')\n"
_FILES = {"app.py": _VIEW, "tools.py": _TOOLS, "other.py": "X = 1\n"}


def test_the_order_of_files_changes_nothing() -> None:
    results = {link(order).flows for order in itertools.permutations(facts(_FILES))}
    assert len(results) == 1
    assert len(results.pop()) == 1


def test_renaming_a_variable_changes_no_flow() -> None:
    renamed = {**_FILES, "app.py": _VIEW.replace("name = ", "other = ").replace("run(name)", "run(other)")}
    before, after = ([(one.flaw, one.confidence) for one in flows(files)] for files in (_FILES, renamed))
    assert before == after == [("command-injection", 100)]


def test_a_path_goes_from_the_source_through_the_call_to_the_sink() -> None:
    (flow,) = flows(_FILES)
    assert [step.kind for step in flow.path] == ["source", "call", "step", "sink"]
    assert [step.depth for step in flow.path] == [0, 0, 1, 1]
    assert [step.place.line for step in flow.path] == [8, 9, 4, 4]


def test_adding_a_sanitizer_adds_no_flow() -> None:
    model = '[[sanitizer]]\nmatch = "tools.run(0)"\nclears = ["all"]\n'
    assert len(flows(_FILES, own=model)) <= len(flows(_FILES))


def test_a_user_s_model_adds_a_sink() -> None:
    model = '[[sink]]\nmatch = "acme.db.query(0, sql=)"\nclass = "sql-injection"\n'
    text = _VIEW.replace("from tools import run", "from acme.db import query as run")
    assert [flow.flaw for flow in flows(text, own=model)] == ["sql-injection"]
    assert flows(text) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[sink]]\nmatch = "a.b(0)"\nclass = "sql-injektion"\n', "own.toml:3: .*did you mean 'sql-injection'"),
        ('[[sink]]\nmatch = "a.b(0)"\nklass = "xss"\n', "own.toml:3: unknown key 'klass'.*did you mean 'class'"),
        ('[[sinks]]\nmatch = "a.b(0)"\n', "own.toml:1: unknown section 'sinks'.*did you mean 'sink'"),
        ('[[sink]]\nmatch = "a.b(x y)"\nclass = "xss"\n', "own.toml:2: 'x y' is no argument"),
        ("[[sink\n", "own.toml: "),
    ],
)
def test_a_wrong_model_names_its_line_and_the_nearest_word(text: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        load([("own.toml", text)])


def test_deep_nesting_is_said_and_harms_nobody_else() -> None:
    deep = "def f(x):\n    return " + "-" * 900 + "x\n"
    linked = link(facts({**_FILES, "deep.py": deep}))
    assert [flow.flaw for flow in linked.flows] == ["command-injection"]


def test_a_doubtful_pattern_of_the_scanned_code_warns_nobody():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert of_pattern("[[a-y]+", 0, "fullmatch")

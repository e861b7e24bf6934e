"""A user's models are read strictly: what is wrong is said with its line and the nearest known word."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aud_action.taint.models import ModelError, Models, load
from aud_action.taint.models.form import RECORDS
from aud_action.taint.models.loading import read
from aud_action.taint.models.position import spots
from tests.taint.harness import flows

SINK = '[[sink]]\nmatch = "acme.db.run(0)"\nclass = "sql-injection"\n'


def test_the_house_s_own_files_are_as_strict():
    assert read(Models(), (), strictly=True).sinks


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[sink]\nmatch = 'a.b(0)'\n", r"own\.toml:1: 'sink' holds records: write \[\[sink\]\]"),
        ("# mine\n\n[[sorce]]\n", "own.toml:3: unknown section 'sorce'; did you mean 'source'"),
        (SINK + "\n[[sink]]\nmatch = 'a.b(0)'\n", r"own\.toml:5: \[\[sink\]\] needs 'class'"),
        (SINK + "\n[[sink]]\nclass = 'xss'\n", r"own\.toml:5: \[\[sink\]\] needs 'match' or 'name'"),
        (SINK + "confidence = 120\n", "own.toml:4: 'confidence' .* must be a whole number from 1 to 100, not 120"),
        (SINK + "confidence = true\n", "own.toml:4: 'confidence'"),
        (SINK + "when = 'x'\n", "own.toml:4: 'when' .* must be a table"),
        (SINK.replace('"acme.db.run(0)"', '[\n  "acme.ok(0)",\n  "acme db(0)",\n]'), "own.toml:4: .*no API path"),
        (SINK.replace("run(0)", "{run,go(0)"), "own.toml:2: .*no API path"),
        (SINK.replace("acme.db.run(0)", "?.run(0)"), "own.toml:2: .* say with 'receiver'"),
        (
            SINK.replace("acme.db.run", "a{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}"),
            "own.toml:2: more than 500 alt",
        ),
        (
            '[[source]]\nmatch = "a.b()"\nkind = "remot"\n',
            "own.toml:3: unknown kind of source 'remot'; did you mean 'remote'",
        ),
        ('[[source]]\nname = "("\nkind = "remote"\n', "own.toml:2: 'name' .* is no pattern"),
        ('[[sanitizer]]\nmatch = "a.b(0)"\nclears = "xss"\n', "own.toml:3: 'clears' .* must be a list of classes"),
        ('[[sanitizer]]\nmatch = "a.b(0)"\nclears = [\n  "xss",\n  "sqli",\n]\n', "own.toml:5: unknown class 'sqli'"),
        ('[[guard]]\nmatch = "a.b(0)"\nclears = ["all"]\non = "false"\n', "own.toml:4: 'on' .* must be true, false or"),
        (
            '[[propagator]]\nmatch = "a.b(0)"\nrelation = "prt"\n',
            "own.toml:3: unknown relation 'prt'; did you mean 'part'",
        ),
        ('[[propagator]]\nmatch = "a.b(0)"\nsets = "clean"\n', "own.toml:3: unknown sets 'clean'"),
        ('[[entrypoint]]\nbase = "a.View"\n', "own.toml:2: .* with 'base' needs 'methods'"),
        ('[[entrypoint]]\ncall = "a.route"\n', "own.toml:2: .* with 'call' needs 'handler'"),
        ('[[entrypoint]]\nparams = "remote"\n', "own.toml:1: .* needs 'decorator' or 'base'"),
        (
            '[[entrypoint]]\ndecorator = "a.r"\ncaptures = "flsk"\n',
            "own.toml:3: unknown captures 'flsk'; did you mean 'flask'",
        ),
        ('[[class]]\nid = "mine"\nneeds = ["; ¤"]\n', "own.toml:3: unknown mark '¤'"),
        ('[[class]]\nid = "mine"\nshape = "urls"\n', "own.toml:3: unknown shape 'urls'; did you mean 'url'"),
        ('[types]\n"acme.connect()" = 3\n', "own.toml:2: .* must be a path"),
        ('[bases]\n"acme.Mine" = "acme.Theirs"\n', "own.toml:2: .* must be a list of classes"),
        ("[[stop]]\nmatch = 3\n", "own.toml:2: 'match' .* must be a path or a list of paths"),
        ("stop = [1]\n", "own.toml:1: .*holds records"),
        ("[[stop]]\nmatch = []\n", "own.toml:2: 'match'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text, message):
    with pytest.raises(ModelError, match=message):
        load([("own.toml", text)])


_VALUES = st.recursive(
    st.one_of(
        st.booleans(), st.integers(-3, 200), st.sampled_from(["all", "xss", "remote", "a.b(0)", "{", "?.x", "(", ""])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("abc"), inner, max_size=2)),
    max_leaves=4,
)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return repr(value)


@settings(max_examples=300)
@given(st.data())
def test_any_record_is_taken_or_refused_by_name(data):
    section = data.draw(st.sampled_from(sorted(RECORDS)))
    keys = data.draw(st.lists(st.sampled_from(sorted(RECORDS[section])), unique=True, max_size=5))
    text = f"[[{section}]]\n" + "".join(f"{key} = {_toml(data.draw(_VALUES))}\n" for key in keys)
    tomllib.loads(text)
    said = "own.toml:"
    try:
        load([("own.toml", text)])
    except ModelError as error:
        said = str(error)
    assert said.startswith("own.toml:")


def test_a_header_within_a_value_is_none():
    text = 'a = """\n[[sink]]\nb = 1\n"""  # c = 2\n[[sink]]\n"d.e" = {f = 1}\n'
    assert [(spot.line, spot.name) for spot in spots(text)] == [(1, "a"), (5, "sink"), (6, "d.e")]


def test_names_are_sources_and_sinks_too():
    own = """
[[kind]]
id = "medical"
text = "a diagnosis"
always = true

[[class]]
id = "diagnosis-told"
accepts = ["medical"]

[[source]]
name = "diagnosis$"
not = "^is_"
kind = "medical"

[[sink]]
match = "acme.tell(0)"
class = "diagnosis-told"
"""
    text = "import acme\ndef f(patient, is_diagnosis):\n    acme.tell(patient.diagnosis)\n    acme.tell(is_diagnosis)\n"
    assert [(flow.flaw, flow.sink.line) for flow in flows(text, own=own)] == [("diagnosis-told", 3)]


def test_a_model_of_one_s_own_works_from_beginning_to_end():
    own = (
        SINK
        + '[[source]]\nmatch = "acme.web.read()"\nkind = "remote"\n[[sanitizer]]\nmatch = "acme.db.quote(0)"\nclears = ["sql-injection"]\n'
    )
    text = "import acme.web, acme.db\ndef f():\n    acme.db.run(acme.web.read())\n    acme.db.run(acme.db.quote(acme.web.read()))\n"
    assert [flow.sink.line for flow in flows(text, own=own)] == [3]

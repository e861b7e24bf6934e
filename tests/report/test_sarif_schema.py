"""Whatever is found, the file is SARIF: the OASIS schema (errata 01, its descriptions left out) is the judge."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aud_action.findings import Finding, Location, Result, Step, Unanalysed
from aud_action.report import sarif
from aud_action.rules import book

SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-schema-2.1.0.json").read_text("utf-8"))
VALID = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)

names = st.text(st.characters(), min_size=1, max_size=20)
numbers = st.integers(-1, 10**6)
places = st.builds(Location, names, numbers, numbers, numbers, numbers)
steps = st.builds(Step, places, names, st.sampled_from(["source", "step", "sink", ""]), numbers)
findings = st.builds(
    Finding,
    st.sampled_from([*book(), "unknown-rule"]),
    names,
    st.floats(0, 10),
    st.sampled_from(["low", "medium", "high", "very-high"]),
    places,
    names,
    st.lists(steps, max_size=3).map(tuple),
    st.lists(steps, max_size=3).map(tuple),
    names,
    st.sampled_from(["new", "baseline", "suppressed", "out_of_scope"]),
    names,
)
results = st.builds(
    Result,
    st.lists(findings, max_size=4).map(tuple),
    st.integers(0, 9),
    st.lists(st.builds(Unanalysed, names, st.none() | numbers, names), max_size=2).map(tuple),
    st.lists(names, max_size=2).map(tuple),
    notes=st.lists(names, max_size=2).map(tuple),
)


def document(result, **options):
    file = io.StringIO()
    sarif.write(result, book(), file, sources=lambda path: path, options=sarif.Options(**options))
    return json.loads(file.getvalue())


def assert_valid(made):
    errors = [f"{error.instance_path}: {error.message[:200]}" for error in VALID.iter_errors(made)]
    assert errors == []


@settings(max_examples=60)
@given(results, st.booleans(), names)
def test_any_result_is_valid_sarif(result, suppressed, category):
    assert_valid(
        document(
            result, suppressed=suppressed, category=category, repository="https://github.com/o/r", revision="1" * 40
        )
    )


def test_the_made_result_is_valid_and_so_is_one_with_accepted_findings(result):
    assert_valid(document(result))
    assert_valid(document(replace(result), suppressed=True))


def test_the_judge_would_see_a_wrong_file(result):
    made = document(result)
    made["runs"][0]["results"][0]["level"] = "bad"
    with pytest.raises(AssertionError):
        assert_valid(made)


def test_every_rule_of_the_house_has_what_code_scanning_shows():
    for rule in document(Result())["runs"][0]["tool"]["driver"]["rules"]:
        assert len(rule["shortDescription"]["text"]) <= 1024, rule["id"]
        assert len(rule["fullDescription"]["text"]) <= 1024, rule["id"]
        assert len(rule["properties"]["tags"]) <= 10, rule["id"]
        assert 0 < float(rule["properties"]["security-severity"]) <= 10, rule["id"]
        assert rule["helpUri"].startswith("https://"), rule["id"]

"""docs/action.md, action.yml and the program speak of the same inputs and outputs."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

import templates
from aud_action.github.inputs import read
from aud_action.github.outputs import Outputs

ROOT = Path(templates.__file__).parent.parent
ACTION = (ROOT / "action.yml").read_text("utf-8")
PAGE = (ROOT / "docs" / "action.md").read_text("utf-8")


def names(start: str, end: str) -> list[str]:
    part = ACTION.partition(f"\n{start}:")[2].partition(f"\n{end}:")[0]
    return re.findall(r"^  ([a-z-]+):", part, re.MULTILINE)


def test_every_input_has_its_heading_in_the_same_order():
    part = PAGE.partition("\n## Inputs")[2].partition("\n## ")[0]
    assert re.findall(r"^### (.+)$", part, re.MULTILINE) == names("inputs", "outputs")


def test_every_output_is_set_and_in_the_table():
    declared = names("outputs", "runs")
    assert declared == [entry.name.replace("_", "-") for entry in fields(Outputs)]
    part = PAGE.partition("\n## Outputs")[2].partition("\n## ")[0]
    rows = [row.split("|")[1] for row in part.splitlines() if row.startswith("| `")]
    assert re.findall(r"`([a-z-]+)`", " ".join(rows)) == declared


def test_every_default_of_action_yml_is_one_that_the_program_takes(tmp_path):
    part = ACTION.partition("\ninputs:")[2].partition("\noutputs:")[0]
    found = re.findall(r"^  ([a-z-]+):\n(?:    description: .*\n)    default: (.*)$", part, re.MULTILINE)
    assert [name for name, _ in found] == names("inputs", "outputs")
    given = {f"INPUT_{name.upper()}": value.strip('"') for name, value in found}
    asked = read(given, tmp_path)
    assert asked.sarif_file == tmp_path / "aud-results/aud.sarif"
    assert asked.settings.fail_on == "high"


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.yml")), ids=lambda path: path.name)
def test_every_example_is_in_the_quick_start_and_gives_only_inputs_that_exist(example):
    assert f"(../examples/{example.name})" in PAGE
    text = example.read_text("utf-8")
    for block in re.findall(r"uses: OWNER/aud-action@\S+ # \S+\n\s+with:\n((?:\s{10}\S.*\n)+)", text):
        assert set(re.findall(r"^\s{10}([a-z-]+):", block, re.MULTILINE)) <= set(names("inputs", "outputs"))

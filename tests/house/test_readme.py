"""The first thing a reader sees is what the program prints."""

import re
from pathlib import Path

from typer.testing import CliRunner

from aud_action import cli

ROOT = Path(__file__).resolve().parents[2]


def test_the_output_in_the_readme_is_the_program_s_own():
    told = re.search(r"```console\n\$ make scan.*?\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    printed = CliRunner().invoke(cli.app, ["scan", str(ROOT / "fixtures" / "shop"), "--fail-on", "never"]).output
    lines = {line.rstrip() for line in printed.splitlines()}
    assert [line for line in told[1].splitlines() if line != "…" and line not in lines] == []


def test_the_changelog_says_each_thing_once():
    begins = [line[:60] for line in (ROOT / "CHANGELOG.md").read_text("utf-8").split("\n") if line.startswith("- ")]
    assert [line for line in begins if begins.count(line) > 1] == []

"""The walk in CONTRIBUTING.md is true: its three files are the program's own, and they are all that a new fact needs."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WALK = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
FILES = {
    path: text
    for path, text in re.findall(r"^\*\*\d\..*?`([\w/.-]+)`:\n\n`{3,}\w+\n(.*?)^`{3,}$", WALK, re.MULTILINE | re.DOTALL)
    if "/" in path
}
EXAMPLE = 'import debugpy\n\ndebugpy.listen(("0.0.0.0", 5678))\n'


def fences(text):
    """The files of the walk; a page's own fences are inside a longer one."""
    page = re.search(r"^`{4}markdown\n(.*?)^`{4}$", text, re.MULTILINE | re.DOTALL)
    return {path: page[1] if path.endswith(".md") and page else shown for path, shown in FILES.items()}


def aud(program, *words):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "aud_action", *words],
        cwd=program,
        env={"PYTHONPATH": str(program), "PATH": "/usr/bin:/bin", "HOME": str(program)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """A copy of the program without the files of the walk."""
    folder = tmp_path_factory.mktemp("program")
    for package in ("schema", "extractors", "aud_action", "templates"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for path in FILES:
        (folder / path).unlink()
    return folder


def test_the_walk_shows_a_table_an_extractor_and_a_rule():
    assert [path.partition("/")[0] for path in FILES] == ["schema", "extractors", "aud_action"]


@pytest.mark.parametrize("path", FILES)
def test_the_walk_shows_the_program_s_own_files(path):
    assert fences(WALK)[path] == (ROOT / path).read_text("utf-8")


def test_these_files_are_all_that_a_fact_with_its_rule_needs(program):
    example = program / "example"
    example.mkdir()
    (example / "app.py").write_text(EXAMPLE, "utf-8")
    code, _ = aud(program, "tables", "python_breakpoints")
    assert code != 0
    for path, text in fences(WALK).items():
        (program / path).write_text(text, "utf-8")
    code, told = aud(program, "tables", "python_breakpoints")
    assert code == 0, told
    assert "is_remote" in told
    code, told = aud(
        program, "scan", "example", "--select", "remote-debugger", "--format", "json", "--fail-on", "never"
    )
    assert code == 0, told
    found = json.loads(told[told.index("{") : told.rindex("}") + 1])["findings"]
    assert [(one["rule"], one["line"]) for one in found] == [("remote-debugger", 3)]

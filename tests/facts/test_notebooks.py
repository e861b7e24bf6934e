"""Notebooks are scanned like modules, whatever they hold besides Python."""

import json
import time

import pytest

from aud_action.pipeline import scan
from aud_action.settings import Settings
from extractors.notebooks import extract_notebook


def notebook(*cells, **metadata):
    made = [{"cell_type": "code", "outputs": [], "source": text.splitlines(keepends=True)} for text in cells]
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4}, indent=1)


def test_findings_stand_at_the_lines_of_the_file(tmp_path):
    text = notebook(
        "%pip install x\nimport subprocess", "def run(line):\n    subprocess.run(line, shell=True)\n    !ls\n"
    )
    (tmp_path / "a.ipynb").write_text(text)
    result = scan(Settings(root=tmp_path, jobs=1, profile="audit"))
    places = {(finding.location.path, finding.location.line) for finding in result.findings}
    wanted = next(number for number, line in enumerate(text.splitlines(), 1) if "shell=True" in line)
    assert places == {("a.ipynb", wanted)}
    assert result.unanalysed == ()


def test_a_cell_that_is_no_python_loses_nothing_but_itself(tmp_path):
    (tmp_path / "a.ipynb").write_text(notebook("eval(a)", "for in", "eval(b)"))
    result = scan(Settings(root=tmp_path, jobs=1, select=("eval-detected",), profile="audit"))
    assert len(result.findings) == 2
    assert [one.reason.partition(":")[0] for one in result.unanalysed] == ["parse"]


def test_data_is_followed_from_cell_to_cell(tmp_path):
    cells = (
        "from flask import Flask, request\napp = Flask('a')",
        "@app.get('/')\ndef view():\n    return go(request.args['q'])",
    )
    (tmp_path / "a.ipynb").write_text(notebook(*cells, "import os\ndef go(line):\n    os.system(line)\n    return ''"))
    result = scan(Settings(root=tmp_path, jobs=1, select=("command-injection",)))
    assert [len(finding.flow) > 1 for finding in result.findings] == [True]


HOSTILE = {
    "open brackets": b"[" * 1_000_000,
    "open text": b'{"cells": [{"source": ["' + b"x" * 1_000_000,
    "backslashes": b'{"cells": [{"source": ["' + b"\\" * 999_999,
    "spaces": b'{"cells": [{"source": "' + b"x" * 10 + b'"' + b" " * 1_000_000,
    "closed brackets": b"]}" * 500_000,
    "magics": notebook("x = y, " * 20_000 + "\n!", "=" * 50_000 + "!").encode(),
    "no text": b"\xff\xfe",
    "surrogates": notebook("x = '\ud800'").encode(),
    "zeros": notebook("x = '\0'").encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_takes_long(name):
    started = time.process_time()
    extract_notebook(HOSTILE[name], "a.ipynb", 1, "a.ipynb")
    assert time.process_time() - started < 3


def test_a_notebook_is_kept_in_the_cache(tmp_path):
    (tmp_path / "a.ipynb").write_text(notebook("eval(a)"))
    (tmp_path / "b.py").write_text("x = 1\n")
    settings = Settings(root=tmp_path, jobs=1, cache_dir=".cache", profile="audit", exclude=(".cache",))
    first = scan(settings)
    (tmp_path / "b.py").write_text("x = 2\n")
    second = scan(settings)
    assert second.metrics["files_from_cache"] == 1
    assert second.notes == first.notes == ()
    assert second.findings == first.findings

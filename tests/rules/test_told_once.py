"""By default one element of what a client sent is told at one use of it, and each other element at its own."""

import pytest

from aud_action.pipeline import scan
from aud_action.settings import Settings

TEXT = """
import os
import subprocess
from flask import Flask, request

app = Flask(__name__)


@app.post("/copy")
def copy():
    sent = request.get_json()
    source = os.path.join("/srv", sent["source"])
    if os.path.exists(source):
        with open(source) as old, open(sent.get("target"), "w") as new:  # path-traversal
            new.write(old.read())
    os.remove(sent["source"].strip())  # path-traversal
    remote = sent["remote"]
    subprocess.run(["git", "fetch", remote])  # argument-injection
    subprocess.run(["git", "pull", remote])
    subprocess.run(["git", "checkout", sent["branch"]])  # argument-injection
    return "done"
"""


@pytest.mark.parametrize("rule", ["path-traversal", "argument-injection"])
def test_each_element_is_told_once(tmp_path, rule):
    (tmp_path / "shop.py").write_text(TEXT)
    result = scan(Settings(root=tmp_path, select=(rule,), jobs=1))
    marked = [number for number, line in enumerate(TEXT.splitlines(), 1) if line.endswith(f"# {rule}")]
    assert sorted({finding.location.line for finding in result.findings}) == marked

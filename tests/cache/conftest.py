"""A repository that can be changed, and runs over it with and without a cache."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode: tests are no package
from equal import differences

from aud_action.pipeline import scan
from aud_action.settings import Settings

APP = """
import os, subprocess
from flask import Flask, request
from shop.shell import run
app = Flask(__name__)

@app.route("/ping")
def ping():
    return run(request.args["host"])
"""
SHELL = """
import subprocess

def run(host):
    return subprocess.check_output("ping " + host, shell=True)
"""


class Project:
    """A folder, its cache, and what runs over it tell."""

    def __init__(self, top: Path) -> None:
        self.root, self.cache, self.top = top / "repository", top / "cache", top
        self.settings = Settings(root=self.root, jobs=2)
        self.write("shop/__init__.py", "")
        self.write("shop/app.py", APP)
        self.write("shop/shell.py", SHELL)
        self.write("other.py", "import hashlib\nkey = hashlib.md5(b'x').hexdigest()\n")

    def write(self, path: str, text: str) -> None:
        """Make or change a file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def run(self, name: str = "warm.db", **changes):
        """One run with the cache."""
        return scan(replace(self.settings, cache_dir=str(self.cache), **changes), self.top / name)

    def compare(self, **changes):
        """A run with the cache; what it says must be what a run without says."""
        warm = self.run(**changes)
        cold = scan(replace(self.settings, **changes), self.top / "cold.db")
        assert differences(self.top / "warm.db", self.top / "cold.db") == []
        assert warm.findings == cold.findings
        assert warm.unanalysed == cold.unanalysed
        assert warm.tables == cold.tables
        assert warm.incomplete == cold.incomplete == ()
        assert not any("not usable" in note for note in warm.notes)
        return warm


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)

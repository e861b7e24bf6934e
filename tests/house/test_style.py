"""Types, lint and layout: the tools' settings and the reason of each exception stand in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def complaints(*command):
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_every_type_holds():
    assert complaints("mypy") == ""


def test_no_rule_of_style_is_broken():
    assert complaints("ruff", "check", "--output-format=concise", ".") == ""


def test_the_layout_is_the_formatter_s():
    assert complaints("ruff", "format", "--check", ".") == ""


@pytest.mark.parametrize("code", ["x: int = 'a'\n", "def f(x):\n    return x\n"])
def test_strict_types_are_on(code, tmp_path):
    (tmp_path / "example.py").write_text(code)
    assert "error:" in complaints("mypy", "--config-file", str(ROOT / "pyproject.toml"), str(tmp_path / "example.py"))

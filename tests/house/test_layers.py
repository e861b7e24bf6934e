"""The plan of the house: who may import whom. The contract stands in pyproject.toml."""

import tomllib
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[2]


def test_imports_point_downwards(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_the_picture_of_the_layers_is_the_contract():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    picture = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    around = {"aud_action.__main__", "aud_action.generate", "aud_action.startup"}  # the way in, and the page maker
    assert "\n".join(layer for layer in layers if layer not in around) in picture

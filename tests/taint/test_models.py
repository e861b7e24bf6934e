"""Every sink row is reached by a client's data, and silent for a constant: the examples follow from the models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aud_action.taint.models import SinkModel, load
from tests.taint.harness import flows

MODELS = load()
_VALUES = {"structured": "request.get_json()", "argv": '["git", {value}]'}
_SKIPPED = {"flask.response", "django.response"}


def _rows() -> Iterator[tuple[str, SinkModel]]:
    for path, models in sorted(MODELS.sinks.items()):
        for model in models:
            wanted = "when" if model.when else ""
            if path not in _SKIPPED and not path.startswith("?") and not wanted:
                yield path, model


def _arguments(model: SinkModel, value: str) -> str:
    pattern = model.pattern
    if pattern.spread:
        return f"**{value}" if "request" in value else ""
    if pattern.receiver and not pattern.positions:
        return ""
    if pattern.positions or pattern.every:
        last = max(pattern.positions, default=0)
        fill = ["'x'"] * last + [value]
        return ", ".join(fill)
    return f"{pattern.names[0]}={value}" if pattern.names else f"key={value}"


def _program(path: str, model: SinkModel, value: str) -> str:
    """A view that hands a value to the sink: by import for a function, by annotation for a method."""
    owner, _, member = path.partition("[]=")[0].rpartition(".")
    head = owner.split(".")[0].split("(")[0]
    lines = ["from flask import Flask, request", "app = Flask(__name__)", f"import {head}" if head else ""]
    kept = f"{value}"
    target = path if head != "builtins" else member
    arguments = _arguments(model, kept)
    if path.endswith("[]="):
        thing = path.removesuffix("[]=")
        lines += ["@app.route('/')", "def view():", f"    {thing}[{kept}] = {kept}"]
    elif path.endswith("="):
        lines += ["@app.route('/')", "def view():", f"    {owner}.{member.rstrip('=')} = {kept}"]
    elif model.pattern.receiver:
        made = f"{owner}({kept})"
        lines += ["@app.route('/')", "def view():", f"    {made}.{member}({arguments})"]
    else:
        lines += ["@app.route('/')", "def view():", f"    {target}({arguments})"]
    return "\n".join(lines) + "\n"


def _value(model: SinkModel) -> str:
    shape = MODELS.shapes[model.flaw]
    if shape == "structured":
        return "request.get_json()"
    if shape == "argv":
        return "request.args['x']" if "git" in model.pattern.path else "['git', request.args['x']]"
    return "request.args['x']"


ROWS = list(_rows())
_IDS = [f"{path}-{model.flaw}" for path, model in ROWS]


@pytest.mark.parametrize(("path", "model"), ROWS, ids=_IDS)
def test_a_client_s_data_reaches_the_sink(path: str, model: SinkModel) -> None:
    if "remote" not in MODELS.accepts[model.flaw]:
        pytest.skip("another kind of source")
    found = {flow.flaw for flow in flows(_program(path, model, _value(model)))}
    assert model.flaw in found, _program(path, model, _value(model))


@pytest.mark.parametrize(("path", "model"), ROWS, ids=_IDS)
def test_a_constant_is_silent(path: str, model: SinkModel) -> None:
    assert flows(_program(path, model, "'constant'")) == ()

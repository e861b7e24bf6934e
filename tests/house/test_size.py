"""One screen a function, 400 lines a file: beyond that a thing is two things."""

import ast
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    chain.from_iterable(
        (ROOT / folder).rglob("*.py") for folder in ("aud_action", "extractors", "schema", "templates", "tests")
    )
)
FILE_LINES = 400
FUNCTION_LINES = 60


def long_functions(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.body[0].lineno + 1  # a command's options, with their help, are no logic
            if length > FUNCTION_LINES:
                yield f"line {node.lineno}: {node.name} has {length} lines"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(ROOT)))
def test_a_file_and_its_functions_stay_small(source):
    text = source.read_text("utf-8")
    assert text.count("\n") <= FILE_LINES
    assert list(long_functions(ast.parse(text))) == []


def test_the_alarm_rings():
    body = "\n".join("    x = 1" for _ in range(FUNCTION_LINES + 1))
    assert list(long_functions(ast.parse(f"def f():\n{body}\n")))

"""One screen a function, 400 lines a file: beyond that a thing is two things."""

import ast
import re
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    chain.from_iterable(
        (ROOT / folder).rglob("*.py") for folder in ("aud_action", "extractors", "schema", "templates", "tests")
    )
)
PAGES = sorted((ROOT / "aud_action" / "rules").glob("[!R]*.md"))
FILE_LINES = 400
COLUMNS = 150
_QUERY = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
_TEXT = re.compile(r"'(?:[^']|'')*'")
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_query_is_read_from_top_to_bottom(page):
    for line in "".join(_QUERY.findall(page.read_text("utf-8"))).split("\n"):
        longest = max(map(len, _TEXT.findall(line)), default=0)  # a pattern can't be broken
        assert len(line) <= COLUMNS or len(line) - longest <= COLUMNS - 20, line


def test_the_alarm_rings():
    body = "\n".join("    x = 1" for _ in range(FUNCTION_LINES + 1))
    assert list(long_functions(ast.parse(f"def f():\n{body}\n")))

"""Of each framework, every usual way to a client's data is known, and what the framework checks or makes itself isn't taken for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.taint.harness import flows
from tests.taint.pairs import split

PAGES = sorted((Path(__file__).parent / "inputs").glob("*.md"))
_FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_what_is_the_clients(page):
    files = split("".join(_FENCE.findall(page.read_text("utf-8"))))
    marked = {
        (path, number)
        for path, text in files.items()
        for number, line in enumerate(text.split("\n"), 1)
        if line.endswith("# client")
    }
    names = sorted(files)
    found = {
        (names[flow.sink.file], flow.sink.line)
        for flow in flows(files)
        if flow.flaw == "command-injection" and flow.confidence >= 50
    }
    assert marked
    assert {"missed": marked - found, "invented": found - marked} == {"missed": set(), "invented": set()}

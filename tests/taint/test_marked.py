"""
Programs with a mark on each line that is to be found: of each framework every usual way to a client's data, what the standard
library makes of a text, checks and their look-alikes. What is found on any other line is wrong.

The title of a page begins with the classes that are looked at; `network` among them follows that input too.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.taint.harness import flows
from tests.taint.pairs import split

PAGES = sorted((Path(__file__).parent / "marked").glob("*.md"))
_FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_marked_lines_are_found_and_no_others(page):
    text = page.read_text("utf-8")
    classes = text[2 : text.index(":")].split()
    files = split("".join(_FENCE.findall(text)))
    marked = {
        (path, number)
        for path, body in files.items()
        for number, line in enumerate(body.split("\n"), 1)
        if line.endswith("# finding")
    }
    names = sorted(files)
    found = {
        (names[flow.sink.file], flow.sink.line)
        for flow in flows(files, threats=("network",) if "network" in classes else ())
        if flow.flaw in classes and flow.confidence >= 50
    }
    assert {"missed": marked - found, "invented": found - marked} == {"missed": set(), "invented": set()}

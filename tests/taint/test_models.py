"""Each row of the models does what it says: a dangerous program is found on its line, and its safe twin isn't.

The programs follow from the rows, or stand in the row as its `example`; all are one project, followed once.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

from aud_action.taint.linking import link
from tests.taint.harness import facts
from tests.taint.rows import MODELS, Program, Row, rows

ROWS = list(rows())
IDS = [f"{row.file}-{row.section}-{row.number}" for row in ROWS]
NAMES = {row: f"row_{number:04}.py" for number, row in enumerate(ROWS)}


def written(row: Row) -> tuple[str, list[tuple[Program, int]]]:
    """One file with a function for each program, and the line that counts in each."""
    heads = sorted(set().union(*(program.imports for program in row.programs)))
    lines = ["from flask import request", "import flask", *(f"import {name}" for name in heads)]
    places = []
    for number, program in enumerate(row.programs):
        lines += [
            "",
            f"def f{number}({program.parameters}):",
            "    request.form",
            *(f"    {line}" for line in program.lines),
        ]
        places.append((program, len(lines)))
    return "\n".join(lines) + "\n", places


@pytest.fixture(scope="module")
def found():
    """(file, line) → the classes of flaws found there."""
    texts = {NAMES[row]: written(row)[0] for row in ROWS}
    names = dict(enumerate(sorted(texts)))
    linked = link(facts(texts), threats=MODELS.kinds, seconds=600)
    assert not linked.gaps
    assert not linked.incomplete
    told = defaultdict(set)
    for flow in linked.flows:
        told[names[flow.sink.file], flow.sink.line].add(flow.flaw)
    return told


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_row_does_what_it_says(row, found):
    text, places = written(row)
    wrong = [
        (program.title, "missed" if program.bad else "wrongly found", program.flaw, text.split("\n")[line - 1].strip())
        for program, line in places
        if (program.flaw in found[NAMES[row], line]) is not program.bad
    ]
    assert wrong == [], "\n".join(map(str, wrong))


def test_every_row_has_both_kinds():
    for row in ROWS:
        assert {program.bad for program in row.programs} == {True, False}, (row.file, row.section, row.number)

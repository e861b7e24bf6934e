"""Each vulnerable twin is found, with its class; each safe twin is silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.taint.harness import classes
from tests.taint.pairs import Case, cases

GIVEN = {"template-raw-request-value", "template-request-url"}
"""What a template in a file is given: nothing is wrong with it until the rule has looked at the template."""
CASES = list(cases(Path(__file__).parent / "pairs"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.page}:{case.line}")
def test_twin(case: Case) -> None:
    found = set(classes(case.files, threats=case.threats)) - GIVEN.difference(case.expected)
    assert found == set(case.expected), f"{case.title}: {sorted(found)} instead of {sorted(case.expected)}"


def test_there_are_pairs_enough() -> None:
    vulnerable = sum(1 for case in CASES if case.expected)
    assert vulnerable >= 400
    assert len(CASES) >= 2 * vulnerable

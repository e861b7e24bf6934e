"""The same flows, word for word, whatever the order of the files and of sets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aud_action.taint.linking import link
from aud_action.taint.models import load
from tests.taint.harness import facts
from tests.taint.pairs import Case, cases

MODELS = load()
CASES = [case for case in cases(Path(__file__).parent / "pairs") if len(case.files) > 1]
_ALL = """
from pathlib import Path
from aud_action.taint.linking import link
from aud_action.taint.models import load
from tests.taint.harness import facts
from tests.taint.pairs import cases
models = load()
for case in cases(Path("tests/taint/pairs")):
    print(case.page, case.line, link(facts(case.files), threats=case.threats, models=models).flows)
"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.page}:{case.line}")
def test_the_order_of_files_changes_no_flow(case: Case) -> None:
    given = facts(case.files)
    first, second = (link(one, threats=case.threats, models=MODELS) for one in (given, given[::-1]))
    assert first == second


def test_the_seed_of_hashes_changes_no_flow() -> None:
    root = Path(__file__).parents[2]
    printed = {
        subprocess.run(
            [sys.executable, "-c", _ALL],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            cwd=root,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1

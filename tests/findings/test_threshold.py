from __future__ import annotations

import pytest

from aud_action.findings import Finding, Location, Result, Unanalysed
from aud_action.findings.threshold import exit_code, failing, select, worst_first

PLACE = Location("a.py", 1, 1, 1, 2)


def finding(severity, state="new", precision="high"):
    return Finding("r", "m", severity, precision, PLACE, state=state)


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [(9.8, "high", 1), (7.0, "high", 1), (6.9, "high", 0), (6.9, "medium", 1), (0.5, "low", 1), (9.8, "never", 0)],
)
def test_a_finding_at_the_threshold_fails(severity, fail_on, code):
    assert exit_code(Result((finding(severity),)), fail_on) == code


@pytest.mark.parametrize("state", ["suppressed", "baseline", "out_of_scope"])
def test_only_new_findings_fail(state):
    assert exit_code(Result((finding(9.8, state),)), "low") == 0


def test_a_file_with_a_gap_fails_only_where_asked_and_an_incomplete_run_always():
    gap = Result(unanalysed=(Unanalysed("a.py", None, "too large"),))
    assert exit_code(gap, "low") == 0
    assert exit_code(gap, "low", fail_on_unanalysed=True) == 1
    assert exit_code(Result((finding(9.8),), incomplete=("time",)), "never") == 3


def test_a_severity_below_the_minimum_is_gone_from_counts_and_outcome():
    result = Result((finding(9.8), finding(5.0), finding(8.0, precision="low")))
    assert [f.severity for f in select(result, "high", "medium").findings] == [9.8]
    assert select(result) == result


def test_the_worst_stands_first_and_precision_decides_between_equals():
    low, high = finding(9.0, precision="low"), finding(9.0, precision="very-high")
    assert worst_first([finding(5.0), low, high]) == [high, low, finding(5.0)]
    assert failing(Result((finding(7.0), finding(9.0), finding(1.0))), "high") == [finding(9.0), finding(7.0)]

from __future__ import annotations

import io
import json
import random
from dataclasses import replace

import pytest

from aud_action.findings import Finding, Location, Result, Step
from aud_action.report import sarif
from aud_action.report.serialize import serialize


def document(result, rules, sources, **options):
    file = io.StringIO()
    left_out = sarif.write(result, rules, file, sources=sources, options=sarif.Options(**options))
    made = json.loads(file.getvalue())
    return made["runs"][0], left_out


def test_a_result_has_its_place_level_and_whole_path(result, rules, sources):
    run, left_out = document(result, rules, sources)
    worst = run["results"][0]
    region = worst["locations"][0]["physicalLocation"]
    assert region["region"] == {"startLine": 5, "startColumn": 5, "endLine": 5, "endColumn": 34}
    assert region["artifactLocation"] == {"uri": "app/we%7Cird%20%60x%60.py"}
    assert [result["level"] for result in run["results"]] == ["error", "warning"]
    kinds = [step["kinds"] for step in worst["codeFlows"][0]["threadFlows"][0]["locations"]]
    assert kinds == [["source"], ["sink"]]
    assert worst["message"]["text"].endswith("It starts at [`request.GET` is what a visitor sends](1).")
    assert worst["relatedLocations"][0]["id"] == 1
    assert left_out == 0


def test_accepted_findings_are_left_out_unless_asked_for(result, rules, sources):
    assert len(document(result, rules, sources)[0]["results"]) == 2
    run, _ = document(result, rules, sources, suppressed=True)
    said = [one["suppressions"] for one in run["results"] if "suppressions" in one]
    assert said == [[{"kind": "inSource", "status": "accepted", "justification": "a checksum"}]]


def test_a_run_without_findings_still_has_results_so_that_alerts_close(rules, sources):
    run, _ = document(Result(files=3), rules, sources)
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


def test_every_rule_that_ran_is_listed_with_what_code_scanning_needs(result, rules, sources):
    listed = {rule["id"]: rule for rule in document(result, rules, sources)[0]["tool"]["driver"]["rules"]}
    assert list(listed) == list(rules)
    properties = listed["sql-injection"]["properties"]
    assert properties["tags"] == ["security", "external/cwe/cwe-089", "owasp/A03:2021"]
    assert properties["security-severity"] == "9.8"
    assert "security-severity" not in listed["todo-left"]["properties"]
    assert listed["sql-injection"]["help"]["markdown"] == rules["sql-injection"].markdown


def test_gaps_and_incompleteness_are_notifications(result, rules, sources):
    run, _ = document(
        replace(result, incomplete=("out of time",)), rules, sources, notifications=("compared with all",)
    )
    invocation = run["invocations"][0]
    assert invocation["executionSuccessful"] is False
    said = [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]
    assert said[:3] == ["out of time", "1 of 812 files not analysed.", r"bad\n.py was not analysed: invalid syntax"]
    assert said[-1] == "compared with all"


def test_only_the_category_before_the_last_slash_counts(result, rules, sources):
    assert document(result, rules, sources, category="aud/api")[0]["automationDetails"] == {"id": "aud/api/"}
    assert "automationDetails" not in document(result, rules, sources)[0]


def test_the_worst_findings_survive_the_limit_and_the_rest_is_counted(rules, sources, monkeypatch):
    monkeypatch.setattr(sarif, "MAX_RESULTS", 10)
    severities = [float(n % 10) + 0.5 for n in range(40)]
    findings = tuple(
        Finding("weak-hash", "m", severity, "high", Location("a.py", n + 1, 1, n + 1, 2))
        for n, severity in enumerate(severities)
    )
    run, left_out = document(Result(findings, 1), rules, sources)
    kept = [float(one["properties"]["security-severity"]) for one in run["results"]]
    assert kept == sorted(severities, reverse=True)[:10]
    assert left_out == 30
    assert "30 findings" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_the_compressed_size_stays_below_the_limit(rules, sources, monkeypatch):
    monkeypatch.setattr(sarif, "MAX_GZIP", 100_000)
    noise = random.Random(1)
    findings = tuple(
        Finding("weak-hash", noise.randbytes(500).hex(), 5.0, "high", Location("a.py", n, 1, n, 2))
        for n in range(1, 400)
    )
    run, left_out = document(Result(findings, 1), rules, sources)
    assert left_out > 0
    assert len(run["results"]) + left_out == len(findings)


def test_a_flow_beyond_the_limit_keeps_both_its_ends(rules, sources):
    steps = tuple(Step(Location("a.py", n, 1, n, 2), f"step {n}", "step", 0) for n in range(1, 3001))
    finding = Finding("sql-injection", "m", 9.8, "high", Location("a.py", 3000, 1, 3000, 2), flow=steps)
    run, _ = document(Result((finding,), 1), rules, sources)
    kept = run["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"]
    assert len(kept) == 1000
    ends = [kept[n]["location"]["message"]["text"] for n in (0, -1)]
    assert ends == ["step 1", "step 3000"]


def test_brackets_of_the_scanned_code_make_no_link(rules, sources):
    finding = Finding("weak-hash", "see [here](https://evil.example)", 5.0, "high", Location("a.py", 1, 1, 1, 2))
    run, _ = document(Result((finding,), 1), rules, sources)
    assert run["results"][0]["message"]["text"] == r"see [here\](https://evil.example)."


def test_what_is_no_part_of_sarif_is_refused():
    with pytest.raises(TypeError, match="set is no part of SARIF"):
        serialize({1})

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aud_action.findings import Finding, Location, Result, Unanalysed
from aud_action.findings.baseline import BaselineError, accept, entry, read, write
from aud_action.findings.fingerprint import stamp
from aud_action.report import sarif


def finding(path="a.py", line=1, fingerprint="f1", rule="weak-hash"):
    return Finding(rule, "m", 5.0, "high", Location(path, line, 1, line, 2), "m.f", fingerprint=fingerprint)


def accepted(result, baseline, absent=(), **more):
    entries = [entry(one) for one in baseline]
    return accept(result, entries, rules={"weak-hash"}, exists=lambda path: path not in absent, **more)


def test_a_known_finding_is_accepted_wherever_it_moved_within_its_file():
    decided = accepted(Result((finding(line=90), finding(fingerprint="f2"))), [finding(line=3)])
    assert [one.state for one in decided.findings] == ["baseline", "new"]


def test_a_finding_is_accepted_as_often_as_the_baseline_has_it():
    decided = accepted(Result((finding(line=1), finding(line=2))), [finding()])
    assert [one.state for one in decided.findings] == ["baseline", "new"]


def test_a_renamed_file_keeps_its_accepted_findings_and_a_copied_one_does_not():
    moved = Result((finding("new.py"),))
    assert accepted(moved, [finding("old.py")], absent={"old.py"}).findings[0].state == "baseline"
    assert accepted(moved, [finding("old.py")]).findings[0].state == "new"
    assert accepted(moved, [finding("old.py")], renames={"new.py": "old.py"}).findings[0].state == "baseline"


def test_fixed_is_what_a_whole_run_no_longer_finds():
    assert [gone.path for gone in accepted(Result(), [finding()]).fixed] == ["a.py"]
    assert accepted(Result(incomplete=("time",)), [finding()]).fixed == ()
    assert accepted(Result(unanalysed=(Unanalysed("a.py", None, "broken"),)), [finding()]).fixed == ()
    assert accepted(Result(unanalysed=(Unanalysed("b.py", None, "broken"),)), [finding()]).fixed != ()
    assert accepted(Result(unanalysed=(Unanalysed("b.py", 1, "too deep", is_passage=True),)), [finding()]).fixed == ()
    assert accepted(Result(), [finding(rule="not-run")]).fixed == ()


@given(
    st.permutations(
        [finding(f"{name}.py", line, f"f{n}") for n, (name, line) in enumerate(zip("abba", (1, 2, 3, 4), strict=True))]
    ),
    st.integers(1, 1000),
)
def test_the_file_has_no_lines_and_no_order_of_the_run(findings, shift):
    moved = [replace(one, location=one.location._replace(line=one.location.line + shift)) for one in findings]
    files = io.StringIO(), io.StringIO()
    write(sorted(findings, key=lambda one: one.fingerprint), files[0])
    write(moved, files[1])
    assert files[0].getvalue() == files[1].getvalue()


@pytest.mark.parametrize("path", ["a b\n\u2028.py", "b\udc80.py", 'ü"\\.py'])
def test_what_was_written_is_read_whatever_the_file_is_called(tmp_path, path):
    file = tmp_path / "baseline.jsonl"
    with file.open("w") as out:
        assert write([finding(path), finding()], out) == 2
    assert set(read(file)) == {entry(finding(path)), entry(finding())}


@pytest.mark.parametrize("path", ["a b/ü#.py", "b\udc80.py"])
def test_an_earlier_sarif_file_serves_as_baseline(tmp_path, path):
    known = stamp([finding(path)], {path: "x = 1\n"}.get)
    file = tmp_path / "aud.sarif"
    with file.open("w") as out:
        sarif.write(Result(known), {}, out, sources={}.get, options=sarif.Options())
    assert accepted(Result(known), ()).findings[0].state == "new"
    decided = accept(Result(known), read(file), rules=(), exists=bool)
    assert decided.findings[0].state == "baseline"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "neither a file of `aud baseline` nor SARIF"),
        ("[]", "neither a file"),
        ('{"runs": [{"results": [{}]}]}', "neither a file"),
        ('{"aud": "baseline", "version": 1}\n{"path": 1}\n', "baseline:2: no entry"),
        ('{"aud": "baseline", "version": 1}\n{"path": 1, "rule": "", "fingerprint": "", "scope": ""}\n', "is a string"),
    ],
)
def test_what_is_no_baseline_is_said_to_be_none(tmp_path, text, words):
    file = tmp_path / "baseline"
    file.write_text(text)
    with pytest.raises(BaselineError, match=words):
        read(file)
    with pytest.raises(BaselineError, match="no such file"):
        read(tmp_path / "absent")

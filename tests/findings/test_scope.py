from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aud_action.findings import Finding, Location, Result, Step
from aud_action.findings.scope import Change, Lines, narrow, parse, patch

GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "core.quotePath=true"]


def place(line, path="a.py", end=None):
    return Location(path, line, 1, end or line, 9)


def finding(line, *steps, path="a.py", end=None):
    flow = tuple(Step(step, "m", "step", 0) for step in steps)
    return Finding("r", "m", 9.0, "high", place(line, path, end), flow=flow)


def state(one, change, how="changed-lines"):
    return narrow(Result((one,)), change, how).findings[0].state


def test_a_finding_is_new_when_a_line_of_it_is():
    change = Change({"a.py": Lines(added={5})})
    assert state(finding(5), change) == "new"
    assert state(finding(4, end=6), change) == "new"
    assert state(finding(6), change) == "out_of_scope"
    assert state(finding(6), change, "changed-files") == "new"
    assert state(finding(5, path="b.py"), change, "changed-files") == "out_of_scope"
    assert state(finding(99), None) == "new"
    assert state(finding(99), change, "all") == "new"


def test_a_new_source_makes_an_old_sink_in_another_file_new():
    change = Change({"web.py": Lines(added={3})})
    assert state(finding(50, place(3, "web.py"), place(50), path="db.py"), change) == "new"


def test_a_check_that_was_removed_between_source_and_sink_makes_the_finding_new():
    change = Change({"a.py": Lines(removed_after={4})})
    assert state(finding(6, place(3), place(6)), change) == "new"
    assert state(finding(9, place(6), place(9)), change) == "out_of_scope"


def test_a_file_whose_patch_is_not_known_counts_as_a_whole():
    assert state(finding(7), Change({"a.py": Lines(whole=True)})) == "new"


def test_nothing_inside_a_file_passes_for_a_head_of_the_diff():
    diff = """diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,0 +2,3 @@ def f():
+++ b/evil.py
+@@ -0,0 +900,5 @@
+++ /dev/null
@@ -9 +12 @@
-x
+y
"""
    change = parse(diff)
    assert list(change.files) == ["a.py"]
    assert change.files["a.py"].added == {2, 3, 4, 12}


def test_an_api_patch_with_context_counts_only_new_lines():
    lines = patch("@@ -1,4 +1,4 @@\n a\n-b\n+c\n d\n e\n\\ No newline at end of file")
    assert lines.added == {2}
    assert lines.removed_after == {1}


NAMES = ["a.py", "b c.py", "ü/d.py", 'q"t\\.py', "new\nline.py", "tab\t.py"]
TEXTS = st.lists(
    st.sampled_from(["x = 1", "+++ b/z.py", "--- a/z.py", "@@ -1 +1 @@", "", "é", "rename from z"]), max_size=6
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run([*GIT, "init", "-q", folder], check=True)
    return folder


@settings(max_examples=15)
@given(st.data())
def test_the_lines_are_those_that_differ_in_what_git_says_whatever_a_file_is_called(repository, data):
    name = data.draw(st.sampled_from(NAMES))
    old, new = data.draw(TEXTS), data.draw(TEXTS)
    file = repository / name
    file.parent.mkdir(exist_ok=True)

    def git(*words):
        return subprocess.run([*GIT, "-C", repository, *words], check=True, capture_output=True).stdout

    for text in (old, new):
        file.write_text("".join(f"{line}\n" for line in text))
        git("add", "-A")
        git("commit", "-q", "--allow-empty", "-m", "x")
    change = parse(git("diff", "-U0", "-M", "HEAD^", "HEAD").decode("utf-8", "surrogateescape"))
    if old == new:
        assert change.files == {}
        return
    assert set(change.files) == {name}
    lines = change.files[name]
    kept = [line for n, line in enumerate(new, 1) if n not in lines.added]
    assert all(1 <= n <= len(new) for n in lines.added)
    remaining = iter(old)
    assert all(line in remaining for line in kept), "what is not new was there before, in the same order"


def test_a_rename_is_followed(repository):
    def git(*words):
        return subprocess.run([*GIT, "-C", repository, *words], check=True, capture_output=True).stdout.decode()

    (repository / "old.py").write_text("".join(f"line {n}\n" for n in range(50)))
    git("add", "-A")
    git("commit", "-qm", "x")
    git("mv", "old.py", "new name.py")
    with (repository / "new name.py").open("a") as file:
        file.write("more\n")
    git("add", "-A")
    git("commit", "-qm", "y")
    change = parse(git("diff", "-U0", "-M", "HEAD^", "HEAD"))
    assert change.renames == {"new name.py": "old.py"}
    assert change.files["new name.py"].added == {51}

"""The composite in comment/: its script with a `gh` that notes what it is asked, on an artifact that a stranger made."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest

import templates

ACTION = Path(templates.__file__).parent.parent / "comment" / "action.yml"
SCRIPT = textwrap.dedent(re.search(r"      run: \|\n(.*)", ACTION.read_text("utf-8"), re.DOTALL).group(1))
MARKER = "<!-- aud:comment v1 category=api -->"
GH = """#!/usr/bin/env bash
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in
  *"--method"*) while [ "$1" != --input ]; do shift; done; cp "$2" "$BODY"; echo "https://example.invalid/comment";;
  *"/comments?"*) printf '%s' "$COMMENTS";;
  *"/pulls/"*) echo "$HEAD";;
esac
"""
SHA = "1" * 40

pytestmark = pytest.mark.skipif(not (shutil.which("jq") and shutil.which("bash")), reason="runs where bash and jq are")


@pytest.fixture
def post(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gh").write_text(GH)
    (tmp_path / "bin" / "gh").chmod(0o755)
    results = tmp_path / "results"
    results.mkdir()

    def run(number="7\n", text="<!-- theirs -->\nfindings\n", head=SHA, comments="[]"):
        (results / "comment.number").write_text(number)
        (results / "comment.md").write_bytes(text if isinstance(text, bytes) else text.encode())
        for name in ("calls", "output"):
            (tmp_path / name).write_text("")
        environ = {
            "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
            "RESULTS": str(results), "CATEGORY": "api", "REPOSITORY": "octo/repo", "HEAD_SHA": SHA, "HEAD": head,
            "RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "output"), "CALLS": str(tmp_path / "calls"),
            "BODY": str(tmp_path / "body"), "COMMENTS": comments,
        }  # fmt: skip
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", SCRIPT],
            env=environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        body = tmp_path / "body"
        text = json.loads(body.read_text())["body"] if body.exists() else None
        return done, (tmp_path / "calls").read_text(), text, (tmp_path / "output").read_text()

    return run


def test_the_text_is_posted_under_our_own_marker(post):
    done, calls, body, output = post()
    assert done.returncode == 0, done.stderr
    assert body == f"{MARKER}\nfindings\n"
    assert "--method POST repos/octo/repo/issues/7/comments" in calls
    assert output == "comment-url=https://example.invalid/comment\n"


def test_a_bot_s_comment_with_our_marker_is_updated_and_a_person_s_is_not(post):
    mine = {"id": 11, "user": {"type": "Bot"}, "body": f"{MARKER}\nold"}
    theirs = {"id": 10, "user": {"type": "User"}, "body": f"{MARKER}\nold"}
    _, calls, _, _ = post(comments=json.dumps([theirs, mine]))
    assert "--method PATCH repos/octo/repo/issues/comments/11" in calls
    _, calls, _, _ = post(comments=json.dumps([theirs]))
    assert "--method POST" in calls


@pytest.mark.parametrize("number", ["", "x", "7; rm -rf /", "../../user", "-1", "07", "7\n8"])
def test_what_is_no_number_is_asked_about_nowhere(post, number):
    done, calls, body, _ = post(number=number)
    assert (done.returncode, body) == (0, None)
    assert calls == ""


def test_a_pull_request_whose_commit_did_not_run_gets_no_comment(post):
    done, calls, body, _ = post(head="2" * 40)
    assert (done.returncode, body) == (0, None)
    assert "--method" not in calls


def test_a_comment_too_long_or_no_text_at_all_is_cut_to_what_github_takes(post):
    _, _, body, _ = post(text="x\n" + "é" * 70_000)
    assert len(body) <= 65_536
    _, _, body, _ = post(text=b"x\n\xff\xfe$(touch pwned)`id`")
    assert body == f"{MARKER}\n$(touch pwned)`id`"

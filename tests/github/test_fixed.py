from __future__ import annotations

import io
import json

import pytest

from aud_action.commands import action

FLAWED = "import requests\n\n\ndef fetch(url):\n    return requests.get(url, verify=False)\n"
SAFE = FLAWED.replace(", verify=False", ", timeout=3")
MOVED = "import requests\n\nLIMIT = 3\n\n\ndef fetch(url):\n    return requests.get(url, verify=False)\n"


def fixed(runner, before, after):
    """Rule and path of what one pull request repairs, through the whole program."""
    base = runner.commit(before)
    for name in set(before) - set(after):
        (runner.workspace / name).unlink()
    runner.pull_request(base, runner.commit(after))
    log = io.StringIO()
    summary = runner.folder / "summary"
    environ = runner.environ | {
        "INPUT_JSON-FILE": "out.json",
        "INPUT_COMMENT-FILE": "out.md",
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    assert action(environ, log) in {0, 1}, log.getvalue()
    found = json.loads((runner.workspace / "out.json").read_text())["fixed"]
    assert ("fixed" in (runner.workspace / "out.md").read_text()) == bool(found)
    return {(gone["rule"], gone["path"]) for gone in found}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a.py": FLAWED}, {"a.py": SAFE}, {("tls-verify-disabled", "a.py"), ("missing-timeout", "a.py")}),
        (
            {"a.py": FLAWED, "b.py": "x = 1\n"},
            {"b.py": "x = 1\n"},
            {("tls-verify-disabled", "a.py"), ("missing-timeout", "a.py")},
        ),
        ({"a.py": FLAWED}, {"a.py": MOVED}, set()),
        ({"a.py": FLAWED}, {"b.py": FLAWED}, set()),
        (
            {"a.py": FLAWED},
            {"a.py": FLAWED.replace("False)", "False)  # aud: ignore[tls-verify-disabled, missing-timeout] x")},
            set(),
        ),
        ({"a.py": FLAWED}, {"a.py": FLAWED + "\n\ndef broken(:\n"}, set()),
        ({"a.py": FLAWED, "b.py": "x = 1\n"}, {"a.py": FLAWED, "b.py": "x = 2\n"}, set()),
    ],
    ids=["repaired", "deleted", "moved", "renamed", "accepted", "not analysable", "untouched"],
)
def test_fixed_is_what_the_pull_request_repairs_and_nothing_else(runner, before, after, expected):
    assert fixed(runner, before, after) == expected

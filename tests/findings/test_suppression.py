from __future__ import annotations

import pytest

from aud_action.findings import Finding, Location
from aud_action.findings.suppression import Comment, suppress
from aud_action.rules import parse

PAGE = """# Shell commands are built from variables

```toml
severity = 8.0
precision = "high"
aliases = ["B602", "S602", "subprocess-shell-true", "py/command-line-injection"]
message = "m"
```

Prose.

```sql
SELECT 1
```
"""
RULES = {"shell-injection": parse("shell-injection", PAGE), "weak-hash": parse("weak-hash", PAGE.replace("602", "303"))}
FINDING = Finding("shell-injection", "m", 8.0, "high", Location("a.py", 4, 1, 6, 2))


def comment(word, rule=None, *, reason=None, path="a.py", covers=(4, 6)):
    return Comment(path, word, rule, reason, *covers)


def states(*comments):
    findings, notes = suppress([FINDING], comments, RULES, RULES)
    return findings[0].state, notes


@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("aud", "shell-injection"), ("aud", "B602"), ("nosec", None), ("nosec", "B602"), ("nosec", "b602"),
        ("noqa", "S602"), ("nosemgrep", None), ("nosemgrep", "python.lang.security.audit.subprocess-shell-true"),
        ("lgtm", "py/command-line-injection"), ("codeql", "py/command-line-injection"),
    ],
)  # fmt: skip
def test_a_comment_that_names_the_rule_in_any_known_way_accepts_the_finding(word, rule):
    assert states(comment(word, rule)) == ("suppressed", ())


@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("nosec", "B101"),
        ("noqa", None),
        ("noqa", "E501"),
        ("noqa", "S303"),
        ("nosemgrep", "a.b.other"),
        ("lgtm", "py/x"),
    ],
)
def test_a_comment_for_something_else_accepts_nothing(word, rule):
    assert states(comment(word, rule)) == ("new", ())


def test_a_comment_covers_its_statement_in_its_file_only():
    assert states(comment("nosec", covers=(5, 9)))[0] == "new"
    assert states(comment("nosec", covers=(1, 3)))[0] == "new"
    assert states(comment("nosec", path="b.py"))[0] == "new"


def test_the_reason_is_kept_and_is_the_comment_itself_when_none_is_given():
    findings, _ = suppress([FINDING], [comment("aud", "shell-injection", reason="a fixed list")], RULES, RULES)
    assert findings[0].reason == "a fixed list"
    findings, _ = suppress([FINDING], [comment("nosec", "B602")], RULES, RULES)
    assert findings[0].reason == "# nosec: B602"


def test_our_own_comments_that_silence_nothing_are_reported():
    assert states(comment("aud", "weak-hash"))[1] == ("a.py:4: `# aud: ignore[weak-hash]` silences nothing any more",)
    assert states(comment("aud", "shell-injektion"))[1] == (
        "a.py:4: `# aud: ignore[shell-injektion]` names no rule; did you mean 'shell-injection'?",
    )
    assert states(comment("nosec", "B101"))[1] == ()


def test_our_own_comment_that_names_no_rule_accepts_nothing_and_says_what_to_write():
    assert states(comment("aud")) == (
        "new",
        ("a.py:4: `# aud: ignore` silences nothing, as it names no rule; write `# aud: ignore[shell-injection]`",),
    )
    assert states(comment("aud", covers=(9, 9)))[1] == (
        "a.py:9: `# aud: ignore` silences nothing, as it names no rule",
    )


def test_a_comment_for_a_rule_that_did_not_run_is_not_called_unused():
    _, notes = suppress([], [comment("aud", "weak-hash"), comment("aud", "B303")], RULES, {"shell-injection"})
    assert notes == ()

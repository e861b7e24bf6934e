from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import templates
from aud_action.findings import Finding, Location, Result
from aud_action.report import markdown

HOME = Path(templates.__file__).parent
SAFE = {"md", "code", "fence", "words", "page", "link", "mark", "many", "digits", "score", "measure", "marker", "trim"}


def view(sources, **more):
    return markdown.View(
        sources, "https://github.com/o/r/blob/abc", details="https://github.com/o/r/actions/runs/1", **more
    )


def test_the_summary_tells_new_findings_apart_from_the_backlog_and_what_was_not_seen(result, rules, sources):
    text = markdown.summary(result, rules, view(sources, scope="changed-lines"))
    assert text.startswith("## ⚠️ aud: 1 new critical finding\n")
    assert "| **new, on changed lines** | **1** | 0 | 0 | 0 |" in text
    assert "| outside the change | 0 | 0 | 1 | 0 |" in text
    assert "1 of 812 files not analysed" in text
    assert "1 finding fixed" in text
    assert (
        "1. **source** [<code>app/we&#124;ird &#96;x&#96;.py:4</code>](https://github.com/o/r/blob/abc/app/we%7Cird%20%60x%60.py#L4)"
        in text
    )
    assert "> 5 │     cursor.execute(f'SELECT {q}')" in text


def test_a_result_with_a_gap_is_never_called_clean(rules, sources, result):
    clean = markdown.summary(Result(files=2), rules, view(sources))
    assert clean.startswith("## ✅ aud: no findings\n")
    gap = markdown.summary(replace(result, findings=()), rules, view(sources))
    assert gap.startswith("## ⚠️ aud: no findings, with gaps\n")
    partial = markdown.comment(Result(incomplete=("out of time",)), rules, view(sources))
    assert partial.startswith("### ❌ aud: incomplete run\n")


def test_the_comment_starts_with_its_marker_and_leaves_the_backlog_to_the_summary(result, rules, sources):
    text = markdown.comment(result, rules, view(sources, marker="aud:comment v1 category=x"))
    assert text.startswith("<!-- aud:comment v1 category=x -->\n### ")
    assert "1 older finding outside the change" in text
    assert "hashes a password" not in text


@pytest.mark.parametrize("limit", [3_000, 20_000, 65_000])
def test_the_limit_is_kept_at_a_finding_s_border_and_the_rest_is_counted(rules, sources, limit):
    findings = tuple(
        Finding("sql-injection", f"`x{n}` " + "long " * 40, 9.8, "high", Location(f"a{n}.py", 1, 1, 1, 2))
        for n in range(500)
    )
    text = markdown.comment(Result(findings, 500), rules, view(sources), limit)
    assert len(text) <= limit
    shown = text.count("<summary>")
    assert shown == text.count("</details>")
    assert f"**{500 - shown} more findings are in the [job summary]" in text


def test_without_an_address_there_are_places_but_no_links(result, rules, sources):
    text = markdown.summary(result, rules, markdown.View(sources))
    assert "](" not in text.replace("](https://cwe.mitre.org", "")


@pytest.mark.parametrize("template", sorted(HOME.glob("*.md.j2")), ids=lambda path: path.name)
def test_every_value_in_a_markdown_template_goes_through_a_filter_that_makes_it_harmless(template):
    for expression in re.findall(r"\{\{(.*?)\}\}", template.read_text("utf-8")):
        bare = re.sub(r"\"[^\"]*\"", '""', expression)
        filters = re.findall(r"\|\s*(\w+)", bare)
        fixed = re.fullmatch(r'\s*""(\s+if .*)?', bare)
        assert fixed or (filters and filters[-1] in SAFE), expression
        if filters and filters[-1] == "trim":
            assert re.match(r"\s*(f\.\w+|place|path|spot|rule_link)\(", bare), expression

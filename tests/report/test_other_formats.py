from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from aud_action.findings import Finding, Location, Result, Step, Unanalysed
from aud_action.report import gitlab, html, junit
from aud_action.report.formats import FORMATS, WRITERS, Report, Telling

HOSTILE = "</script><img src=x onerror=alert(1)>\x1b[31m\u202e]]>&\"'\ud800"


def hostile():
    place = Location(f"a{HOSTILE}.py", 1, 1, 1, 4)
    finding = Finding("weak-hash", HOSTILE, 5.0, "high", place, HOSTILE, flow=(Step(place, HOSTILE, "source", 0),))
    gaps = (Unanalysed(HOSTILE, 1, HOSTILE),)
    return Result((finding, replace(finding, state="suppressed")), 1, gaps, (HOSTILE,), notes=(HOSTILE,))


def written(write, *given, **more):
    file = io.StringIO()
    write(*given, file, **more)
    return file.getvalue()


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_page_shows_finding_code_and_path_and_runs_nothing(result, rules, sources):
    page = written(html.write, result, rules, sources=sources)
    assert "<mark>cursor.execute(f&#39;SELECT {q}&#39;)</mark>" in page
    assert "2 findings (1 critical, 1 medium)" in page
    assert "1 of 812 files not analysed" in page
    assert "default-src 'none'" in page
    parsed = Tags()
    parsed.feed(written(html.write, hostile(), rules, sources=lambda path: HOSTILE))
    assert not parsed.tags & {"script", "img"}
    assert not {name for name in parsed.attributes if name.startswith("on")}


def test_a_build_server_sees_failed_passed_and_skipped_rules(result, rules):
    tree = ET.fromstring(written(junit.write, result, rules))
    assert (tree.get("failures"), tree.get("errors")) == ("1", "1")
    suites = {suite.get("name"): suite for suite in tree}
    assert [case.get("name") for case in suites["sql-injection"]] == ["app/we|ird `x`.py:5"]
    assert suites["sql-injection"][0].find("failure").get("type") == "critical"
    assert suites["weak-hash"][0].find("skipped") is not None
    assert list(suites["todo-left"][0]) == []
    ET.fromstring(written(junit.write, hostile(), rules))


def test_gitlab_gets_severities_lines_and_fingerprints_that_differ_per_file(result, rules):
    entries = json.loads(written(gitlab.write, result, rules))
    assert [entry["severity"] for entry in entries] == ["blocker", "major"]
    assert entries[0]["location"] == {"path": "app/we|ird `x`.py", "lines": {"begin": 5, "end": 5}}
    copied = replace(
        result, findings=(*result.findings, replace(result.findings[0], location=Location("b.py", 6, 5, 6, 9)))
    )
    fingerprints = [entry["fingerprint"] for entry in json.loads(written(gitlab.write, copied, rules))]
    assert len(set(fingerprints)) == len(fingerprints) == 3


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"none"}))
def test_every_format_tells_any_result_as_text_that_can_be_encoded(form, rules, result):
    for told in (Result(), result, hostile()):
        text = written(WRITERS[form], Report(told, rules, lambda path: HOSTILE, Telling()))
        text.encode()
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)

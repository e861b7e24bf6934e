"""The whole action on a repository whose every name and line is made to escape from where it is shown."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from aud_action.commands import action

NAMES = [
    "<img src=x onerror=alert(1)>.py",
    "a|b`c`.py",
    "[x](javascript:alert(1)).py",
    "::error::pwned.py",
    "\x1b[31mred\u202egnp.py",
    "new\nline.py",
    "@everyone #1 <!--.py",
    "%0A::add-mask::a.py",
    " $(touch pwned) .py",
    "</details></summary>.py",
]
CODE = '''import requests

def fetch(url):
    """</details> ``` @everyone ::stop-commands::x"""
    # ```
    return requests.get(url, verify=False)  # ::error::pwned </code></pre><script>alert(1)</script> \u202e
'''
ALLOWED = {
    "h1", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "b", "strong", "code", "pre", "a",
    "ol", "ul", "li", "blockquote", "sub", "em", "br", "hr",
}  # fmt: skip


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found, self.links, self.open = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"}]
        assert {name for name, _ in attrs} <= {"href", "src", "open", "class", "style", "start"}


@pytest.fixture
def ran(runner):
    base = runner.commit()
    for name in NAMES:
        path = runner.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CODE)
    (runner.workspace / "broken `|<b>\u202e.py").write_text("::error::\ndef")
    head = runner.commit()
    runner.pull_request(base, head)
    environ = dict(runner.environ)
    for name in ("OUTPUT", "STEP_SUMMARY"):
        (runner.folder / name).write_text("")
        environ[f"GITHUB_{name}"] = str(runner.folder / name)
    for name in ("sarif", "database", "json", "comment"):
        environ[f"INPUT_{name.upper()}-FILE"] = f"out/{name}"
    log = io.StringIO()
    code = action(environ, log)
    return runner, code, log.getvalue()


def test_findings_in_hostile_files_are_all_there_and_the_outcome_is_theirs(ran):
    runner, code, _ = ran
    assert code == 1
    found = json.loads((runner.workspace / "out/json").read_text())
    flawed = [finding for finding in found["findings"] if finding["rule"] == "tls-verify-disabled"]
    assert {finding["line"] for finding in flawed} == {6}
    assert len(flawed) == len(NAMES)
    assert [finding["state"] for finding in flawed] == ["new"] * len(NAMES)
    assert len(found["unanalysed"]) == 1


def test_the_markdown_holds_only_our_own_markup_and_links(ran):
    runner, _, _ = ran
    texts = [(runner.folder / "STEP_SUMMARY").read_text(), (runner.workspace / "out/comment").read_text()]
    for text in texts:
        assert "\u202e" not in text
        assert "\x1b" not in text
        rendered = Tags(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))
        assert rendered.found <= ALLOWED
        assert [link for link in rendered.links if not link.startswith("https://")] == []
        opened, closed = text.count("<details"), text.count("</details>")
        assert opened >= closed - text.count("``` @everyone")
        assert not re.search(r"@(?!\u200b)everyone", re.sub(r"(?s)`{3,}python.*?\n`{3,}\n|<code>.*?</code>", "", text))


def test_the_log_obeys_nothing_but_our_annotations(ran):
    runner, _, log = ran
    heard, token = [], None
    for line in log.splitlines():
        if token:
            token = None if line == f"::{token}::" else token
        elif line.startswith("::stop-commands::"):
            token = line.removeprefix("::stop-commands::")
        elif line.startswith("::"):
            heard.append(line)
    assert {line.partition(" ")[0] for line in heard} <= {"::error", "::notice", "::warning"}
    assert len(heard) <= 30
    assert not any("pwned" in line.partition(" file=")[0] for line in heard)
    assert not re.search("[\x00-\x08\x0b-\x1a\x1c-\x1f\u202a-\u202e]", re.sub(" file=[^,]*", "", log))
    assert not (runner.workspace / "pwned").exists()


def test_sarif_and_database_hold_the_true_names(ran):
    runner, _, _ = ran
    made = json.loads((runner.workspace / "out/sarif").read_text())
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in made["runs"][0]["results"]
    }
    assert len(uris) == len(NAMES)
    assert all(re.fullmatch(r"[A-Za-z0-9%/._~-]+", uri) for uri in uris)
    with sqlite3.connect(runner.workspace / "out/database") as database:
        stored = {path for (path,) in database.execute("SELECT path FROM files")}
    assert set(NAMES) <= stored

from __future__ import annotations

import html
import re
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from aud_action.report import escape
from aud_action.report.template import marker, words

ANY = st.text(st.characters(), max_size=40) | st.text("`*_[]()<>|~@#&$\\\"'!:/.-+= \n\r\tabw1\u202e\x1b", max_size=40)
HOSTILE = [
    "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "``` \n# Title", "| a | b |", "@everyone #1", "<!-- -->",
    "</details>", "www.evil.example", "https://evil.example", "1. one", "- list", "a  \nb", "&lt;b&gt;", "\u202egnp.exe",
]  # fmt: skip
GITHUB = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def seen(markup: str) -> str:
    """The text a reader sees."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup)).replace("\u200b", "")


@given(ANY | st.sampled_from(HOSTILE))
def test_escaped_markdown_shows_the_text_and_makes_nothing_of_it(text):
    rendered = GITHUB.render(f"x {escape.markdown(text)} y").strip()
    assert set(re.findall(r"<[^>]*>", rendered)) <= {"<p>", "</p>"}
    assert seen(rendered).split() == ["x", *escape.plain(" ".join(text.split())).split(), "y"]


@given(ANY | st.sampled_from(HOSTILE))
def test_escaped_markdown_at_the_start_of_a_line_starts_no_block(text):
    rendered = GITHUB.render(escape.markdown(text)).strip()
    assert set(re.findall(r"<[^>]*>", rendered)) <= {"<p>", "</p>"}


@given(ANY | st.sampled_from(HOSTILE))
def test_a_code_span_in_a_table_stays_one_cell_with_the_exact_text(text):
    rendered = GITHUB.render(f"| a | b |\n| - | - |\n| {escape.code(text)} | z |\n")
    cell = re.search(r"<td><code>(.*)</code></td>\n<td>z</td>", rendered)
    assert cell is not None
    assert html.unescape(cell.group(1)) == escape.plain(text)


@given(ANY | st.sampled_from(HOSTILE))
def test_no_line_of_a_fence_ends_it(text):
    rendered = GITHUB.render(escape.fence(text) + "\n\nafter\n")
    assert rendered.count("<pre>") == 1
    assert rendered.endswith("</code></pre>\n<p>after</p>\n")


@given(ANY | st.sampled_from(HOSTILE))
def test_a_sentence_with_code_spans_makes_only_code(text):
    rendered = GITHUB.render("x " + words(f"`{text}` and {text}"))
    assert set(re.findall(r"<[^>]*>", rendered)) <= {"<p>", "</p>", "<code>", "</code>"}


@given(ANY)
def test_a_terminal_gets_no_control_character(text):
    shown = escape.terminal(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    shown.encode()


@given(ANY)
def test_a_workflow_command_stays_on_one_line_and_in_its_property(text):
    assert not set("\r\n") & set(escape.command_data(text))
    assert not set("\r\n:,") & set(escape.command_property(text))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_uri_holds_only_uri_characters_and_the_same_path(path):
    made = escape.uri(path)
    assert re.fullmatch(r"[A-Za-z0-9%/._~-]*", made)
    assert unquote(made) == path.removeprefix("./")


@given(st.text(st.characters(categories=["Cs"])))
def test_a_name_that_is_no_unicode_is_no_reason_to_fail(path):
    escape.uri(path).encode()
    escape.name(path).encode()
    escape.command_property(path).encode()


@given(ANY)
def test_a_marker_is_one_comment(text):
    assert marker(text).count("-->") == 1
    assert marker(text).endswith("-->")


def test_mentions_and_issue_numbers_are_broken():
    assert "@\u200b" in html.unescape(escape.markdown("@team"))
    assert "#\u200b" in html.unescape(escape.markdown("fixes #1"))

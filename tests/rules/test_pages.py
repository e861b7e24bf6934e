"""Each rule page keeps its promise: its examples find what they mark, and it explains itself."""

import re
import tomllib
from pathlib import Path

import pytest

from aud_action.pipeline import index
from aud_action.rules import PRECISIONS, PageError, Rule, book, parse
from aud_action.settings import Settings
from tests.rules.examples import MARK, folder, found, parts, write

BOOK = book()
HOLE = re.compile(r"\{(\w+)\}")
OURS = pytest.mark.parametrize("rule", BOOK.values(), ids=BOOK)


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    (folder / "nothing.py").write_text("")
    store, _, _ = index(Settings(root=folder, jobs=1), folder / "aud.db")
    reader = store.reader()
    yield reader
    reader.close()
    store.close()


@OURS
def test_the_examples_find_what_they_mark(rule: Rule, tmp_path: Path):
    marked = write(rule.examples, tmp_path)
    if rule.whole_project:
        places = set().union(*(found(rule, tmp_path, folder(example)) for example in rule.examples))
    else:
        places = found(rule, tmp_path)
    assert sorted(places - marked) == [], "found, but not marked"
    assert sorted(marked - places) == [], "marked, but not found"


@OURS
def test_there_are_examples_of_both_kinds(rule: Rule):
    sections = {example.section for example in rule.examples}
    assert sections == {"Found", "Fine"}
    for example in rule.examples:
        marks = len(MARK.findall(example.text))
        assert bool(marks) == (example.section == "Found"), f"line {example.line}"
        assert all(".." not in name and not name.startswith("/") for name, _ in parts(example))


@OURS
def test_the_prose_is_about_four_sentences(rule: Rule):
    text = re.sub(r"`[^`]*`", "code", rule.prose)
    sentences = re.findall(r"[.!?](?=\s|$)", text)
    assert 3 <= len(sentences) <= 6, rule.prose
    assert len(text) <= 1100
    assert len(rule.title) <= 80
    assert not rule.title.endswith(".")


@OURS
def test_its_place_in_the_standards_is_given(rule: Rule):
    assert 0 < rule.severity <= 10
    assert rule.precision in PRECISIONS
    assert rule.cwe
    assert all(re.fullmatch(r"A\d\d:(2021|2025)", entry) for entry in rule.owasp)
    assert set(rule.superseded_by) <= set(BOOK) | TAINT_CLASSES


# The classes of section "taint" that supersede a pattern on the same call; their pages may come later than the pattern's.
TAINT_CLASSES = {
    "sql-injection",
    "command-injection",
    "code-injection",
    "unsafe-deserialization",
    "error-exposure",
    "xss",
    "ssrf",
    "ssrf-partial",
    "xxe",
    "archive-slip",
    "cleartext-logging",
    "mass-assignment",
    "redos",
    "argument-injection",
    "weak-password-hash",
    "insecure-randomness",
}


@OURS
def test_each_placeholder_is_a_column(rule: Rule, empty):
    columns, rows = empty.select(rule.sql)
    assert "site" in columns
    assert set(HOLE.findall(rule.message)) <= set(columns)
    assert list(rows) == []


def test_no_alias_belongs_to_a_rule_of_another_name():
    for rule in BOOK.values():
        assert not set(rule.aliases) & set(BOOK)
        assert len(rule.aliases) == len(set(rule.aliases))


PAGE = '# T\n\n```toml\nseverity = 5.0\nprecision = "high"\nmessage = "m"\n{extra}\n```\n\nWhy.\n\n```sql\nSELECT 1 AS site\n```\n'


def test_an_unknown_key_is_named():
    with pytest.raises(PageError, match="x: unknown key 'sevrity'"):
        parse("x", PAGE.format(extra="sevrity = 1"))


@pytest.mark.parametrize(
    "term",
    [
        "'a' REGEXP name",
        "'a' REGEXP 'a' || name",
        "'a' REGEXP ('a' || name)",
        "'a' REGEXP 'it''s' || name",
        "'a' regexp name",
        "Regexp(name, 'a')",
        "\"regexp\"(name, 'a')",
    ],
)
def test_a_pattern_made_of_the_repository_s_words_is_refused(term: str):
    page = PAGE.format(extra="").replace("AS site", f"AS site WHERE {term}")
    with pytest.raises(PageError, match="x: sql: REGEXP takes one constant pattern"):
        parse("x", page)


def test_superseded_by_is_read():
    assert parse("x", PAGE.format(extra='superseded_by = ["sql-injection"]')).superseded_by == ("sql-injection",)
    assert parse("x", PAGE.format(extra="")).superseded_by == ()


def test_a_wrong_severity_is_named():
    page = PAGE.format(extra="").replace("5.0", "11.0")
    with pytest.raises(PageError, match=r"x: severity is 11\.0"):
        parse("x", page)


def test_a_toml_block_that_is_none_is_named():
    with pytest.raises(PageError, match="x: "):
        parse("x", PAGE.format(extra="= 1"))
    assert issubclass(tomllib.TOMLDecodeError, ValueError)

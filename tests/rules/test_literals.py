"""What is compared before a pattern never hides a match."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aud_action.literals import beginnings, guarded
from aud_action.rules import book
from aud_action.store import Store, _regexp
from schema.calls import Call
from schema.ground import Site

PATTERNS = sorted(
    {
        pattern.replace("''", "'")
        for rule in book().values()
        for pattern in re.findall(r"REGEXP '((?:[^']|'')*)'", rule.sql)
    }
)


@given(st.sampled_from([pattern for pattern in PATTERNS if beginnings(pattern)]), st.data())
def test_every_match_holds_what_is_compared(pattern: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(pattern))
    assert any(text.startswith(one.text) if one.is_start else one.text in text for one in beginnings(pattern))


@given(
    st.sampled_from(
        ["^a(b|cd)?e", "(^|\\.)x$", "a{2,3}b", "^(a|b)(c|d)(e|f)?$", "\\bfoo|^ba[rz]", "x|y?", "^(\\w+\\.)*z$|^q"]
    ),
    st.text("abcdefoxyzqr.", max_size=8),
)
def test_a_guarded_query_finds_the_same(pattern: str, text: str) -> None:
    database = sqlite3.connect(":memory:")
    database.create_function("regexp", 2, _regexp, deterministic=True)
    database.execute("CREATE TABLE t (name TEXT)")
    database.execute("INSERT INTO t VALUES (?)", (text,))
    for word in ("name", "NOT t.name", "t.name"):
        query = f"SELECT count(*) FROM t WHERE {word} REGEXP '{pattern}'"
        assert database.execute(guarded(query)).fetchone() == database.execute(query).fetchone()


@pytest.mark.parametrize("term", ["NOT REGEXP", "coalesce(a, b) REGEXP", "'x' REGEXP"])
def test_only_columns_are_compared(term: str) -> None:
    query = f"SELECT 1 FROM t WHERE a {term} '^os'" if term.startswith("NOT") else f"SELECT 1 FROM t WHERE {term} '^os'"
    assert guarded(query) == query


@pytest.mark.parametrize(("places", "is_guarded"), [(60_000, False), (60_001, True)])
def test_a_small_program_is_asked_at_once_and_answers_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, places: int, is_guarded: bool
) -> None:
    store = Store(tmp_path / "aud.db", fresh=True)
    row = Call("os.getcwd", "getcwd", "os", 0, 0, False, False, False, None, "expression")  # as in a row
    place = Site(0, "Call", 1, 1, 1, 9, None)
    store.insert(
        {
            "sites": [(site, *place) for site in range(places)],
            "python_calls": [(site, *row._replace(callee=f"a{site}.b")) for site in range(3)],
        }
    )
    store.index()
    asked: list[str] = []
    monkeypatch.setattr("aud_action.store.guarded", lambda sql: asked.append(sql) or guarded(sql))
    found = store.reader().select("SELECT callee FROM python_calls WHERE callee REGEXP '^a[12]\\.b$' ORDER BY callee")[
        1
    ]
    assert list(found) == [("a1.b",), ("a2.b",)]
    assert bool(asked) is is_guarded

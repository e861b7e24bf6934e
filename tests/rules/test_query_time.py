"""A rule's query may take its time of the processor, and no more of it."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from aud_action import store

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> store.Reader:
    sqlite3.connect(tmp_path / "a.db").close()
    monkeypatch.setattr(store, "QUERY_SECONDS", 0.3)
    return store.Reader(tmp_path / "a.db")


def test_a_query_without_an_end_is_ended(reader: store.Reader):
    with pytest.raises(ValueError, match="took longer than"):
        list(reader.select(ENDLESS)[1])


def test_a_busy_machine_ends_no_query(reader: store.Reader):
    rows = reader.select("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 40000) SELECT i FROM n")[
        1
    ]
    assert next(rows) == (1,)
    time.sleep(0.4)
    assert sum(1 for _ in rows) == 39_999

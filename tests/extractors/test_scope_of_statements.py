"""A statement's scope is the function it stands in, whoever speaks of it first."""

import sqlite3

from aud_action.pipeline import scan
from aud_action.settings import Settings


def test_a_return_and_a_call_beside_it_have_one_scope(tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "m.py").write_text("class A:\n    def f(self):\n        return g()\n")
    scan(Settings(root=tmp_path / "code", jobs=1), tmp_path / "aud.db")
    with sqlite3.connect(tmp_path / "aud.db") as database:
        query = "SELECT o.name FROM {} t JOIN sites s ON s.id = t.site JOIN scopes o ON o.id = s.scope"
        names = [database.execute(query.format(table)).fetchall() for table in ("python_returns", "python_calls")]
    assert names == [[("m.A.f",)], [("m.A.f",)]]

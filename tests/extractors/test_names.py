"""What an expression is called: exact, or nothing."""

import ast

import pytest

from extractors.context import Context
from extractors.survey import Surveyor


def name_of_last_call(source, module="shop.views"):
    """The resolved name of the last call in the source, in the scope it stands in."""
    tree = ast.parse(source)
    survey = Surveyor(module, False).survey(tree)
    context = Context(source.encode(), tree, survey, "shop/views.py", module, False)
    calls = [(node, scope) for scope in survey.scopes for node, _ in scope.items if isinstance(node, ast.Call)]
    node, scope = max(calls, key=lambda call: (call[0].lineno, -call[0].col_offset))
    context.scope = scope
    return context.name(node.func)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import subprocess as s\ns.run(x)", "subprocess.run"),
        ("from subprocess import run as r\nr(x)", "subprocess.run"),
        ("import os.path\nos.path.join(x)", "os.path.join"),
        ("from . import models as m\nm.find(x)", "shop.models.find"),
        ("from ..core import db\ndb.find(x)", "core.db.find"),
        (
            "try:\n    import cPickle as pickle\nexcept ImportError:\n    import pickle\npickle.loads(x)",
            "cPickle.loads",
        ),
        ("import sqlite3\ndb = sqlite3.connect(p)\ndb.cursor().execute(q)", "sqlite3.connect.cursor.execute"),
        ("import sqlite3\nwith sqlite3.connect(p) as db:\n    db.execute(q)", "sqlite3.connect.execute"),
        (
            "import sqlite3\ndef f(db: sqlite3.Connection | None = None):\n    db.execute(q)",
            "sqlite3.Connection.execute",
        ),
        ("from x import A\ndef f(a: 'A'):\n    a.go(1)", "x.A.go"),
        ("def helper(): ...\ndef f():\n    helper(1)", "shop.views.helper"),
        ("class A:\n    def f(self):\n        self.go(1)", "shop.views.A.go"),
        ("class A:\n    @classmethod\n    def f(cls):\n        cls.go(1)", "shop.views.A.go"),
        ("class A:\n    @staticmethod\n    def f(self):\n        self.go(1)", ""),
        ("', '.join(x)", "str.join"),
        ("open(p)", "open"),
        # what is not that
        ("import requests\ndef f(requests):\n    requests.get(x)", ""),
        ("import requests\ndef f():\n    requests = mine()\n    requests.get(x)", ""),
        ("def f(subprocess):\n    subprocess.run(x)", ""),
        ("subprocess.run(x)", ""),
        ("db = a()\ndb = b()\ndb.execute(q)", ""),
        ("class A:\n    run = 1\n    def f(self):\n        run(1)", ""),
        ("open = mine\ndef f():\n    global open\n    open(p)", ""),
        ("x[0].go(1)", ""),
        ("a = a\na.go(1)", ""),
    ],
)
def test_a_name_is_exact_or_nothing(source, name):
    assert name_of_last_call(source) == name

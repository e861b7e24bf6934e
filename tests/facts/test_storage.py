"""What object mappers run in a running program, function by function, and what our rows say of it."""

import pytest
from running import answer, facts, rows

ALCHEMY = """
import alchemy
from sqlalchemy import event
from sqlalchemy.orm import Session
alchemy.Base.metadata.create_all(alchemy.engine)
seen = []
event.listen(alchemy.engine, "before_cursor_execute", lambda c, cursor, statement, *rest: seen.append(statement))
for word in ("commit", "rollback", "savepoint"):
    event.listen(alchemy.engine, word, lambda *given, word=word: seen.append(word))
def run(function):
    seen.clear()
    with Session(alchemy.engine, autoflush=False) as session:
        function(session)
        ran = list(seen)
    return ran
tables = {"users": "User", "items": "Item"}
answer = {}
for name in ("selected", "columns", "queried", "got", "inserted", "changed", "removed", "raw"):
    ran = run(getattr(alchemy, name))
    answer[name] = {
        "models": sorted({model for table, model in tables.items() for text in ran if table in text}),
        "ends": [word for word in ran if word in {"commit", "rollback", "savepoint"}],
    }
"""
MAPPER = """
import mapper
from django.db import connection
from django.db.models import Manager, QuerySet
from django.test.utils import CaptureQueriesContext
mapper.prepare()
answer = {}
for name in ("listed", "joined", "one", "made", "raw", "several", "whole", "part"):
    with CaptureQueriesContext(connection, ) as ran:
        getattr(mapper, name)()
    answer[name] = sorted({model for model in ("Author", "Book") for q in ran if f'FROM "stored_{model.lower()}' in q["sql"] or f'INTO "stored_{model.lower()}"' in q["sql"] or f'UPDATE "stored_{model.lower()}"' in q["sql"] or f"FROM stored_{model.lower()}" in q["sql"]})
"""
QUERIES = """
SELECT f.name, q.model FROM python_orm_queries q JOIN sites s ON s.id = q.site JOIN python_functions f ON f.site = s.scope
JOIN files d ON d.id = s.file WHERE d.path = '{}' AND q.model IS NOT NULL
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("stored", tmp_path_factory.mktemp("stored"))


def models_by_function(store, path):
    found = {}
    for function, model in rows(store, QUERIES.format(path)):
        found.setdefault(function, set()).add(model)
    return {function: sorted(models) for function, models in found.items()}


def test_the_models_that_sqlalchemy_asks_for(store):
    told = answer("stored", ALCHEMY)
    ours = models_by_function(store, "alchemy.py")
    assert ours == {name: found["models"] for name, found in told.items() if name != "raw"}
    assert told["raw"]["models"] == ["User"]  # which is written in text: no row can name it
    sql = "SELECT method, is_raw, has_text FROM python_orm_queries WHERE is_raw"
    assert rows(store, sql) == [("execute", 1, 1), ("raw", 1, 1), ("text", 1, 1)]


def test_where_transactions_end(store):
    told = answer("stored", ALCHEMY)
    ends = {name: found["ends"] for name, found in told.items() if found["ends"]}
    ours = rows(store, "SELECT callee, kind FROM python_transactions WHERE callee GLOB 'sqlalchemy*'")
    assert ends == {"inserted": ["commit"], "changed": ["rollback"], "removed": ["savepoint"]}
    assert ours == [
        ("sqlalchemy.orm.Session.begin_nested", "context"),
        ("sqlalchemy.orm.Session.commit", "commit"),
        ("sqlalchemy.orm.Session.rollback", "rollback"),
    ]


def test_the_models_that_django_asks_for(store):
    assert models_by_function(store, "mapper.py") == answer("stored", MAPPER)


def test_chains(store):
    sql = "SELECT model, methods, length, has_select_related, has_only FROM python_django_queryset_chains"
    assert rows(store, sql) == [
        ("Author", "all.delete", 2, 0, 0),
        ("Author", "filter.only.count", 3, 0, 1),
        ("Book", "filter.exclude.order_by", 3, 0, 0),
        ("Book", "select_related.all", 2, 1, 0),
    ]
    assert rows(store, "SELECT method, model FROM python_orm_queries WHERE spreads_mapping") == [("create", "Author")]


def test_connections_without_their_passwords(store):
    sql = "SELECT driver, url_source, host, ssl, has_literal_password FROM python_database_connections"
    assert rows(store, sql) == [
        ("sqlalchemy", '"postgresql://reader:***@db.example/shop?sslmode=require"', "db.example", "require", 1),
        ("sqlalchemy", '"sqlite://"', None, None, 0),
        ("sqlite3", '":memory:"', None, None, 0),
    ]


def test_other_transactions(store):
    sql = "SELECT kind, callee FROM python_transactions WHERE callee NOT GLOB 'sqlalchemy*'"
    assert rows(store, sql) == [
        ("commit", "sqlite3.connect.commit"),
        ("context", "django.db.transaction.atomic"),
        ("decorator", "django.db.transaction.atomic"),
        ("hook", "django.db.transaction.on_commit"),
    ]

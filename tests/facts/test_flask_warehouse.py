"""What Flask says about routes in loops, through names of one's own and by hand, and about settings in classes."""

import pytest
from running import answer, facts, rows

APP = "from warehouse import create_app\napp = create_app()\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("flask_warehouse", tmp_path_factory.mktemp("warehouse"))


def told(question):
    return answer("flask_warehouse", APP + question)


def test_the_url_map(store):
    ours = rows(store, "SELECT DISTINCT method, pattern FROM python_routes WHERE method <> 'HEAD'")
    question = """
answer = sorted((m, r.rule) for r in app.url_map.iter_rules() if r.endpoint != "static" for m in r.methods - {"OPTIONS", "HEAD"})
"""
    assert sorted(map(list, ours)) == told(question)


def test_the_configuration(store):
    ours = dict(
        store.rows(
            "SELECT key, constant FROM python_flask_config_values WHERE key NOT IN ('TESTING', 'WTF_CSRF_ENABLED')"
        )
    )
    question = f"answer = {{key: app.config[key] for key in {sorted(ours)}}}"
    assert {key: None if value is None else str(value) for key, value in told(question).items()} == ours
    assert set(ours) >= {"SESSION_COOKIE_SECURE", "DEBUG", "SQLALCHEMY_DATABASE_URI", "JSON_SORT_KEYS", "SECRET_KEY"}


def test_the_extensions(store):
    ours = rows(store, "SELECT variable, class_name FROM python_flask_extensions WHERE target = 'app'")
    assert ours == [("csrf", "CSRFProtect"), ("db", "SQLAlchemy"), ("limiter", "Limiter")]
    assert told("answer = sorted({'csrf', 'sqlalchemy', 'limiter'} & app.extensions.keys())") == [
        "csrf",
        "limiter",
        "sqlalchemy",
    ]

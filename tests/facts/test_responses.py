"""What running applications answer, address by address, and what our rows say of their handlers."""

import pytest
from running import answer, facts, rows

ASK = "def told(response, media):\n    return [response.status_code, (media or '').partition(';')[0]]\n"
QUESTIONS = {
    "flask": ASK
    + """
from flask_app import app
client = app.test_client()
names = [r.rule[1:] for r in app.url_map.iter_rules() if r.endpoint != "static"]
answer = {name: told(r := client.get("/" + name), r.content_type) for name in names}
""",
    "fastapi": ASK
    + """
from fastapi_app import app
from fastapi.testclient import TestClient
client = TestClient(app, follow_redirects=False)
names = [r.path[1:] for r in app.routes if r.name in {"data", "made", "page", "html", "plain", "json", "xml", "away", "lost", "teapot"}]
answer = {name: told(r := client.get("/" + name), r.headers.get("content-type")) for name in names}
""",
    "django": ASK
    + """
import django_app
from django.test import Client
client = Client()
names = [p.name for p in django_app.urlpatterns]
answer = {name: told(r := client.get("/" + name), r.headers.get("content-type")) for name in names}
""",
    "litestar": ASK
    + """
from litestar_app import app
from litestar.testing import TestClient
client = TestClient(app, follow_redirects=False) if False else TestClient(app)
client.follow_redirects = False
answer = {r.path[1:]: told(a := client.get(r.path), a.headers.get("content-type")) for r in app.routes}
""",
}
ROWS = """
SELECT f.name, r.status, r.content_type, r.kind FROM python_responses r JOIN sites s ON s.id = r.site
JOIN python_functions f ON f.site = s.scope JOIN files d ON d.id = s.file WHERE d.path = '{}_app.py'
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("answers", tmp_path_factory.mktemp("answers"))


@pytest.mark.parametrize("framework", QUESTIONS)
def test_status_and_type_of_each_answer(framework, store):
    told = answer("answers", QUESTIONS[framework])
    ours = {name: [status, media] for name, status, media, _ in rows(store, ROWS.format(framework))}
    assert {name: status for name, (status, _) in ours.items()} == {name: status for name, (status, _) in told.items()}
    # the type of an error or of a redirect is the running application's affair, unless the library says it
    assert {name: media for name, (_, media) in ours.items() if media} == {
        name: told[name][1] for name, (_, media) in ours.items() if media
    }


def test_where_redirects_lead(store):
    assert rows(store, "SELECT framework, target_source, target_kind, is_returned FROM python_redirects") == [
        ("django", '"text"', "named", 1),
        ("django", 'reverse("text")', "named", 1),
        ("fastapi", '"/data"', "constant", 1),
        ("flask", '"/text"', "constant", 1),
        ("flask", 'url_for("text")', "named", 1),
        ("litestar", '"/data"', "constant", 1),
    ]


def test_headers_and_sessions(store):
    assert rows(store, "SELECT name, value_source FROM python_header_writes") == [("x-made", '"yes"')] * 3
    assert rows(store, "SELECT framework, key, value_source FROM python_session_writes") == [("flask", "seen", "True")]


def test_django_s_function_views(store):
    told = answer("answers", "import django_app\nanswer = sorted(p.callback.__name__ for p in django_app.urlpatterns)")
    ours = rows(
        store, "SELECT name, framework_import, decorators, has_request, is_routed FROM python_django_function_views"
    )
    assert ours == [(name, 1, 0, 1, 1) for name in told]

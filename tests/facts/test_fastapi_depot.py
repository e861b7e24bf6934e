"""What FastAPI says about nested routers, several dependencies and sub-applications, and what our rows say."""

import pytest
from running import answer, facts, rows

APP = "from depot.main import app, inner\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("fastapi_depot", tmp_path_factory.mktemp("depot"))


def told(question):
    return answer("fastapi_depot", APP + question)


def test_every_route_and_no_other(store):
    question = """
paths = app.openapi()["paths"]
answer = sorted([[m.upper(), p] for p, item in paths.items() for m in item] + [[m.upper(), "/inner" + p] for p, item in inner.openapi()["paths"].items() for m in item])
"""
    sql = """
    SELECT DISTINCT method, replace(pattern, ':path}', '}') FROM python_routes WHERE framework = 'fastapi' AND NOT is_websocket
    """
    assert sorted(map(list, rows(store, sql))) == told(question)


def test_what_stands_beside_the_interface(store):
    assert rows(store, "SELECT method, pattern FROM python_routes WHERE framework = 'starlette'") == [
        ("GET", "/very/old"),
        ("POST", "/very/old"),
    ]
    assert rows(store, "SELECT pattern FROM python_routes WHERE is_websocket") == [
        ("/legacy/goods/{good_id}/parts/live",),
        ("/v2/store/goods/{good_id}/parts/live",),
    ]


def test_the_interface_is_guarded_where_it_says_so(store):
    question = """
answer = sorted([[m.upper(), p] for p, item in app.openapi()["paths"].items() for m, o in item.items() if o.get("security")])
"""
    sql = "SELECT method, replace(pattern, ':path}', '}') FROM python_routes WHERE has_auth AND NOT is_websocket"
    assert sorted(map(list, rows(store, sql))) == told(question)


def test_dependencies_of_every_handler(store):
    question = """
from fastapi.routing import APIRoute
import depot.goods, depot.people, depot.main
def name(call):
    return getattr(call, "__name__", None) or type(call).__name__
found = set()
for router in (depot.goods.router, depot.goods.nested, depot.people.router, depot.people.secure):
    for route in router.routes:
        if isinstance(route, APIRoute) and route.endpoint.__name__ not in ("plain",):
            for d in route.dependant.dependencies:
                if d.name:
                    found.add((route.endpoint.__name__, d.name, name(d.call)))
answer = sorted(found)
"""
    aliases = {"Session": "session", "Active": "active"}
    sql = """
    SELECT f.name, a.parameter, coalesce(d.provider, a.annotation) FROM python_api_parameters a JOIN sites s ON s.id = a.site
    JOIN python_functions f ON f.site = s.scope LEFT JOIN python_injected_dependencies d ON d.function_site = f.site AND d.parameter = a.parameter
    WHERE a.place = 'dependency' OR a.annotation IN ('Session', 'Active')
    """
    ours = {(function, parameter, given.rpartition(".")[2]) for function, parameter, given in store.rows(sql)}
    wanted = {"key": "APIKeyHeader", "bearer": "HTTPBearer"}
    ours = {(function, parameter, wanted.get(last, aliases.get(last, last))) for function, parameter, last in ours}
    assert sorted(map(list, ours)) == told(question)


def test_parameters_and_their_places(store):
    question = """
answer = sorted({(o["summary"].lower().replace(" ", "_"), p["name"], p["in"]) for item in app.openapi()["paths"].values()
    for o in item.values() for p in o.get("parameters", ()) if p["in"] in ("path", "query")})
"""
    sql = """
    SELECT f.name, coalesce(a.alias, a.parameter), a.place FROM python_api_parameters a JOIN sites s ON s.id = a.site
    JOIN python_functions f ON f.site = s.scope WHERE a.place IN ('path', 'query') AND f.name NOT IN ('ping', 'live')
    """
    ours = {tuple(row) for row in store.rows(sql)}
    # what a class or a model that is depended on takes is declared there
    there = {
        ("index", "skip", "query"),
        ("index", "limit", "query"),
        ("filtered", "word", "query"),
        ("filtered", "tags", "query"),
    }
    # a capture that only the prefix of an `include_router` elsewhere has looks like a query's from the handler's file
    seen = {("remove", "good_id", "path") if row == ("remove", "good_id", "query") else row for row in ours}
    assert seen - {("filtered", "filters", "query")} == {tuple(row) for row in told(question)} - there
    assert rows(store, "SELECT parameter FROM python_api_parameters WHERE place IN ('file', 'form', 'body')") == [
        ("file",),
        ("good",),
        ("more",),
        ("note",),
        ("title",),
    ]


def test_schemes_middleware_and_handlers(store):
    assert rows(store, "SELECT name, scheme, scopes, auto_error FROM python_fastapi_security_schemes") == [
        ("bearer", "HTTPBearer", 0, "False"),
        ("key", "APIKeyHeader", 0, None),
        ("oauth", "OAuth2PasswordBearer", 2, None),
    ]
    question = "answer = sorted(m.cls.__name__ for m in app.user_middleware)"
    ours = sorted(name.rpartition(".")[2] for (name,) in store.rows("SELECT name FROM python_middlewares"))
    assert ours == told(question)
    assert rows(store, "SELECT handler, exception FROM python_error_handlers") == [("failed", "fastapi.HTTPException")]
    assert rows(store, "SELECT hook, function FROM python_request_hooks") == [("lifespan", "lifespan")]

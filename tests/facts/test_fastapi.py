"""What FastAPI says about a running application, and what our rows say."""

import pytest
from running import answer, facts, rows

APP = "from library.main import app\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("fastapi_library", tmp_path_factory.mktemp("fastapi"))


def openapi():
    return answer("fastapi_library", APP + "answer = app.openapi()['paths']")


def test_every_route_of_the_interface_and_no_other(store):
    told = sorted([method.upper(), path] for path, item in openapi().items() for method in item)
    ours = rows(
        store,
        "SELECT method, replace(pattern, ':path}', '}') FROM python_routes WHERE framework = 'fastapi' AND NOT is_websocket",
    )
    assert sorted(map(list, ours)) == told


def test_routes_of_a_mounted_application(store):
    assert rows(store, "SELECT method, pattern FROM python_routes WHERE framework = 'starlette'") == [
        ("DELETE", "/old/status"),
        ("GET", "/old/info/version"),
        ("GET", "/old/status"),
        ("POST", "/old/info/version"),
    ]
    assert rows(store, "SELECT pattern FROM python_routes WHERE is_websocket") == [("/live",)]


def test_parameters_and_their_places(store):
    told = {
        (operation["summary"].lower().replace(" ", "_"), parameter["name"], parameter["in"])
        for item in openapi().values()
        for operation in item.values()
        for parameter in operation.get("parameters", ())
    }
    ours = rows(
        store,
        """
        SELECT p.name, coalesce(a.alias, a.parameter), a.place FROM python_api_parameters a JOIN sites s ON s.id = a.site
        JOIN python_functions p ON p.site = s.scope WHERE a.place IN ('path', 'query', 'header', 'cookie')
        """,
    )
    # what a dependency takes, and a capture of the prefix that the handler doesn't name, stand at other places
    named = {entry for entry in told if entry[1] not in {"skip", "X-Key", "book_id", "item_id"}}
    assert {entry for entry in ours if entry[0] != "live"} == named
    assert rows(
        store, "SELECT parameter, place FROM python_api_parameters WHERE place IN ('body', 'form', 'file')"
    ) == [
        ("book", "body"),
        ("file", "file"),
        ("note", "body"),
        ("title", "form"),
    ]


def test_dependencies(store):
    ours = rows(store, "SELECT function, parameter, provider, kind FROM python_injected_dependencies")
    assert ours == [
        ("User", None, "library.security.current_user", "depends"),
        ("both", "user", "library.security.current_user", "depends"),
        ("current_user", "token", "library.security.scheme", "depends"),
        ("listed", "skip", "library.books.paging", "depends"),
        ("users_router", None, "library.security.require_key", "depends"),
    ]


def test_guards_through_dependencies_of_dependencies_and_routers(store):
    assert rows(store, "SELECT DISTINCT pattern, guard FROM python_route_guards") == [
        ("/both", "library.security.current_user"),
        ("/v1/people/users/me", "library.security.current_user"),
        ("/v1/people/users/me", "library.security.require_key"),
        ("/v1/people/users/{user_id}/photo", "library.security.require_key"),
    ]

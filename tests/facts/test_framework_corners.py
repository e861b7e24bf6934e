"""Routes that loops, comprehensions, lists of one's own and subclasses declare: what each framework says, and what our rows say."""

import pytest
from running import answer, facts

ALL = "SELECT DISTINCT pattern, method FROM routes WHERE path = ?"
ASGI = """
def walk(routes, prefix=""):
    for r in routes:
        if hasattr(r, "routes"):
            yield from walk(r.routes, prefix + r.path)
        else:
            verbs = [m.upper() for m in ("get", "put", "post", "delete", "patch") if hasattr(r.endpoint, m)]
            for m in getattr(r, "methods", ["GET"]) or verbs:
                if m != "HEAD":
                    yield prefix + r.path, m
"""
QUESTIONS = {
    "aiohttp": """
from aiohttp_corners import build
from aiohttp import web
def told():
    for r in build().router.routes():
        path = r.resource.canonical
        if r.method == "*" and isinstance(r.handler, type):
            yield from ((path, m) for m in ("GET", "POST", "PUT", "DELETE") if hasattr(r.handler, m.lower()))
        elif r.method != "HEAD" and path != "/st":
            yield path, r.method
answer = sorted(set(told()))
""",
    "sanic": """
from sanic_corners import app
app.router.finalize()
answer = sorted({("/" + r.path, m) for r in app.router.routes for m in r.methods})
""",
    "tornado": """
from tornado_corners import app
from tornado.web import RequestHandler
def told(rules):
    for r in rules:
        if hasattr(r.target, "rules"):
            yield from told(r.target.rules)
        else:
            for m in ("get", "post", "put", "delete", "patch"):
                if getattr(r.target, m) is not getattr(RequestHandler, m):
                    yield r.matcher.regex.pattern.rstrip("$"), m.upper()
answer = sorted(set(told(app.default_router.rules)))
""",
    "bottle": """
from bottle_corners import app, sub
answer = sorted({(r.rule, r.method) for r in app.routes if "mountpoint.target" not in r.config} | {("/sub" + r.rule, r.method) for r in sub.routes})
""",
    "falcon": """
from falcon_corners import app
def told(nodes, above=""):
    for node in nodes:
        path = above + "/" + node.raw_segment
        yield from ((path, m) for m, f in (node.method_map or {}).items() if getattr(f, "__name__", "").startswith("on_") and m != "OPTIONS")
        yield from told(node.children, path)
answer = sorted(set(told(app._router._roots)))
""",
    "starlette": ASGI + "from starlette_corners import app\nanswer = sorted(set(walk(app.routes)))",
    "pyramid": """
from pyramid_corners import main
from pyramid.interfaces import IRoutesMapper
registry = main().registry
paths = {r.name: "/" + r.pattern.lstrip("/") for r in registry.queryUtility(IRoutesMapper).get_routes()}
views = [one["introspectable"] for one in registry.introspector.get_category("views")]
def methods(view):
    given = view["request_methods"]
    return [given] if isinstance(given, str) else given or ["*"]
answer = sorted({(paths[v["route_name"]], m) for v in views if v["route_name"] for m in methods(v) if m != "HEAD"})
""",
    "litestar": """
from litestar_corners import app
answer = sorted({(r.path, m) for r in app.routes for m in getattr(r, "methods", []) if m not in ("OPTIONS", "HEAD")})
""",
    "quart": """
from quart_corners import app
answer = sorted({(r.rule, m) for r in app.url_map.iter_rules() if r.endpoint != "static" for m in r.methods - {"HEAD", "OPTIONS"}})
""",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("framework_corners", tmp_path_factory.mktemp("corners"))


@pytest.mark.parametrize("framework", QUESTIONS)
def test_every_route_and_no_other(framework, store):
    ours = {
        (pattern.replace(r":\d+}", "}"), method) for pattern, method in store.rows(ALL, (f"{framework}_corners.py",))
    }
    assert sorted(map(list, ours)) == answer("framework_corners", QUESTIONS[framework])

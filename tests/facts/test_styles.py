"""Small applications in the styles that teams use: what each framework says of its routes, and what our rows say."""

import re

import pytest
from running import FIXTURES, answer, facts

ROOT = FIXTURES / "styles"
FLASK = """
from main import app
answer = sorted({(r.rule, m) for r in app.url_map.iter_rules() if r.endpoint != "static" for m in (r.methods or {"*"}) - {"HEAD", "OPTIONS"}})
"""
DJANGO = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()
from django.urls import URLResolver, get_resolver
VERBS = ("get", "post", "put", "patch", "delete")
def methods(view):
    made = getattr(view, "actions", None) or getattr(view, "view_class", None) or getattr(view, "cls", None)
    return [verb.upper() for verb in VERBS if verb in made] if isinstance(made, dict) else (
        [verb.upper() for verb in VERBS if hasattr(made, verb)] if made else ["*"])
def walk(patterns, before):
    for one in patterns:
        whole = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from walk(one.url_patterns, whole)
        elif "format" not in whole:
            yield from (("/" + whole.replace("en-us", "<language>"), method) for method in methods(one.callback))
answer = sorted(set(walk(get_resolver().url_patterns, "")))
"""
FASTAPI = """
from main import app
answer = sorted({(path, verb.upper()) for path, item in app.openapi()["paths"].items() for verb in item})
"""
AIOHTTP = """
from main import app
def told():
    for r in app.router.routes():
        if r.method == "*" and isinstance(r.handler, type):
            yield from ((r.resource.canonical, m) for m in ("GET", "POST", "PUT", "DELETE") if hasattr(r.handler, m.lower()))
        elif r.method != "HEAD":
            yield r.resource.canonical, r.method
answer = sorted(set(told()))
"""
STARLETTE = """
from main import app
def walk(routes, before=""):
    for r in routes:
        if hasattr(r, "routes"):
            yield from walk(r.routes, before + getattr(r, "path", ""))
        else:
            verbs = [m.upper() for m in ("get", "put", "post", "delete") if hasattr(r.endpoint, m)]
            yield from ((before + r.path, m) for m in getattr(r, "methods", None) or verbs if m != "HEAD")
answer = sorted(set(walk(app.routes)))
"""
LITESTAR = """
from main import app
answer = sorted({(r.path, m) for r in app.routes for m in r.methods if m not in ("OPTIONS", "HEAD")})
"""
TORNADO = """
from main import app
from tornado.web import RequestHandler
def told():
    inner = [rule for outer in app.default_router.rules for rule in getattr(outer.target, "rules", [])]
    for rule in [*app.wildcard_router.rules, *inner]:
        for verb in ("get", "post", "put", "patch", "delete", "head"):
            if isinstance(rule.target, type) and getattr(rule.target, verb) is not getattr(RequestHandler, verb):
                yield rule.matcher.regex.pattern.rstrip("$"), verb.upper()
answer = sorted(set(told()))
"""
PYRAMID = """
from main import config
routes = {one.name: "/" + one.pattern.lstrip("/") for one in config.get_routes_mapper().get_routes(include_static=True)}
views = [one["introspectable"] for one in config.registry.introspector.get_category("views")]
def words(given):
    return given if isinstance(given, tuple) else [given or "*"]
answer = sorted({(routes[one["route_name"]], word) for one in views if one["route_name"] for word in words(one["request_methods"])})
"""
ASKED = {
    "flask": FLASK,
    "quart": FLASK.replace("answer = sorted({", "answer = sorted({").replace('!= "static"', 'not in ("static", "ws")'),
    "django": DJANGO,
    "fastapi": FASTAPI,
    "aiohttp": AIOHTTP,
    "starlette": STARLETTE,
    "litestar": LITESTAR,
    "tornado": TORNADO,
    "pyramid": PYRAMID,
}


def plain(pattern):
    """A pattern without what says where it ends, and without the expressions of its captures."""
    inner = r"(?:\\.|\[(?:\\.|[^\]])*\]|[^()\\\[])*"
    return re.sub(rf"\(\?P<(\w+)>{inner}\)", r"{\1}", pattern.replace("^", "")).removesuffix("$")


@pytest.mark.parametrize("style", sorted(path.name for path in ROOT.iterdir()))
def test_every_route_and_no_other(style, tmp_path):
    told = answer(f"styles/{style}", "import sys\nsys.path.insert(0, '.')\n" + ASKED[style.partition("_")[0]])
    rows = facts(ROOT / style, tmp_path).rows("SELECT DISTINCT pattern, method FROM routes WHERE NOT is_websocket")
    assert sorted({(plain(pattern), method) for pattern, method in rows}) == sorted(
        {(plain(pattern), method) for pattern, method in told}
    )


REFUSED = """
import os, django, re
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()
from django.test import Client
from django.urls import URLResolver, get_resolver
def walk(patterns, before):
    for one in patterns:
        whole = before + str(one.pattern).replace("^", "").removesuffix("$")
        if isinstance(one, URLResolver):
            yield from walk(one.url_patterns, whole)
        else:
            yield whole
def refuses(path):
    return Client(raise_request_exception=False).get(re.sub(r"\\(\\?P<[^)]*\\)", "1", path)).status_code in (302, 401, 403)
answer = sorted(("/" + path, refuses("/" + path)) for path in walk(get_resolver().url_patterns, ""))
"""


def test_who_is_turned_away_by_django_and_by_our_rows(tmp_path):
    """Decorators of one's own, mixins, permissions that are listed or chosen, of actions too, and a class's `dispatch`."""
    told = answer("styles/django_guarded", "import sys\nsys.path.insert(0, '.')\n" + REFUSED)
    rows = facts(ROOT / "django_guarded", tmp_path).rows(
        "SELECT DISTINCT pattern, has_auth FROM routes WHERE method IN ('GET', '*')"
    )
    assert {plain(path): bool(has_auth) for path, has_auth in rows} == {plain(path): refused for path, refused in told}

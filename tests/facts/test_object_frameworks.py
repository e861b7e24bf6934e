"""What Litestar, Quart, CherryPy, Twisted, Klein and Channels say about their running applications, and what our rows say."""

import pytest
from running import answer, facts, rows

QUESTIONS = {
    "litestar": """
from litestar_app import app
answer = sorted([m, r.path] for r in app.routes if r.scope_type.name == "HTTP" for m in r.methods if m != "OPTIONS")
answer += sorted(["GET", r.path] for r in app.routes if r.scope_type.name == "WEBSOCKET")
answer = sorted(answer)
""",
    "quart": """
from quart_app import app
answer = sorted([m, r.rule] for r in app.url_map.iter_rules() if r.endpoint != "static" for m in r.methods - {"HEAD", "OPTIONS"})
""",
    "cherrypy": """
import cherrypy, cherrypy_app
cherrypy_app.mount()
def walk(node, path):
    own = {name for kind in type(node).__mro__ for name in vars(kind)} | set(vars(node))
    if getattr(node, "exposed", False) and not callable(node):
        yield from ([verb, path or "/"] for verb in ("GET", "POST", "PUT", "DELETE") if verb in own)
    for name in sorted(own):
        child = getattr(node, name)
        if name.startswith("__") or name == "exposed":
            continue
        if callable(child) and getattr(child, "exposed", False):
            yield ["*", {"index": path + "/", "default": path + "/{…}"}.get(name, f"{path}/{name}")]
        elif type(child).__module__ == "cherrypy_app":
            yield from walk(child, f"{path}/{name}")
answer = sorted(row for base, app in cherrypy.tree.apps.items() for row in walk(app.root, base))
""",
    "twisted": """
import twisted_app
from twisted.web.resource import Resource
def walk(node, path):
    verbs = [name[7:] for name in dir(node) if name.startswith("render_") and name[7:].isupper()]
    own = [verb for verb in verbs if verb != "HEAD" or type(node).render_HEAD is not Resource.render_HEAD]
    if type(node).render is not Resource.render:
        own = ["*"]
    yield from ([verb, path or "/"] for verb in own)
    for name, child in node.listStaticEntities():
        yield from walk(child, f"{path}/{name.decode()}")
    if type(node).__name__ == "Users":
        yield from walk(node.getChild(b"x", None), f"{path}/{{name}}")
answer = sorted(walk(twisted_app.site.resource, ""))
""",
    "klein": """
import klein_app
maps = (klein_app.app.url_map, klein_app.Shop().app.url_map)
answer = sorted([m, r.rule] for one in maps for r in one.iter_rules() for m in (r.methods or {"*"}) - {"HEAD"})
""",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("object_frameworks", tmp_path_factory.mktemp("object"))


@pytest.mark.parametrize("framework", QUESTIONS)
def test_the_route_table(framework, store):
    told = answer("object_frameworks", QUESTIONS[framework])
    ours = rows(store, f"SELECT method, pattern FROM python_routes WHERE framework = '{framework}'")
    assert sorted(map(list, ours)) == told


def test_every_route_has_its_handler(store):
    assert rows(store, "SELECT framework, pattern FROM python_routes WHERE handler IS NULL") == []

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


LAYERS = """
from litestar_app import app
def word(one):
    one = getattr(one, "middleware", one)  # what `DefineMiddleware` holds
    own = getattr(one, "__qualname__", "")
    return own or type(one).__qualname__
def hook(one):
    one = getattr(one, "func", one)
    return one.__name__
answer = {"middleware": set(), "hooks": set(), "errors": set()}
for route in app.routes:
    for handler in getattr(route, "route_handlers", ()):
        if handler.handler_name == "options_handler":
            continue
        for layer in handler.ownership_layers:
            name = getattr(layer, "handler_name", None)
            place = f"Items.{name}" if name == "removed" else name or getattr(layer, "path", None)
            place = {"/": "app", "/v1": "v1", "/parts": "Parts"}.get(place, place)
            answer["middleware"] |= {(place, at, word(one)) for at, one in enumerate(layer.middleware or ())}
            for name in ("before_request", "after_request", "after_response"):
                if getattr(layer, name):
                    answer["hooks"].add((place, name, hook(getattr(layer, name))))
            for what, made in (layer.exception_handlers or {}).items():
                if made.__module__ == "litestar_app":
                    answer["errors"].add((place, getattr(what, "__name__", what), made.__name__))
answer["hooks"] |= {("app", "on_startup", one.__name__) for one in app.on_startup}
answer = {key: sorted(map(list, rows), key=repr) for key, rows in answer.items()}
"""


def test_what_litestar_puts_around_its_handlers(store):
    told = answer("object_frameworks", LAYERS)
    middleware = rows(store, "SELECT target, position, name FROM python_middlewares WHERE framework = 'litestar'")
    short = {"litestar.middleware.rate_limit.RateLimitConfig.middleware": "RateLimitMiddleware"}
    ours = [[place, at, short.get(name, name.removeprefix("litestar_app."))] for place, at, name in middleware]
    assert ours == told["middleware"]
    hooks = "SELECT target, hook, function FROM python_request_hooks WHERE framework = 'litestar'"
    assert [list(row) for row in rows(store, hooks)] == told["hooks"]
    errors = "SELECT target, coalesce(code, exception), handler FROM python_error_handlers WHERE framework = 'litestar'"
    assert [list(row) for row in rows(store, errors)] == told["errors"]


def test_who_asks_before_litestar_s_handlers(store):
    sql = "SELECT DISTINCT pattern, method, kind FROM python_route_guards WHERE guard = 'litestar_app.only_known'"
    assert rows(store, sql) == [
        ("/late/{n:int}", "GET", "hook"),
        ("/v1/api/items/{item_id:int}", "DELETE", "hook"),
        ("/v1/api/parts/{name:str}", "GET", "hook"),
        ("/v1/deep/parts/{name:str}", "GET", "hook"),
        ("/v1/items/{item_id:int}", "DELETE", "hook"),
    ]


def test_twisted_s_classes(store):
    told = answer(
        "object_frameworks",
        """
import twisted_app
from twisted.internet.protocol import BaseProtocol
from twisted.web.resource import Resource
own = [kind for kind in vars(twisted_app).values() if isinstance(kind, type) and kind.__module__ == "twisted_app"]
answer = [sorted([k.__name__, sum(n.startswith("render") for n in vars(k)), bool(k.isLeaf)] for k in own if issubclass(k, Resource)),
    sorted([k.__name__, n] for k in own if issubclass(k, BaseProtocol) for n in vars(k) if not n.startswith("_"))]
""",
    )
    resources = rows(store, "SELECT name, methods, is_leaf = 'true' FROM python_twisted_resources")
    assert [[name, methods, bool(leaf)] for name, methods, leaf in resources] == told[0]
    assert list(map(list, rows(store, "SELECT name, handler FROM python_twisted_protocols"))) == told[1]
    assert rows(store, "SELECT name, children FROM python_twisted_resources WHERE children") == [
        ("Api", 1),
        ("Users", 1),
    ]


def test_what_twisted_runs_later(store):
    assert rows(store, "SELECT kind, function, callback FROM python_twisted_deferreds") == [
        ("addCallback", None, "print"),
        ("inlineCallbacks", "tick", None),
        ("maybeDeferred", None, "print"),
    ]
    assert rows(store, "SELECT callee, function, port FROM python_twisted_reactor_calls") == [
        ("twisted.internet.reactor.listenTCP", "twisted_app.LinesFactory", 8081),
        ("twisted.internet.reactor.listenTCP", "twisted_app.make", 8080),
        ("twisted.internet.reactor.run", None, None),
        ("twisted.internet.task.LoopingCall", "twisted_app.tick", None),
    ]


def test_pyramid_s_lists_of_access_and_what_stands_around_its_views(store):
    told = answer(
        "object_frameworks",
        """
import pyramid_app
from pyramid.interfaces import IRootFactory
config = pyramid_app.make()
seen = config.introspector
def listed(resource):
    given = resource.__acl__() if callable(resource.__acl__) else resource.__acl__
    for place, (action, who, what) in enumerate(given):
        for one in what if isinstance(what, tuple) else [what]:
            yield [type(resource).__name__, place, action, one if isinstance(one, str) else "ALL_PERMISSIONS"]
root = config.registry.getUtility(IRootFactory)(None)
answer = {
    "acl": sorted([*listed(root), *listed(root["x"]), *listed(pyramid_app.Keeper(None))]),
    "tweens": [t["introspectable"]["name"] for t in seen.get_category("tweens") if t["introspectable"]["type"] == "explicit" or "pyramid_app" in t["introspectable"]["name"]],
    "derivers": [d["introspectable"]["name"] for d in seen.get_category("view derivers")],
    "default": [d["introspectable"]["value"] for d in seen.get_category("default permission")],
}
""",
    )
    ours = rows(store, "SELECT resource, position, action, permission FROM python_pyramid_acl_entries")
    assert told["acl"] == [list(row) for row in ours]
    around = rows(store, "SELECT kind, name FROM python_middlewares WHERE framework = 'pyramid'")
    assert told["tweens"] == ["pyramid_app.timing"]
    assert "logged" in told["derivers"]
    assert told["default"] == ["view"]
    assert around == [
        ("default_permission", "view"),
        ("security_policy", "pyramid_app.Policy"),
        ("tween", "pyramid_app.timing"),
        ("view_deriver", "pyramid_app.logged"),
    ]
    sql = "SELECT name, has_getitem, has_acl, is_root_factory, parent FROM python_pyramid_resources"
    assert rows(store, sql) == [("Folder", 1, 1, 1, None), ("Keeper", 0, 1, 1, None), ("Page", 0, 1, 0, "Folder")]
    guarded = "SELECT pattern, has_auth FROM python_routes WHERE framework = 'pyramid'"
    assert set(rows(store, guarded)) >= {("/admin", 1), ("/open", 0)}


def test_bottle_s_plugins_and_mounts(store):
    told = answer(
        "object_frameworks",
        """
import bottle_app as b
answer = {
    "plugins": [[getattr(p, "__name__", type(p).__name__), where] for app, where in ((b.app, "app"), (b.bottle.default_app(), None)) for p in app.plugins if type(p).__module__ == "bottle_app" or getattr(p, "__module__", "") == "bottle_app"],
    "routes": sorted([r.method, r.rule] for r in b.app.routes if not r.rule.startswith("/inner")) + sorted([r.method, "/inner" + r.rule] for r in b.inner.routes),
}
""",
    )
    installed = rows(store, "SELECT name, target FROM python_bottle_plugins WHERE kind = 'installed'")
    assert sorted(([name.rpartition(".")[2], target] for name, target in installed), key=repr) == sorted(
        told["plugins"], key=repr
    )
    ours = rows(store, "SELECT method, pattern FROM python_routes WHERE framework = 'bottle'")
    assert sorted(map(list, ours)) == sorted(told["routes"])
    assert rows(store, "SELECT name, kind, target FROM python_bottle_plugins WHERE kind <> 'installed'") == [
        ("<b>{{a}}</b>", "view", "page"),
        ("bottle_app.timer", "applied", "home"),
        ("checked", "skipped", "home"),
    ]

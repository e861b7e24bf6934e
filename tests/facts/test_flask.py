"""What Flask says about a running application, and what our rows say."""

import pytest
from running import answer, facts, rows

APP = "from board import create_app\napp = create_app()\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("flask_board", tmp_path_factory.mktemp("flask"))


def test_the_url_map(store):
    told = answer(
        "flask_board",
        APP
        + """
answer = sorted({(m, r.rule) for r in app.url_map.iter_rules() if r.endpoint != "static" for m in r.methods - {"OPTIONS"}
    if m != "HEAD" or r.endpoint == "home"})
""",
    )
    assert [list(row) for row in sorted(store.rows("SELECT method, pattern FROM python_routes"))] == told


def test_handlers_are_known_by_their_definition(store):
    told = answer(
        "flask_board",
        APP
        + """
import inspect
def line(f):
    c = getattr(f, "view_class", None)
    return (inspect.getsourcelines(c)[1] if c else inspect.unwrap(f).__code__.co_firstlineno, inspect.unwrap(f).__name__)
answer = sorted({(line(app.view_functions[r.endpoint])[0], r.rule) for r in app.url_map.iter_rules() if r.endpoint not in {"static", "ping"}})
""",
    )
    ours = rows(
        store,
        """
        SELECT coalesce(min(d.line), s.line), r.pattern FROM python_routes r JOIN sites s ON s.id = r.handler
        LEFT JOIN python_decorators x ON x.target_site = r.handler LEFT JOIN sites d ON d.id = x.site GROUP BY r.handler, r.pattern
        """,
    )
    assert sorted(map(list, ours)) == told


def test_hooks(store):
    told = answer(
        "flask_board",
        APP
        + """
answer = sorted([f.__name__ for fs in app.before_request_funcs.values() for f in fs if f.__module__.startswith("board")]
    + [f.__name__ for f in app.teardown_appcontext_funcs if f.__module__.startswith("board")]
    + [f.__name__ for fs in app.template_context_processors.values() for f in fs if f.__module__.startswith("board")])
""",
    )
    assert sorted(name for (name,) in store.rows("SELECT function FROM python_flask_hooks")) == told


def test_error_handlers(store):
    told = answer(
        "flask_board",
        APP
        + """
answer = sorted([[f.__name__, code, None if code else e.__name__] for codes in app.error_handler_spec.values()
    for code, es in codes.items() for e, f in es.items() if f.__module__.startswith("board")], key=repr)
""",
    )
    ours = rows(store, "SELECT function, code, exception FROM python_flask_error_handlers")
    assert sorted(map(list, ours), key=repr) == told


def test_filters_and_commands(store):
    told = answer(
        "flask_board",
        APP
        + """
import inspect
ours = lambda fs: sorted(n for n, f in fs.items() if getattr(f, "__module__", "").startswith("board"))
answer = [ours(app.jinja_env.filters), ours(app.jinja_env.globals), sorted((c.name, len(c.params)) for c in app.cli.commands.values())]
""",
    )
    kinds = [
        [name for (name,) in store.rows(f"SELECT name FROM python_flask_template_filters WHERE kind = '{kind}'")]
        for kind in ("filter", "global")
    ]
    commands = [list(row) for row in store.rows("SELECT name, options FROM python_flask_cli_commands")]
    assert [*kinds, commands] == told


def test_extensions(store):
    told = answer("flask_board", APP + "answer = sorted(app.extensions)")
    bound = rows(store, "SELECT variable FROM python_flask_extensions WHERE target = 'app'")
    assert {"sqlalchemy", "limiter", "cache", "socketio", "cors"} >= set(told)
    assert bound == [("cache",), ("db",), ("limiter",), ("socketio",), (None,)]
    assert rows(store, "SELECT variable, class_name FROM python_flask_extensions WHERE is_lazy") == [
        ("cache", "Cache"),
        ("db", "SQLAlchemy"),
        ("limiter", "Limiter"),
        ("socketio", "SocketIO"),
    ]


def test_the_factory_and_its_configuration(store):
    assert rows(
        store, "SELECT factory, variable, is_returned, registers_blueprints, calls_init_app FROM python_flask_apps"
    ) == [("create_app", "app", 1, 3, 4)]
    assert rows(store, "SELECT method, source FROM python_flask_config_sources") == [
        ("from_mapping", None),
        ("from_object", "config"),
    ]
    assert rows(store, "SELECT key, constant FROM python_flask_config_values") == [
        ("CACHE_TYPE", "SimpleCache"),
        ("MAX_CONTENT_LENGTH", "1048576"),
        ("SECRET_KEY", "onl***********"),
        ("SQLALCHEMY_DATABASE_URI", "sqlite://"),
    ]


def test_what_guards_a_route_is_said_with_it(store):
    assert rows(store, "SELECT pattern, guard, kind FROM python_route_guards") == [
        ("/account/me/<int:number>", "board.auth.member", "decorator"),
        ("/api/v1/admin", "board.api.only_admins", "hook"),
        ("/api/v1/admin/posts/<int:number>", "board.api.only_admins", "hook"),
    ]
    assert {pattern for (pattern,) in store.rows("SELECT pattern FROM python_routes WHERE has_auth")} == {
        pattern for (pattern,) in store.rows("SELECT pattern FROM python_route_guards")
    }


def test_limits_caches_sockets_and_origins(store):
    assert rows(store, "SELECT function, rate FROM python_flask_rate_limits") == [
        ("login", "5/minute"),
        (None, "200 per day"),
    ]
    assert rows(store, "SELECT function, kind, timeout FROM python_flask_caches") == [("about", "cached", 60)]
    assert rows(store, "SELECT function, event, namespace, has_data FROM python_flask_websockets") == [
        ("chat", "chat", "/room", 1)
    ]
    assert rows(store, "SELECT origin, resource, is_permissive FROM python_flask_cors") == [
        ("https://board.example", "/api/*", 0)
    ]
    assert rows(store, "SELECT endpoint, is_external FROM python_flask_url_builds") == [("pages.about", 1)]

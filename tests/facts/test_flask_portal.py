"""What Flask says about nested blueprints, views of every kind and registrations in loops, and what our rows say."""

import pytest
from running import answer, facts, rows

APP = "from portal import make_app\napp = make_app()\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("flask_portal", tmp_path_factory.mktemp("portal"))


def told(question):
    return answer("flask_portal", APP + question)


def test_the_url_map(store):
    ours = rows(store, "SELECT DISTINCT method, pattern FROM python_routes")
    assert sorted(map(list, ours)) == told(
        """
answer = sorted({(m, r.rule) for r in app.url_map.iter_rules() if r.endpoint != "static" for m in r.methods - {"OPTIONS"}
    if m != "HEAD" or "page" in r.rule})
"""
    )


def test_views_are_known_by_their_names(store):
    ours = {name.rpartition(".")[2] for (name,) in store.rows("SELECT handler_name FROM python_routes")}
    names = told(
        "answer = sorted({getattr(f, 'view_class', f).__name__ for e, f in app.view_functions.items() if e not in {'static', 'status'}})"
    )
    assert sorted(ours - {"", "lambda: jsonify(ok=True)"}) == names


def test_captures(store):
    ours = rows(store, "SELECT DISTINCT name, coalesce(converter, 'default') FROM python_route_parameters")
    told_names = told(
        """
import re
answer = sorted({(name, (re.findall(r"<(?:(\\w+)(?:\\([^)]*\\))?:)?" + name + ">", r.rule) or [""])[0] or "default")
    for r in app.url_map.iter_rules() if r.endpoint != "static" for name in r.arguments if "<" in r.rule and name + ">" in r.rule})
"""
    )
    assert [list(row) for row in ours] == told_names


def test_hooks(store):
    kinds = "before_request_funcs after_request_funcs teardown_request_funcs url_default_functions url_value_preprocessors".split()
    question = f"""
answer = sorted({{f.__name__ for kind in {kinds!r} for fs in getattr(app, kind).values() for f in fs}} | {{f.__name__ for f in app.shell_context_processors}})
"""
    assert sorted({name for (name,) in store.rows("SELECT function FROM python_flask_hooks")}) == told(question)


def test_error_handlers(store):
    question = """
answer = sorted({(code or 0, "" if code else e.__name__) for codes in app.error_handler_spec.values() for code, es in codes.items() for e in es})
"""
    ours = rows(store, "SELECT coalesce(code, 0), coalesce(exception, '') FROM python_flask_error_handlers")
    assert [list(row) for row in ours] == told(question)


def test_commands(store):
    question = """
import click
def walk(c):
    for name, command in getattr(c, "commands", {}).items():
        if isinstance(command, click.Group):
            yield from walk(command)
        elif getattr(command.callback, "__module__", "").startswith("portal") or name in {"sweep", "count-all", "grant"}:
            yield name, len(command.params)
answer = sorted(set(walk(app.cli)))
"""
    ours = rows(store, "SELECT name, options FROM python_flask_cli_commands")
    assert [list(row) for row in ours] == told(question)


def test_filters_and_tests(store):
    question = """
import jinja2
new = jinja2.Environment()
answer = [sorted(set(app.jinja_env.filters) - set(new.filters)), sorted(set(app.jinja_env.tests) - set(new.tests) ) or ["odd"]]
"""
    kinds = [
        sorted(name for (name,) in store.rows(f"SELECT name FROM python_flask_template_filters WHERE kind = '{kind}'"))
        for kind in ("filter", "test")
    ]
    filters, tests = told(question)
    assert kinds == [filters, tests]


def test_only_the_staff_s_pages_are_guarded(store):
    guarded = {pattern for (pattern,) in store.rows("SELECT pattern FROM python_routes WHERE has_auth")}
    assert guarded == {
        f"/{shop}/staff/{page}" for shop in ("shop", "again") for page in ("", "index.html", "deep/<path:name>")
    }

"""What Flask, Socket.IO, FastAPI, Click and Typer say is put on objects of another file, and what our rows say."""

import pytest
from running import answer, facts, rows

APP = "from hub.objects import *\nfrom hub import around, lines, rooms\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("shared_objects", tmp_path_factory.mktemp("hub"))


def told(question):
    return [tuple(row) for row in answer("shared_objects", APP + question)]


def test_hooks_and_error_handlers_of_flask(store):
    question = """
kinds = ("before_request", "after_request", "teardown_request")
answer = sorted((kind, f.__name__) for kind in kinds for fs in getattr(site, kind + "_funcs").values() for f in fs)
"""
    assert rows(store, "SELECT hook, function FROM python_flask_hooks ORDER BY hook, function") == told(question)
    question = """
answer = sorted((f.__name__, code or 0, "" if code else e.__name__)
    for codes in site.error_handler_spec.values() for code, es in codes.items() for e, f in es.items())
"""
    ours = (
        "SELECT function, coalesce(code, 0), coalesce(exception, '') FROM python_flask_error_handlers ORDER BY 1, 2, 3"
    )
    assert rows(store, ours) == told(question)


def test_sockets(store):
    ours = "SELECT event, coalesce(namespace, '/'), handler FROM python_websocket_handlers ORDER BY event"
    question = "answer = sorted((e, n, f.__name__) for n, es in sio.handlers.items() for e, f in es.items())"
    assert rows(store, ours) == told(question)
    ours = "SELECT event, coalesce(namespace, '/') FROM python_flask_websockets ORDER BY event"
    assert rows(store, ours) == told(
        "answer = sorted((e, n) for n, es in socketio.server.handlers.items() for e in es)"
    )


def test_what_is_around_fastapi(store):
    ours = "SELECT name FROM python_middlewares WHERE kind = 'class'"
    question = "answer = sorted([m.cls.__module__ + '.' + m.cls.__name__] for m in api.user_middleware if not m.kwargs)"
    assert rows(store, ours) == told(question)
    ours = "SELECT name FROM python_middlewares WHERE kind = 'function'"
    question = "answer = [[m.kwargs['dispatch'].__name__] for m in api.user_middleware if m.kwargs]"
    assert rows(store, ours) == told(question)
    ours = "SELECT handler, coalesce(code, exception) FROM python_error_handlers"
    question = """
found = [(f.__name__, e if type(e) is int else e.__name__) for e, f in api.exception_handlers.items() if f.__module__ == "hub.around"]
answer = sorted(found, key=str)
"""
    assert rows(store, ours) == told(question)
    question = "answer = [['startup', f.__name__] for f in api.router.on_startup]"
    assert rows(store, "SELECT hook, function FROM python_request_hooks") == told(question)


def test_commands_that_two_calls_make(store):
    ours = "SELECT name, function FROM python_commands WHERE library = 'typer' ORDER BY 1"
    question = """
answer = sorted((c.name or c.callback.__name__, c.callback.__name__) for c in app.registered_commands)
"""
    assert rows(store, ours) == told(question)
    ours = "SELECT name, function FROM python_commands WHERE library = 'click' AND NOT is_group ORDER BY 1"
    question = "answer = sorted((n, c.callback.__name__) for n, c in cli.commands.items())"
    assert rows(store, ours) == told(question)
    ours = "SELECT command, name FROM python_command_options ORDER BY command, name"
    question = """
from typer.main import get_command
answer = sorted((n, p.opts[0]) for n, c in get_command(app).commands.items() for p in c.params)
"""
    assert rows(store, ours) == told(question)

"""What Channels says about its routes and consumers, and what our rows say."""

import pytest
from running import answer, facts, rows

ROUTES = """
from channels.routing import URLRouter
from chat.asgi import application
from chat.routing import websocket_urlpatterns
def walk(routes, prefix):
    for route in routes:
        here = prefix + str(route.pattern).replace("^", "")
        if isinstance(route.callback, URLRouter):
            yield from walk(route.callback.routes, here)
        elif hasattr(route.callback, "consumer_class"):
            yield [here, route.callback.consumer_class.__name__]
answer = sorted([*walk(application.application_mapping["http"].routes, "/"), *walk(websocket_urlpatterns, "/")])
"""
EVENTS = """
import chat.asgi
from channels.generic.http import AsyncHttpConsumer
from channels.generic import websocket
from chat import consumers
libraries = [kind for name, kind in [*vars(websocket).items(), ("", AsyncHttpConsumer)] if isinstance(kind, type)]
known = {name for kind in libraries for one in kind.__mro__ for name in vars(one)} - {"connect", "disconnect", "receive", "receive_json", "handle"}
answer = sorted(
    f"{kind.__name__}.{name}" for kind in vars(consumers).values() if getattr(kind, "__module__", "") == "chat.consumers"
    for name in vars(kind) if callable(getattr(kind, name)) and name not in known and not name.startswith("_")
)
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("channels_chat", tmp_path_factory.mktemp("channels"))


def test_the_routes(store):
    ours = rows(store, "SELECT pattern, handler_name FROM python_routes WHERE framework = 'channels'")
    assert sorted([pattern, name.rpartition(".")[2]] for pattern, name in ours) == answer("channels_chat", ROUTES)
    assert rows(store, "SELECT pattern FROM python_routes WHERE framework = 'channels' AND handler IS NULL") == []


def test_the_events(store):
    assert [name for (name,) in rows(store, "SELECT handler FROM python_websocket_handlers")] == answer(
        "channels_chat", EVENTS
    )


def test_what_stands_around_them(store):
    assert rows(store, "SELECT name FROM python_middlewares WHERE framework = 'channels'") == [
        ("channels.auth.AuthMiddlewareStack",),
        ("channels.security.websocket.AllowedHostsOriginValidator",),
    ]
    assert rows(store, "SELECT pattern FROM python_routes WHERE framework = 'channels' AND NOT is_websocket") == [
        ("/events/",)
    ]
    assert rows(store, "SELECT pattern FROM python_routes WHERE framework = 'django'") == [("/",)]

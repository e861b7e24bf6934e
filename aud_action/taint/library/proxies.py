"""Proxies of Werkzeug: names of a module that stand for what a function gives each time."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.value import UNKNOWN, Value

PROXY = "proxy"
"""The kind of such a value: its references are the function."""


def _proxy(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`LocalProxy(lambda: current_app.extensions["stock"])`."""
    function = given[0] if given else dict(named).get("local", UNKNOWN)
    return Value(refs=function.refs, kind=PROXY) if function.refs else UNKNOWN


CALLS: dict[str, Handler] = {"werkzeug.local.LocalProxy": _proxy, "werkzeug.LocalProxy": _proxy}
"""API path → what a call of it yields, for proxies."""

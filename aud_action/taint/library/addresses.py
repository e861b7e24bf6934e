"""What a host's name resolves to: each address tells of the host, so that a guard on all of them holds for it."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named, argument
from aud_action.taint.library.handler import Handler
from aud_action.taint.values import fold
from aud_action.taint.values.value import ANY, NUMBER, UNKNOWN, Value, all_taints

RESOLVED = "socket.address"
"""The path of what a name resolves to, which is an address and nothing else."""


def _host(given: list[Value], named: Named) -> Value:
    host = argument("0/host", given, named) or UNKNOWN
    if not all_taints(host):
        return UNKNOWN
    return fold.derived(Value(all_taints(host), kind="str"), "netloc").but(paths=(RESOLVED,))


def _resolved(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`getaddrinfo(host, port)`: rows of (family, type, protocol, name, (address, port))."""
    address = Value(items={0: _host(given, named), ANY: NUMBER}, kind="tuple")
    row = Value(items={0: NUMBER, 1: NUMBER, 2: NUMBER, 3: UNKNOWN, 4: address}, kind="tuple")
    return Value(items={0: row, ANY: row}, kind="list")  # the first is what a client connects to


def _listed(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`gethostbyname_ex(host)`: (name, aliases, addresses)."""
    host = _host(given, named)
    rows = Value(items={ANY: host}, kind="list")
    return Value(items={0: host, 1: rows, 2: rows}, kind="tuple")


CALLS: dict[str, Handler] = {
    "socket.getaddrinfo": _resolved,
    "asyncio.get_event_loop().getaddrinfo": _resolved,
    "asyncio.get_running_loop().getaddrinfo": _resolved,
    "anyio.getaddrinfo": _resolved,
    "socket.gethostbyname_ex": _listed,
}

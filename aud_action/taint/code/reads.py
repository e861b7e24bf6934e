"""Pure reads: which expressions give the same text each time, so that a guard on one is believed for the next."""

from __future__ import annotations

from typing import Any

from extractors.flow import code


def read_key(node: Any) -> Any:
    """The identity of a read that gives the same text each time: names, attributes, constant keys. None otherwise."""
    if type(node) is str:
        return node
    if node is None:
        return None
    if node[0] == code.ATTR:
        base = read_key(node[1])
        return None if base is None else (f".{node[2]}", base)
    if node[0] == code.ITEM and type(node[2]) is list and node[2][0] == code.CONST:
        base = read_key(node[1])
        return None if base is None else (f"[{node[2][1]!r}]", base)
    return None


_GETTERS = {"get", "getlist", "get_argument", "getvalue", "getfirst", "get_query_argument", "get_body_argument"}


def call_key(node: Any) -> Any:
    """The identity of `mapping.get("key", …)`: read twice, it is the same text."""
    callee = node[1]
    if type(callee) is not list or callee[0] != code.ATTR or callee[2] not in _GETTERS or node[3]:
        return None
    base = read_key(callee[1])
    if base is None or not all(type(one) is list and one[0] == code.CONST for one in node[2]):
        return None
    if callee[2] == "get" and node[2]:
        return (f"[{node[2][0][1]!r}]", base)  # the same text as `mapping["key"]`
    return (f".{callee[2]}({','.join(repr(one[1]) for one in node[2])})", base)

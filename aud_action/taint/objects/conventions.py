"""What functions that nobody sees do, by what they are called everywhere."""

from __future__ import annotations

import re
from typing import Any

from aud_action.taint.values.value import TEXT, Value

ADDRESSES = frozenset(
    "url_for url_path_for route_url route_path get_absolute_url authorization_url create_authorization_url "
    "get_authorization_url get_authorization_request_url get_authorize_url".split()
)
"""What makes an address of the application's own, or of the provider it logs in with, in whatever framework."""
_RENDERS = re.compile(r"render_(?:\w+_)?templates?(?!\w*str)|render_to_string|(?:\w+_)?url_for")


_STORED_BY_DJANGO = "temporary_file_path"
"""Where Django itself has put what was sent."""


def made_by_name(name: str) -> Value | None:
    """What functions that nobody sees make, by what they are called everywhere: addresses of one's own, and pages, which are escaped."""
    return TEXT if name in ADDRESSES or name == _STORED_BY_DJANGO or _RENDERS.match(name) else None


LOOKUPS = frozenset(
    "filter filter_by exclude get_or_create update_or_create get_or_404 first_or_404 execute executemany fetch fetchone fetchall "
    "fetch_one fetch_all fetchrow fetchval scalar scalars scalar_one scalar_one_or_none".split()
)
"""Queries: what they find isn't what they were asked for."""
_ASKING = re.compile(r"(?:a?get|read|fetch|load|find|retrieve|resolve|lookup)(?:_\w+)?")
_KEYS = re.compile(r"(?:\w+_)?(?:id|pk|uuid|slug|pid)_?")
"""`service.read(id_=number)`: what is found under a key isn't the key."""
_OF_MAPPINGS = frozenset("url params path key default".split())


_STORED = re.compile(r"(?:a?get|fetch|load|find|retrieve|lookup)_\w+(?<!path|_url|name|file)")


def looks_up(
    name: str, positional: list[Value], named: list[tuple[str | None, Value]], nodes: list[Any] | None = None
) -> bool:
    """
    Whether a method asks for what is stored: `get(slug=slug)` too, as the `get` of a mapping or a client isn't called.

    nodes: the positional arguments as they are written: `store.get_rows(table_id)` asks as well.
    """
    if name in LOOKUPS:
        return True
    if nodes and len(nodes) == 1 and type(nodes[0]) is str and _KEYS.fullmatch(nodes[0]):
        return bool(_STORED.fullmatch(name))
    if positional or not named:
        return False
    if name in ("get", "aget"):
        return not any(word in _OF_MAPPINGS for word, _ in named)
    return bool(_ASKING.fullmatch(name)) and any(word is not None and _KEYS.fullmatch(word) for word, _ in named)


def meant(paths: tuple[str, ...]) -> tuple[str, ...]:
    """A generator that can be predicted is what a program falls back on where the system has none."""
    if len(paths) < 2 or not any(one.startswith(("random.SystemRandom.", "secrets.")) for one in paths):
        return paths
    return tuple([one for one in paths if not one.startswith("random.") or one.startswith("random.SystemRandom.")])

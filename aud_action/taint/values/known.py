"""Values of which a constant or an API path is all that is known: they stand in many places, and are made once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from aud_action.taint.values.value import NONE, Value


@lru_cache(maxsize=4096, typed=True)
def constant(value: Any) -> Value:
    """A known constant: the same value for the same one, whose shape is spelled out once."""
    return NONE if value is None else Value(consts=(value,), kind=_KINDS.get(type(value), ""))


@lru_cache(maxsize=4096)
def of_library(path: str) -> Value:
    """What is known by its API path alone: the same value each time."""
    return Value(paths=(path,))


def forget() -> None:
    """Forget the values that are shared: what one link has asked for changes nothing of the next."""
    constant.cache_clear()
    of_library.cache_clear()


_KINDS: dict[type, str] = {str: "str", bytes: "bytes", int: "number", float: "number", bool: "bool"}

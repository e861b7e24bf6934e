"""How often something may be asked, and what is remembered of the answer; Flask's own tables stand with Flask."""

from typing import NamedTuple

from schema.table import table


@table("python_rate_limits", index=("target",))
class RateLimit(NamedTuple):
    """One limit on one handler, class of views, router or application."""

    library: str
    target: str  #: the function or class; the variable of a limiter for a whole application; "" when it has none
    rate: str | None  #: as the library writes it; NULL when not constant
    key: str | None  #: by what requests are told apart
    applies_to: str  #: function, class or application
    is_exempt: bool


@table("python_route_caches", index=("target",))
class RouteCache(NamedTuple):
    """One function whose answer is remembered, or must not be."""

    library: str
    kind: str  #: page, function, never or control
    target: str
    timeout: int | None  #: seconds; NULL when not constant or for ever
    key: str | None  #: what the key is made of, beside the address or the arguments

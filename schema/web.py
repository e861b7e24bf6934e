"""Routes as they are declared, for every framework."""

from typing import NamedTuple

from schema.table import table


@table("python_route_declarations", index=("handler",), hot=True)
class RouteDeclaration(NamedTuple):
    """One HTTP method of one route as it is declared."""

    framework: str
    method: str  #: GET, POST, …; * when any
    pattern: str | None  #: NULL when not constant
    handler: str  #: name of the function or class
    router: str | None  #: the application or router, as written
    endpoint: str | None
    kind: str  #: decorated, added, listed, class, resource or websocket


@table("python_route_parameters")
class RouteParameter(NamedTuple):
    """One capture in the pattern of the declarations at the same site."""

    name: str
    converter: str | None
    regex: str | None
    position: int

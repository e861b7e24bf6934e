"""What handlers send back: responses, redirects, headers, and what they keep in sessions."""

from typing import NamedTuple

from schema.table import table


@table("python_responses", index=("kind",))
class Response(NamedTuple):
    """One response made by a call, raised, or returned as a plain value; its site is that expression."""

    framework: str
    kind: str  #: body, json, file, redirect, stream, template, error or empty
    callee: str  #: exact; "" for a plain value that a handler returns
    content_type: str | None  #: given, else the library's own; NULL when not constant
    status: int | None  #: given, else the library's own; NULL when not constant
    is_html: bool
    template: str | None


@table("python_redirects", index=("target_kind",))
class Redirect(NamedTuple):
    """One redirect, by a call or a `Location` header; same site as its response."""

    framework: str
    callee: str
    target_source: str
    target_kind: str  #: constant, named (built from a route's name), or the shape of the expression
    is_returned: bool  #: returned or raised where it is made


@table("python_header_writes", index=("name",))
class HeaderWrite(NamedTuple):
    """One response header written."""

    framework: str  #: "" when the receiver doesn't tell
    name: str | None  #: in lower case; NULL when not constant
    name_constant: bool
    value_source: str


@table("python_session_writes")
class SessionWrite(NamedTuple):
    """One write to a session, or one change of whose it is."""

    framework: str
    key: str | None
    key_kind: str  #: constant, the shape of the key, or none
    value_source: str  #: what is stored; for log-ins and the like, the call's name

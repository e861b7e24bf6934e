"""Every call and what is given to it."""

from typing import NamedTuple

from schema.table import table


@table("python_calls", index=("callee", "method"), hot=True, unique=True)
class Call(NamedTuple):
    """One call expression."""

    callee: str  #: exact dotted name, with `.__call__` of an instance; "" when it has none
    method: str  #: last segment as written, "" when there is none
    receiver: str | None  #: source of the object the method is called on
    arguments: int
    keywords: int
    has_star: bool
    has_double_star: bool
    is_awaited: bool
    assigned_to: str | None
    context: (
        str  #: what the statement does with it: assign, return, raise, with, decorator, expression, test or argument
    )


@table("python_call_arguments", index=("keyword",), hot=True)
class CallArgument(NamedTuple):
    """One argument of one call; its site is the call's."""

    position: int | None  #: NULL for keywords and `**`
    keyword: str | None
    kind: str  #: the shape of the expression, see extractors.shapes
    source: str
    constant: str | None  #: the folded value: a string as it is, else as Python writes it
    constant_type: str | None  #: str, bool, int, NoneType, tuple, …
    name: str | None  #: the exact name, for names, attributes and calls


@table("python_callees", keyed=True, index=("name",), derived=True)
class Callee(NamedTuple):
    """One exact name that is called, however often."""

    name: str
    calls: int

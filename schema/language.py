"""What single statements and expressions of the language do."""

from typing import NamedTuple

from schema.table import table


@table("python_context_managers", index=("callee",), unique=True)
class ContextManager(NamedTuple):
    """One item of a with statement, or one entered through an exit stack; its site is the expression."""

    callee: str | None  #: exact, for calls
    source: str
    as_name: str | None
    is_async: bool
    position: int  #: in the statement


@table("python_context_manager_classes", unique=True)
class ContextManagerClass(NamedTuple):
    """One context manager the project defines, as a class or as a generator."""

    name: str
    kind: str  #: class or function
    is_async: bool


@table("python_properties")
class Property(NamedTuple):
    """One property of one class; its site is the getter, or the call of `property`."""

    name: str
    class_name: str
    has_setter: bool
    has_deleter: bool
    is_cached: bool
    is_abstract: bool


@table("python_generators", unique=True)
class Generator(NamedTuple):
    """One generator function or generator expression; counts are of its own body only."""

    name: str  #: "" for an expression
    kind: str  #: function or expression
    yields: int
    has_yield_from: bool
    has_send: bool  #: uses what a yield gives back
    is_infinite: bool  #: `while True` around a yield, without a way out
    is_async: bool


@table("python_raises", index=("exception",), unique=True)
class Raise(NamedTuple):
    """One raise statement."""

    exception: str | None  #: exact name; NULL for a bare raise or an expression without a name
    message_source: str | None  #: first argument
    is_reraise: bool
    has_cause: bool  #: `from`


@table("python_comprehensions", unique=True)
class Comprehension(NamedTuple):
    """One comprehension or generator expression."""

    kind: str  #: list, set, dict or generator
    targets: int  #: `for` clauses
    conditions: int
    is_async: bool
    nesting: int  #: comprehensions inside its element


@table("python_matches", unique=True)
class Match(NamedTuple):
    """One match statement."""

    subject: str
    cases: int
    has_wildcard: bool
    patterns: str  #: kinds of pattern seen, sorted, separated by a space

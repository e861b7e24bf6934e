"""Functions, what they take and what they give back."""

from typing import NamedTuple

from schema.table import table


@table("python_functions", hot=True, unique=True)
class Function(NamedTuple):
    """One function, method or lambda."""

    name: str
    qualified_name: str  #: with the module in front
    kind: str  #: function, method, classmethod, staticmethod, property or lambda
    is_async: bool
    is_generator: bool
    is_nested: bool  #: inside another function
    returns: str | None  #: the return annotation, as written
    is_typed: bool  #: every parameter but self and the return are annotated
    has_docstring: bool
    statements: int  #: without docstring and `...`
    body_hash: str  #: of the body's shape: equal for copies that differ in names and constants only


@table("python_parameters", hot=True, unique=True)
class Parameter(NamedTuple):
    """One parameter; its site is the parameter, its scope the function."""

    name: str
    position: int
    kind: str  #: positional_only, positional, var_positional, keyword_only or var_keyword
    annotation: str | None
    default_source: str | None
    default_constant: str | None
    default_type: str | None


@table("python_returns", unique=True)
class Return(NamedTuple):
    """One return of one function (its scope), or the body of a lambda."""

    kind: str  #: the shape of the expression; none for a bare return
    source: str | None
    constant: str | None
    callee: str | None


@table("python_decorators", index=("name", "target_site"), hot=True)
class Decorator(NamedTuple):
    """One decorator on one function or class; its site is the decorator's, shared with its call's."""

    name: str  #: resolved; "" when it has no exact name
    text: str  #: as written, without arguments
    kind: str  #: property, staticmethod, classmethod, abstractmethod, dataclass, overload, fixture, marker, task, cache, or other
    target: str  #: name of what is decorated
    target_kind: str  #: function, method or class
    target_site: int
    position: int  #: 0 is the outermost
    has_arguments: bool
    is_async: bool

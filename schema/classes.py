"""Classes and what they are made of."""

from typing import NamedTuple

from schema.table import table


@table("python_classes", hot=True, unique=True)
class Class(NamedTuple):
    """One class."""

    name: str
    qualified_name: str
    metaclass: str | None
    is_abstract: bool
    is_dataclass: bool
    has_docstring: bool
    methods: int
    attributes: int


@table("python_class_bases", index=("base",), hot=True)
class ClassBase(NamedTuple):
    """One base of one class, or one keyword of its definition."""

    position: int  #: -1 for a keyword
    base: str  #: resolved; "" when it has no exact name
    text: str  #: as written, without arguments
    arguments: str | None  #: the `T` of `Base[T]`
    keyword: str | None
    value: str | None

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
    base: str  #: resolved, of `f()` the name of f; "" when it has no exact name
    text: str  #: as written, without arguments
    arguments: str | None  #: the `T` of `Base[T]`
    keyword: str | None
    value: str | None


@table("python_class_attributes", index=("owner_site",), hot=True)
class ClassAttribute(NamedTuple):
    """One attribute bound in a class body, or on the instance in a method."""

    name: str
    owner: str  #: the class, qualified
    owner_site: int
    level: str  #: class: in the body; instance: in a method, on its first parameter
    annotation: str | None
    annotation_name: str | None  #: the exact name of the annotation, without its arguments
    value_source: str | None
    value_constant: str | None
    value_callee: str | None  #: exact; "" for a call without an exact name
    value_site: int | None  #: of the call, when the value is one
    is_final: bool
    is_class_var: bool


@table("python_class_hierarchies", index=("class_site", "ancestor"), hot=True, derived=True)
class ClassHierarchy(NamedTuple):
    """One ancestor of one class, through the classes of the project; its site is the class."""

    class_site: int
    class_name: str  #: qualified
    ancestor: str  #: exact, re-exports followed
    distance: int  #: 1 for a base
    is_external: bool

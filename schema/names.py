"""What names mean beyond their scope: constants, exports, captures, declarations."""

from typing import NamedTuple

from schema.table import table


@table("python_constants", index=("name",), hot=True, unique=True)
class Constant(NamedTuple):
    """One name of a module bound exactly once, to a constant."""

    name: str
    value: str
    type: str
    is_final: bool


@table("python_exports", index=("name",))
class Export(NamedTuple):
    """One name of a module that another module can import."""

    name: str
    kind: str  #: function, class, variable or import; declared when only `__all__` names it
    is_in_all: bool
    is_reexport: bool  #: imported here
    is_public: bool  #: in `__all__`, or without one no leading underscore


@table("python_scope_declarations", index=("name",))
class ScopeDeclaration(NamedTuple):
    """One name that a function declares global or nonlocal."""

    name: str
    kind: str  #: global or nonlocal
    is_written: bool  #: bound in this function


@table("python_closure_captures")
class ClosureCapture(NamedTuple):
    """One variable of an enclosing function that a nested function or lambda uses; its site is the nested one."""

    name: str
    is_written: bool  #: declared nonlocal and bound
    origin: int  #: site of the function that binds it


@table("python_dynamic_imports", unique=True)
class DynamicImport(NamedTuple):
    """One import made at run time."""

    callee: str
    module: str | None  #: NULL when not constant
    is_constant: bool


@table("python_annotations", index=("base",), unique=True)
class Annotation(NamedTuple):
    """One annotation; its site is the annotation's expression."""

    symbol: str  #: what is annotated
    symbol_kind: str  #: parameter, return, attribute or variable
    annotation: str  #: as written
    base: str  #: exact name of its outermost class, "" when it has none
    is_any: bool
    is_optional: bool
    is_generic: bool  #: has arguments

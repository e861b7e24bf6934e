"""What is compared, asserted and caught: where a program decides."""

from typing import NamedTuple

from schema.table import table


@table("python_comparisons", index=("operator",))
class Comparison(NamedTuple):
    """One comparison with a sensitive name, of a constant text with `in`, or of a constant text with `is`."""

    left_source: str
    left_name: str | None  #: the exact name, for names, attributes and calls
    operator: str  #: ==, !=, in, not in, is or is not; <, <=, > and >= of a length
    right_source: str
    right_name: str | None
    constant: str | None  #: the side that is constant
    constant_side: str | None  #: left or right
    in_test: bool  #: decides a branch, a loop or an assertion


@table("python_asserts")
class Assert(NamedTuple):
    """One assert statement."""

    test: str  #: the condition as written
    message: str | None


@table("python_exception_handlers", index=("action",))
class ExceptionHandler(NamedTuple):
    """One exception type of one handler."""

    exception: str  #: exact name, the text as written when it has none, "" for a bare `except`
    name: str | None  #: the variable it is bound to
    is_bare: bool
    is_broad: bool  #: everything, Exception or BaseException
    is_group: bool  #: `except*`
    action: str  #: pass, continue, return, reraise, log or other: what the body begins with
    tried: str  #: the first statement that is tried, as written
    last_line: int  #: where the handler's body ends


@table("python_conditions", index=("always",))
class Condition(NamedTuple):
    """One condition of a branch or an assertion that is always the same, whatever its names hold."""

    test: str  #: as written
    always: str  #: true or false


@table("python_identity_checks")
class IdentityCheck(NamedTuple):
    """One condition that looks at who the user is, other than by comparing."""

    test: str  #: as written, cut at 200 characters

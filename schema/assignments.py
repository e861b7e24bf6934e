"""What names are bound to."""

from typing import NamedTuple

from schema.table import table


@table("python_assignments", index=("target",), hot=True, unique=True)
class Assignment(NamedTuple):
    """One target bound once; its site is the target."""

    target: str  #: as written: a name, `self.x`, `config["KEY"]`
    target_kind: str  #: name, attribute, subscript or starred
    operator: str  #: =, :, +=, :=, for (comprehensions, too), with, except or match
    position: int | None  #: in an unpacking; -1 for `*rest`
    value_source: str | None
    value_constant: str | None
    value_type: str | None  #: type of the constant, else the shape of the expression
    value_callee: str | None


@table("python_targets", keyed=True, derived=True)
class Target(NamedTuple):
    """One text that something is assigned to, however often: rules compare patterns with these."""

    name: str
    assignments: int

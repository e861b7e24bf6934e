"""What stands in dictionaries that are written out."""

from typing import NamedTuple

from schema.table import table


@table("python_dict_entries", index=("key",))
class DictEntry(NamedTuple):
    """One entry of one dict literal, or call of `dict`, with a constant text as key; its site is the key's. Or a mapping put in by `**`."""

    owner: str | None  #: what the literal is assigned to, as written
    key: str | None  #: NULL for `**`
    value_source: str
    value_kind: str  #: the shape of the expression
    value_constant: str | None
    value_type: str | None  #: type of the constant
    depth: int  #: 1, or more in a literal that is the value of another's entry
    is_spread: bool  #: `**` of another mapping

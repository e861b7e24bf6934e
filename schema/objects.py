"""What objects are that one file makes and others put something on."""

from typing import NamedTuple

from schema.table import table


@table("python_shared_objects", index=("name",), derived=True)
class SharedObject(NamedTuple):
    """The library of one object that a file puts something on and may not have made; its site is the first of it."""

    name: str  #: exact, as the file knows it
    library: str

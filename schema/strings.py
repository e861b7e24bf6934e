"""Strings that are put together from parts."""

from typing import NamedTuple

from schema.table import table


@table("python_string_builds", unique=True)
class StringBuild(NamedTuple):
    """One string built from parts of which at least one is not constant."""

    construction: str  #: fstring, percent, format, concat, join or template
    text: str  #: the constant text, with {} where a value is put in, cut at 200 characters
    holes: int

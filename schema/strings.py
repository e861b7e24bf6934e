"""Strings that are put together from parts, and strings worth a look."""

from typing import NamedTuple

from schema.table import table


@table("python_string_builds", unique=True)
class StringBuild(NamedTuple):
    """One string built from parts of which at least one is not constant."""

    construction: str  #: fstring, percent, format, concat, join or template
    text: str  #: the constant text, with {} where a value is put in, cut at 200 characters
    holes: int


@table("python_notable_strings", index=("kind",), unique=True)
class NotableString(NamedTuple):
    """One constant string, no docstring, that a reader would look at twice."""

    kind: str  #: url, sql, html, path, address, key-block, token or entropy
    value: str  #: cut at 200 characters; of a key-block, token or entropy only the first four
    length: int
    entropy: float  #: bits per character


@table("python_joined_texts")
class JoinedText(NamedTuple):
    """One element of a list, tuple or set of texts that is two texts with no comma between; its site is the element."""

    owner: str | None  #: what the list is assigned to, as written
    text: str  #: cut at 200 characters
    elements: int

"""Regular expressions as they stand in the source."""

from typing import NamedTuple

from schema.table import table


@table("python_regexes")
class Regex(NamedTuple):
    """One constant pattern given to a function of `re` (or `regex`); its site is the call's."""

    function: str  #: compile, match, search, sub, …
    pattern: str  #: cut at 400 characters
    backtracking: str | None  #: exponential, polynomial, or NULL: how the time grows with a text that almost matches
    culprit: str | None  #: the repeated part that causes it

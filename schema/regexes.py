"""Regular expressions as they stand in the source."""

from typing import Final, NamedTuple

from schema.table import table

_RISK: Final = """CASE backtracking WHEN 'exponential' THEN 'nested_quantifier' WHEN 'polynomial' THEN 'overlap'
WHEN 'search' THEN 'restart' ELSE iif(is_constant, 'none', 'unknown') END"""
_MEANING: Final = "what makes it slow: nested_quantifier, overlap, restart, none, or unknown when not constant"


@table("python_regexes", computed={"risk": (str, _RISK, _MEANING)})
class Regex(NamedTuple):
    """One pattern given to a function of `re` (or `regex`), at the call, or where a list has it that a loop goes through."""

    callee: str  #: re.compile, re.match, regex.sub, …
    pattern: str | None  #: cut at 400 characters; NULL when not constant
    flags: str | None  #: as written
    is_constant: bool
    anchored: (
        str  #: full, start or none: how much of a text the pattern and the function hold to; unknown when not constant
    )
    backtracking: (
        str | None
    )  #: exponential, polynomial, search (polynomial where a text is searched), or NULL: how time grows
    culprit: str | None  #: the repeated part that causes it

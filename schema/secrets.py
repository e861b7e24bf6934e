"""What looks like a secret and stands in the source."""

from typing import NamedTuple

from schema.table import table


@table("python_secrets", index=("kind",))
class Secret(NamedTuple):
    """One text that is a credential by its format or by its use. Its value is never stored in full."""

    kind: str  #: the provider's format (github-token, private-key, …), or password, secret, token or key by use
    name: str | None  #: what it is assigned or given to
    place: str  #: format, assignment, argument, default, dict, comparison, fallback or url
    masked: str  #: the first characters, then …
    length: int
    entropy: float  #: bits per character

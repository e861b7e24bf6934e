"""What a file holds that its reader doesn't see."""

from typing import NamedTuple

from schema.table import table


@table("python_hidden_characters")
class HiddenCharacter(NamedTuple):
    """One character that changes how a line looks, or that passes for another."""

    kind: str  #: bidi, invisible or homoglyph
    character: str  #: U+ and its number
    text: str | None  #: the name it stands in, as ASCII with the characters escaped

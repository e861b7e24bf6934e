"""When a text can't do harm any more: its class is cleared, or the characters that its class needs are excluded."""

from __future__ import annotations

from aud_action.taint.values.charset import BIT, MARKS
from aud_action.taint.values.value import Form

SHIFT = 64
"""Masks hold one bit per class below this, one per excluded mark above."""
ALL = (1 << SHIFT + len(MARKS)) - 1

Needs = tuple[int, ...]
"""Alternatives: with all marks of one excluded, the class is harmless."""


def marks(mask: int) -> int:
    """Marks as they stand in a mask."""
    return mask << SHIFT


def needed(texts: list[str]) -> Needs:
    """Alternatives from a model's words: `.. /^` means both excluded."""
    found = []
    for text in texts:
        mask = 0
        for word in text.split(" "):
            mask |= BIT[WORDS.get(word, word)]
        found.append(mask)
    return tuple(found)


WORDS = {"space": " ", "newline": "\n", "lines": "\n\n", "return": "\r", "nul": "\0"}


def harmless(mask: int, bit: int, needs: Needs, before: str | None) -> bool:
    """Whether a hole with such a mask, behind such a literal, is harmless for a class."""
    if mask & bit:
        return True
    excluded = mask >> SHIFT
    if not excluded or not needs:
        return False
    if before != "":  # something stands before the hole: it can't begin the text
        excluded |= BIT["/^"] | BIT["-^"] | BIT["//^"]
    return any(excluded & one == one for one in needs)


def ending(mask: int) -> int:
    """The mask of what ends a path: without `../` its two dots are at most a folder, which nobody can open."""
    return mask | marks(BIT[".."]) if mask >> SHIFT & BIT["../"] else mask


def quoted(form: Form, index: int) -> str:
    """The quote that the hole at an index stands between; "" when it stands in none."""
    inside = ""
    for char in "".join(one for one in form[:index] if isinstance(one, str)):
        if char == inside:
            inside = ""
        elif char in "'\"" and not inside:
            inside = char
    return inside if inside and any(inside in one for one in form[index + 1 :] if isinstance(one, str)) else ""

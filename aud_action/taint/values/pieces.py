"""Stretches of strings of which the text isn't known, but enough to be no hole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Numeral(str):
    """Where some number stands."""

    __slots__ = ()


NUMERAL = Numeral("0")


class Cleared(str):
    """Where something stands of which some classes were cleared, whatever it is: `shlex.quote(unknown)`."""

    __slots__ = ("mask",)
    mask: int


def cleared(mask: int) -> Cleared:
    """Such a stretch; two are the same where they are cleared of the same."""
    made = Cleared(f"x{mask:x}")
    made.mask = mask
    return made


def telling(known: Iterable[Any], more: Iterable[Any]) -> list[Any]:
    """Those of more forms of a text in which somebody's text stands where it stands in none before: behind or in front of other letters."""
    seen = {spot for form in known for spot in _spots(form)}
    found = []
    for form in more:
        spots = _spots(form)
        if not spots <= seen:
            found.append(form)
            seen |= spots
    return found


def _spots(form: Any) -> set[Any]:
    """What fills each hole of a form, between the letters around it."""
    spots = set()
    for index, piece in enumerate(form):
        if not isinstance(piece, str):
            before = form[index - 1][-3:] if index and isinstance(form[index - 1], str) else None
            behind = form[index + 1][:1] if index + 1 < len(form) and isinstance(form[index + 1], str) else None
            spots |= {(taint.token, taint.cleared, before, behind) for taint in piece}
    return spots

"""Stretches of strings of which the text isn't known, but enough to be no hole."""

from __future__ import annotations


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

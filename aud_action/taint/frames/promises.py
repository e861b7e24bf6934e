"""What the ways in which a run ends tell of the texts that it was given."""

from __future__ import annotations

from aud_action.taint.code.frame import Beliefs, Promise, Return
from aud_action.taint.code.labels import Labels


def common(beliefs: list[Beliefs], labels: Labels) -> Beliefs:
    """What holds of each text that a run was given, however it ended."""
    found: Beliefs = {}
    for token in labels.tokens:
        mask = ~0
        for one in beliefs:
            mask &= one.get(token, 0)
        if mask and mask != ~0:
            found[token] = mask
    return found


def promise(returns: list[Return], labels: Labels) -> Promise | None:
    """What the answer of a run tells of the texts that it was given; None when nothing."""
    told = (
        [one for one in returns if _may_count(one, wanted=True)],
        [one for one in returns if _may_count(one, wanted=False)],
        [one for one in returns if one.value.consts is None or None in one.value.consts],
        [one for one in returns if one.value.consts != (None,)],
    )
    sides = [common([one.env.beliefs for one in side], labels) if side else None for side in told]
    if not returns or (sides[0] == sides[1] and sides[2] == sides[3]):
        return None
    return Promise(*sides)


def _may_count(one: Return, wanted: bool) -> bool:
    """Whether a return may give an answer that counts as true (or false)."""
    value = one.value
    if one.truth is not None:
        return one.truth is wanted
    if value.consts is not None:
        return any(bool(each) is wanted for each in value.consts)
    return wanted or not (value.kind == "function" or (value.refs and value.kind in ("object", "class")))

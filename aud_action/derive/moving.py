"""Where lines of a file went, when that is all that changed in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from extractors.flow.facts import File, decode, unpack

Row = tuple[Any, ...]
Lines = dict[int, int]
"""For each line that something stands on, its number now."""
SITES: Final = "sites"
FLOW_FACTS: Final = "python_flow_facts"
BESIDE: Final = {"python_exception_handlers": ("last_line",), "python_suppressions": ("covers_from", "covers_to")}
"""Columns beside those of sites that hold a line of the row's own file and are compared with others, by table."""
_MODULE: Final = "Module"


def lines_moved(old: Mapping[str, Sequence[Row]], new: Mapping[str, Sequence[Row]]) -> Lines | None:
    """
    How lines of one file went from what the walk told of it before to what it tells now.

    None when places are others in more than their lines, or lines no longer follow each other as they did.
    """
    moves: set[tuple[int, int]] = set()
    for one, other in zip(old.get(SITES, ()), new.get(SITES, ()), strict=False):
        # id, file, kind, line, col, end_line, end_col, scope
        if one[:3] != other[:3] or one[4] != other[4] or one[6:] != other[6:]:
            return None
        if one[2] == _MODULE:  # which stands on the first line, whatever that is
            if one != other:
                return None
        else:
            moves |= {(one[3], other[3]), (one[5], other[5])}
    facts = old.get(FLOW_FACTS, ()), new.get(FLOW_FACTS, ())
    if len(old.get(SITES, ())) != len(new.get(SITES, ())) or len(facts[0]) != len(facts[1]):
        return None
    for one, other in zip(*facts, strict=True):
        if one[-1] != other[-1]:
            found = _of_flow(decode(one[-1]), decode(other[-1]))
            if found is None:
                return None
            moves |= found
    return in_order(moves)


def in_order(moves: Iterable[tuple[int, int]]) -> Lines | None:
    """The moves, if lines follow each other as they did."""
    ordered = sorted(moves)
    is_in_order = all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(ordered))
    return dict(ordered) if is_in_order else None


def shift(lines: Lines) -> int | None:
    """By how many lines all of them have moved; None when some went further than others."""
    ways = {after - before for before, after in lines.items()}
    return None if len(ways) > 1 else next(iter(ways), 0)


def _of_flow(old: File, new: File) -> set[tuple[int, int]] | None:
    """The moves of what is followed; None when the code is another."""
    moves: set[tuple[int, int]] = set()
    if len(old.functions) != len(new.functions):
        return None
    for index, (one, other) in enumerate(zip(old.functions, new.functions, strict=True)):
        before, after = [*one.place, *unpack(one.places)], [*other.place, *unpack(other.places)]
        if len(before) != len(after) or before[1::2] != after[1::2]:
            return None
        skip = 4 if index == 0 else 0  # the body of the module, whose place is the first line
        moves.update(zip(before[skip::2], after[skip::2], strict=True))
        one.place = other.place = (0, 0, 0, 0)
        one.places = other.places = b""
    return moves if old == new else None


def moved(rows: Iterable[Row], moves: Mapping[int, Lines]) -> list[Row]:
    """Sites that derivations made, moved with the files that they lie in. Raises KeyError for a line that is not known."""
    return [
        (*row[:3], moves[row[1]][row[3]], row[4], moves[row[1]][row[5]], *row[6:]) if moves.get(row[1]) else row
        for row in rows
    ]

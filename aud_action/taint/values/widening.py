"""
What stands for all calls of a function that is called in many ways, so that its runs come to an end.

Each place in what it is given keeps a label of its own, and what is known of the place is joined with what was known
there in earlier calls: at some call nothing is new any more. A place that holds nothing of a client's in this call has
no taint for its label, and what came of the label is nothing of this caller's.
"""

from __future__ import annotations

from typing import Any

from aud_action.taint.values.value import Label, Taint, Token, Value, join

Path = tuple[Any, ...]


class Widened:
    """What a function was given so far, by one kind of receiver."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []  #: of each place
        self.where: list[str] = []  #: the parameter of each place
        self.known: dict[str, Value] = {}  #: parameter → what stands for all that was given
        self.version = 0
        self._places: dict[Path, int] = {}

    def widen(self, given: dict[str, Value], actual: list[Taint | None]) -> tuple[dict[str, Value], list[Taint | None]]:
        """What stands for some arguments with labels, and the taint of each label; both are new."""
        found: dict[int, Taint | None] = {}
        for name, value in given.items():
            placed = self._placed(value, (name,), actual, found)
            known = self.known.get(name)
            self.known[name] = new = placed if known is None else join(known, placed)
            self.version += new is not known
        return dict(self.known), [found.get(place) for place in range(len(self.tokens))]

    def _placed(self, value: Value, path: Path, actual: list[Taint | None], found: dict[int, Taint | None]) -> Value:
        taints = tuple([self._taint(one, (*path, at), actual, found) for at, one in enumerate(value.taints)])
        items = value.items
        if items is not None:
            items = {key: self._placed(item, (*path, key), actual, found) for key, item in items.items()}
        return value.but(taints=taints, items=items)

    def _taint(self, taint: Taint, path: Path, actual: list[Taint | None], found: dict[int, Taint | None]) -> Taint:
        place = self._places.get(path)
        if place is None:
            place = self._places[path] = len(self.tokens)
            self.tokens.append(Token())
            self.where.append(path[0])
        if isinstance(taint.origin, Label):
            found[place] = actual[taint.origin.number]
        return taint._replace(origin=Label(place), token=self.tokens[place])

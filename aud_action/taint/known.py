"""What runs of a function have shown: which question each asked next, and what came of it with the answers it got."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aud_action.taint.fields import Question, Trail

if TYPE_CHECKING:
    from aud_action.taint.labels import Labels
    from aud_action.taint.landing import Outcome


class Known:
    """
    Runs that are equal up to here.

    They ask the same next, for a run depends on nothing but what it was told: the answers tell them apart.
    """

    __slots__ = ("further", "outcome", "question")

    def __init__(self) -> None:
        self.question: Question | None = None
        self.further: dict[object, Known] = {}
        self.outcome: Outcome | None = None

    def find(self, labels: Labels) -> Outcome | None:
        """What came of a run that was told what these labels tell."""
        node = self
        while node.question is not None:
            found = node.further.get(labels.ask(node.question))
            if found is None:
                return None
            node = found
        return node.outcome

    def add(self, trail: Trail, outcome: Outcome) -> None:
        """Note what came of a run."""
        node = self
        for question, answer in trail.items():
            if node.question != question:  # state of the program has changed since
                node.question, node.further, node.outcome = question, {}, None
            node = node.further.setdefault(answer, Known())
        node.question, node.further, node.outcome = None, {}, outcome

    def outcomes(self) -> Iterator[Outcome]:
        """All that came of the runs."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if node.outcome is not None:
                yield node.outcome
            waiting += node.further.values()

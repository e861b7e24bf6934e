"""What an analysis leaves out: said of one function where one limit is met, of the whole where its time or memory is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aud_action.taint.flow import Gap
from aud_action.taint.limits.stop import Exhausted, Gone

if TYPE_CHECKING:
    from aud_action.taint.code.program import FunctionRef
    from aud_action.taint.limits.budget import Budget


class Shortfall:
    """Each limit that was met, once."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.incomplete: dict[str, None] = {}  #: why the whole was cut short
        self.gaps: dict[Gap, None] = {}
        self.cuts: set[Gap] = set()  #: those that left out callers of one function: what they pass is unknown, no more

    def failed(self, function: FunctionRef, error: Exception) -> None:
        """A function can't be analysed: said, not hidden."""
        if isinstance(error, RecursionError):
            self.gap(function, "is nested too deeply")
        else:  # a mistake of ours
            self.incomplete[f"{function.module.path}: {function.facts.qualified}: {type(error).__name__}: {error}"] = (
                None
            )

    def cut(self, function: FunctionRef, why: str) -> None:
        """Something that may hide a flow is left out: said, but to a question half an answer is none. Raises Exhausted."""
        if self._budget.is_question:
            raise Exhausted(why)
        self.cuts.add(self.gap(function, why))

    def gap(self, function: FunctionRef, why: str) -> Gap:
        """A limit is met behind a function: said, not hidden."""
        name = function.facts.qualified if function.index else "the module"
        found = (f"{name} {why}", function.place)
        self.gaps[found] = None
        return found

    def exhausted(self, function: FunctionRef, reason: Exhausted) -> None:
        """What a function runs ends early, for its own limit or for the whole analysis'."""
        if isinstance(reason, Gone):
            self.incomplete[str(reason)] = None
        else:
            self.gap(function, str(reason))

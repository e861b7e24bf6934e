"""What a run of a function did, and how it reaches the caller."""

from __future__ import annotations

from typing import NamedTuple

from aud_action.taint.frame import Beliefs, Env, Frame, Promise
from aud_action.taint.labels import Labels
from aud_action.taint.program import FunctionRef
from aud_action.taint.sinks import Reached
from aud_action.taint.trace import Hop, Place, Visit
from aud_action.taint.value import Label, Taint, Token, Value, each_taint


class Outcome(NamedTuple):
    """What a run of a function did, in terms of the labels it was given."""

    value: Value
    outs: dict[str, Value]  #: parameters whose object was changed
    believed: Beliefs  #: what holds once it returned
    promise: Promise | None  #: what its answer tells
    flows: tuple[Reached, ...]
    labels: tuple[Token, ...]
    ends: bool  #: whether it ever returns


class Landing:
    """Brings what a run did in terms of labels back to the caller's values."""

    def __init__(
        self, frame: Frame, function: FunctionRef, place: Place | None, labels: Labels, outcome: Outcome
    ) -> None:
        self.frame = frame
        self.root = place is None  #: nobody calls it: the framework does
        self.function = function
        self.place = place or function.place
        self.actual = labels.actual
        self.where = labels.where
        self.outcome = outcome
        self.tokens = {token: taint.token for token, taint in zip(outcome.labels, labels.actual, strict=False)}

    def token(self, token: Token) -> Token:
        """The caller's text for one of the run's."""
        known = self.tokens.get(token)
        if known is None:
            parent = None if token.parent is None else self.token(token.parent)
            known = self.tokens[token] = Token(parent, token.relation)
        return known

    def taint(self, taint: Taint, back: bool) -> Taint:
        """A taint of the run as the caller sees it."""
        name = self.function.facts.name
        if not isinstance(taint.origin, Label):
            trace = Hop(taint.trace, self.place, f"is returned by `{name}`") if back else taint.trace
            return taint._replace(token=self.token(taint.token), trace=trace)
        actual = self.actual[taint.origin.number]
        if self.root:
            return taint._replace(origin=actual.origin, token=self.token(taint.token))
        message = f"is passed to `{name}` as `{self.where[taint.origin.number].lstrip('^')}`"
        trace = Visit(actual.trace, self.place, message, taint.trace, f"is returned by `{name}`" if back else "")
        if back and taint.trace is None:
            trace = actual.trace if name == "<lambda>" else trace
        return taint._replace(
            origin=actual.origin,
            token=self.token(taint.token),
            trace=trace,
            confidence=actual.confidence * taint.confidence // 100,
        )

    def value(self, value: Value) -> Value:
        """A value of the run as the caller sees it."""
        return each_taint(value, lambda taint: self.taint(taint, back=True))

    def flow(self, reached: Reached) -> None:
        """A label that reached a sink: so does what the caller passed."""
        taint = self.taint(reached.taint, back=False)
        confidence = reached.confidence * self.actual[reached.taint.origin.number].confidence // 100  # type: ignore[union-attr] # a label
        self.frame.machine.reached(reached._replace(taint=taint, confidence=confidence))

    def believe(self, env: Env, token: Token, mask: int) -> None:
        """What the run showed of a text."""
        env.believe(self.tokens[token], mask)

    def promise(self) -> Promise | None:
        """What the answer tells of the caller's texts."""
        told = self.outcome.promise
        if told is None:
            return None
        sides = [None if one is None else {self.tokens[t]: mask for t, mask in one.items()} for one in told]
        return Promise(sides[0], sides[1])

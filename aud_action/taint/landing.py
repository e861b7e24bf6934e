"""What a run of a function did, and how it reaches the caller."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from aud_action.taint.fields import Held
from aud_action.taint.frame import Beliefs, Env, Frame, Names, Promise
from aud_action.taint.labels import Labels
from aud_action.taint.program import Closure, FunctionRef, Partial
from aud_action.taint.sinks import Reached
from aud_action.taint.trace import Hop, Place, Visit
from aud_action.taint.value import CAPTURES, Label, Taint, Token, Value, all_taints, each_taint, join_taints

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine

_NO_FUNCTIONS = 3
"""Depth from which what functions captured is left as it is."""


class Outcome(NamedTuple):
    """What a run of a function did, in terms of the labels it was given."""

    value: Value
    outs: dict[str, Value]  #: parameters whose object was changed
    believed: Beliefs  #: what holds once it returned
    promise: Promise | None  #: what its answer tells
    flows: tuple[Reached, ...]
    labels: tuple[Token, ...]
    raised: Value  #: exceptions that leave it
    stores: dict[Any, Value]  #: state of modules and classes that it changed
    ends: bool  #: whether it ever returns
    home: object  #: the run


_GUESS = 60


def guessed(machine: Machine, given: dict[str, Value]) -> Value:
    """What a call yields that isn't followed: perhaps what it is given, though not all that an object holds."""
    told = machine.told_mask
    return Value(
        tuple(
            [
                one._replace(confidence=one.confidence * _GUESS // 100, cleared=one.cleared | told)
                for one in _carried(given.values())
            ]
        )
    )


def too_deep(machine: Machine, function: FunctionRef, given: Iterable[Value], deepest: int) -> None:
    """A call so deep that it isn't followed: said, when it is given what somebody may have chosen."""
    if _carried(given):
        path, name = function.module.path, function.facts.qualified
        machine.incomplete[f"{path}: {name} is called more than {deepest} calls deep"] = None


def _carried(given: Iterable[Value]) -> tuple[Taint, ...]:
    taints: tuple[Taint, ...] = ()
    for value in given:
        taints = join_taints(taints, value.taints if value.is_object else all_taints(value))
    return taints


class Landing:
    """Brings what a run did in terms of labels back to the caller's values."""

    def __init__(
        self, frame: Frame, function: FunctionRef, place: Place | None, labels: Labels, outcome: Outcome
    ) -> None:
        self.frame = frame
        self.root = place is None  #: nobody calls it: the framework does
        self.function = function
        self.place = place or function.place
        self.givens = labels.givens
        self.passed = labels.passed
        self.actual = labels.actual
        self.where = labels.where
        self.outcome = outcome
        self.scopes: dict[int, Names] = {}
        self.landed: dict[int, Taint | None] = {}
        pairs = zip(outcome.labels, labels.actual, strict=False)
        self.tokens = {token: taint.token for token, taint in pairs if taint is not None}

    def token(self, token: Token) -> Token:
        """The caller's text for one of the run's."""
        known = self.tokens.get(token)
        if known is None:
            parent = None if token.parent is None else self.token(token.parent)
            known = self.tokens[token] = Token(parent, token.relation)
        return known

    def taint(self, taint: Taint, back: bool) -> Taint | None:
        """A taint of the run as the caller sees it."""
        name = self.function.facts.name
        if not isinstance(taint.origin, Label):
            trace = Hop(taint.trace, self.place, f"is returned by `{name}`") if back else taint.trace
            return Taint(taint.origin, self.token(taint.token), taint.cleared, taint.state, trace, taint.confidence)
        if taint.origin.number >= len(self.actual):
            return None  # a label of another run, kept where labels don't belong
        actual = self.actual[taint.origin.number]
        if actual is None:
            return None
        if self.root:
            return taint._replace(origin=actual.origin, token=self.token(taint.token))
        message = f"is passed to `{name}` as `{self.where[taint.origin.number].lstrip('^')}`"
        trace = Visit(actual.trace, self.place, message, taint.trace, f"is returned by `{name}`" if back else "")
        if back and taint.trace is None:
            trace = actual.trace if name == "<lambda>" else trace
        confidence = actual.confidence * taint.confidence // 100
        return Taint(actual.origin, self.token(taint.token), taint.cleared, taint.state, trace, confidence)

    def value(self, value: Value, depth: int = 6) -> Value:
        """A value of the run as the caller sees it."""
        holds = value.holds
        if not holds or not depth:
            return value
        made = each_taint(value, self._back, 0) if value.taints else value
        refs, items = value.refs, value.items
        if refs and holds & CAPTURES and depth > _NO_FUNCTIONS:
            refs = tuple([self._reference(one, depth - 1) for one in refs])
            refs = value.refs if all(one is old for one, old in zip(refs, value.refs, strict=True)) else refs
        if items is not None:
            items = self._fields(items, depth) if type(items) is Held else self._items(items, depth)
        return made if refs is value.refs and items is value.items else made.but(refs=refs, items=items)

    def _items(self, items: dict[Any, Value], depth: int) -> dict[Any, Value]:
        landed = items
        for key, item in items.items():
            if (new := self.value(item, depth - 1)) is not item:
                landed = items.copy() if landed is items else landed
                landed[key] = new
        return landed

    def _fields(self, fields: Held, depth: int) -> dict[Any, Value]:
        """The fields of an object as the caller sees them: those that the run didn't set are the caller's own."""
        if fields.given.home is not self.outcome.home:
            return fields
        landed = source = self.givens[fields.given.index].source
        for name, item in fields.set_alone():
            landed = source.copy() if landed is source else landed
            landed[name] = self.value(item, depth - 1)
        return landed

    def _back(self, taint: Taint) -> Taint | None:
        """A taint that the caller gets back; one taint may stand in many places."""
        known = self.landed.get(id(taint), taint)
        if known is taint:
            known = self.landed[id(taint)] = self.taint(taint, back=True)
        return known

    def _reference(self, ref: Any, depth: int) -> Any:
        if isinstance(ref, Promise):
            return self._promise(ref)
        if isinstance(ref, Partial):
            named = {name: self.value(one, depth) for name, one in ref.named.items()}
            positional = [self.value(one, depth) for one in ref.positional]
            return Partial(self.value(ref.callee, depth), positional, named, ref.method)
        if not isinstance(ref, Closure) or (ref.receiver is None and not ref.scope):
            return ref
        receiver = None if ref.receiver is None else self.value(ref.receiver, depth)
        scope = self._scope(ref, depth)
        if receiver is ref.receiver and scope is ref.scope:
            return ref
        return Closure(ref.function, scope, ref.owner, receiver, ref.kind)

    def _scope(self, ref: Closure, depth: int) -> Names | None:
        """What a function captured, as the caller sees it."""
        scope = ref.scope
        if not scope:
            return scope
        known = self.scopes.get(id(scope))
        if known is not None:
            return known
        self.scopes[id(scope)] = made = Names(scope, scope.home)
        changed = False
        for name in sorted(ref.function.mentions & scope.keys()):
            if isinstance(scope[name], Value):
                made[name] = self.value(scope[name], depth)
                changed = changed or made[name] is not scope[name]
        if not changed:
            self.scopes[id(scope)] = scope
        return self.scopes[id(scope)]

    def flow(self, reached: Reached) -> None:
        """A label that reached a sink: so does what the caller passed."""
        taint = self.taint(reached.taint, back=False)
        if taint is None:
            return
        actual = self.actual[reached.taint.origin.number]  # type: ignore[union-attr] # a label
        confidence = reached.confidence * (100 if actual is None else actual.confidence) // 100
        self.frame.machine.reached(reached._replace(taint=taint, confidence=confidence))

    def believe(self, env: Env, token: Token, mask: int) -> None:
        """What the run showed of a text."""
        env.believe(self.token(token), mask)

    def promise(self) -> Promise | None:
        """What the answer tells of the caller's texts."""
        told = self.outcome.promise
        if told is None:
            return None
        return self._promise(told)

    def _promise(self, told: Promise) -> Promise:
        return Promise(*[None if one is None else {self.token(t): mask for t, mask in one.items()} for one in told])

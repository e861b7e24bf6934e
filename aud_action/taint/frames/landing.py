"""What a run of a function did, and how it reaches the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from aud_action.taint.code.frame import Beliefs, Env, Frame, Names, Promise
from aud_action.taint.code.labels import Labels
from aud_action.taint.code.program import Closure, FunctionRef, Partial
from aud_action.taint.flaws.sinks import Reached
from aud_action.taint.values.changes import Seen, each_taint, perhaps
from aud_action.taint.values.trace import Place, hop, visit
from aud_action.taint.values.value import ANY, CAPTURES, Label, Taint, Token, Value, join_taints

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine


class Outcome(NamedTuple):
    """What a run of a function did, in terms of the labels it was given."""

    value: Value
    outs: dict[str, Value]  #: parameters whose object was changed
    given: dict[str, Value]  #: the same before
    believed: Beliefs  #: what holds once it returned
    promise: Promise | None  #: what its answer tells
    flows: tuple[Reached, ...]
    labels: tuple[Token, ...]
    raised: Value  #: exceptions that leave it
    stores: dict[Any, Value]  #: state of modules and classes that it changed
    ends: bool  #: whether it ever returns


def guessed(machine: Machine, given: dict[str, Value]) -> Value:
    """What a call yields that isn't followed: perhaps what it is given."""
    told = machine.told_mask
    taints: tuple[Taint, ...] = ()
    for value in given.values():
        taints = join_taints(taints, perhaps(value))
    return Value(tuple([one.clearing(told) for one in taints]))


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
        self.scopes: dict[int, Names] = {}
        self.landed: dict[int, Taint | None] = {}
        self.seen: Seen = {}
        self.tokens = {
            token: taint.token for token, taint in zip(outcome.labels, labels.actual, strict=False) if taint is not None
        }

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
            trace = hop(taint.trace, self.place, f"is returned by `{name}`") if back else taint.trace
            return Taint(taint.origin, self.token(taint.token), taint.cleared, taint.state, trace, taint.confidence)
        if taint.origin.number >= len(self.actual):
            return None  # a label of another run, kept where labels don't belong
        actual = self.actual[taint.origin.number]
        if actual is None:
            return None
        if self.root:
            return taint._replace(origin=actual.origin, token=self.token(taint.token))
        message = f"is passed to `{name}` as `{self.where[taint.origin.number].lstrip('^')}`"
        trace = visit(actual.trace, self.place, message, taint.trace, f"is returned by `{name}`" if back else "")
        if back and taint.trace is None:
            trace = actual.trace if name == "<lambda>" else trace
        confidence = actual.confidence * taint.confidence // 100
        return Taint(actual.origin, self.token(taint.token), taint.cleared, taint.state, trace, confidence)

    def value(self, value: Value) -> Value:
        """A value of the run as the caller sees it."""
        return self._references(each_taint(value, self._back, self.seen), 3) if value.holds else value

    def kept(self, value: Value) -> Value:
        """What a run keeps in state, as the caller sees it: nothing comes back to him."""
        if not value.holds:
            return value
        return self._references(each_taint(value, lambda taint: self.taint(taint, back=False)), 3)

    def changed(self, after: Value, given: Value, own: Value) -> Value:
        """What a run has made of what it was given, as the caller sees it: what it left as it was is the caller's own."""
        if after is given:
            return own
        if (
            after.items is None
            or given.items is None
            or own.items is None
            or (ANY in given.items) != (ANY in own.items)
        ):
            return self.value(after)
        items: dict[Any, Value] = {}
        for key in [*own.items, *(key for key in after.items if key not in own.items)]:
            now, before, mine = after.items.get(key), given.items.get(key), own.items.get(key)
            if now is None:
                if before is None and mine is not None:
                    items[key] = mine  # the run didn't even know of it
            elif now is not before:
                items[key] = self.value(now) if before is None or mine is None else self.changed(now, before, mine)
            elif mine is not None:
                items[key] = mine
        if not after.taints and not after.refs:
            return after.but(items=items)
        return self.value(after.but(items={})).but(items=items)

    def _back(self, taint: Taint) -> Taint | None:
        """A taint that the caller gets back; one taint may stand in many places."""
        known = self.landed.get(id(taint), taint)
        if known is taint:
            known = self.landed[id(taint)] = self.taint(taint, back=True)
        return known

    def _references(self, value: Value, depth: int) -> Value:
        """The value with what the functions in it captured as the caller sees it."""
        if not value.holds & CAPTURES:
            return value
        refs, items = value.refs, value.items
        if refs and depth:
            refs = tuple([self._reference(one, depth) for one in refs])
            refs = value.refs if all(one is old for one, old in zip(refs, value.refs, strict=True)) else refs
        if items is not None and depth:
            for key, item in items.items():
                if (new := self._references(item, depth - 1)) is not item:
                    items = {**items, key: new}
        return value if refs is value.refs and items is value.items else value.but(refs=refs, items=items)

    def _reference(self, ref: Any, depth: int) -> Any:
        if isinstance(ref, Promise):
            return self._promise(ref)
        if isinstance(ref, Partial):
            named = {name: self._inside(one, depth) for name, one in ref.named.items()}
            positional = [self._inside(one, depth) for one in ref.positional]
            return Partial(self._inside(ref.callee, depth), positional, named, ref.method)
        if not isinstance(ref, Closure) or (ref.receiver is None and not ref.scope):
            return ref
        receiver = None if ref.receiver is None else self._inside(ref.receiver, depth)
        scope = self._scope(ref, depth)
        if receiver is ref.receiver and scope is ref.scope:
            return ref
        return Closure(ref.function, scope, ref.owner, receiver, ref.kind)

    def _inside(self, value: Value, depth: int) -> Value:
        changed = each_taint(value, self._back, self.seen)
        return self._references(changed, depth - 1)

    def _scope(self, ref: Closure, depth: int) -> Names | None:
        """What a function captured, as the caller sees it."""
        scope = ref.scope
        if not scope:
            return scope
        known = self.scopes.get(id(scope))
        if known is not None:
            return known
        self.scopes[id(scope)] = made = Names.of(scope, scope.home)
        changed = False
        for name in sorted(ref.function.mentions & scope.keys()):
            if isinstance(scope[name], Value):
                made[name] = self._inside(scope[name], depth)
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
        env.believe(self.token(token), mask, self.frame.machine.models.relations)

    def promise(self) -> Promise | None:
        """What the answer tells of the caller's texts."""
        told = self.outcome.promise
        if told is None:
            return None
        return self._promise(told)

    def _promise(self, told: Promise) -> Promise:
        return Promise(*[None if one is None else {self.token(t): mask for t, mask in one.items()} for one in told])

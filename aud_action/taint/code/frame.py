"""One run of one function: what its names hold at the point that is being looked at, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from aud_action.taint.code.reads import read_key
from aud_action.taint.values.changes import Seen, each_taint, own_taints
from aud_action.taint.values.trace import Place, hop
from aud_action.taint.values.value import ANY, NEVER, UNKNOWN, Taint, Token, Value, join

if TYPE_CHECKING:
    from aud_action.taint.code.program import Closure, FunctionRef
    from aud_action.taint.machine import Machine

Beliefs = dict[Token, int]
"""Text → classes for which a guard on this path has shown it harmless."""


Aliases = Mapping[Any, tuple[object, Any]]
"""Read → the object that it is, and the code of the read."""
_NONE: Mapping[str, int] = {}
_APART: Aliases = {}


class Names(dict[str, Any]):
    """The names of one run of a function; those of its branches share its home, so that a closure finds the latest."""

    __slots__ = ("home",)
    home: object

    @classmethod
    def of(cls, names: Mapping[str, Any], home: object = None) -> Names:
        """Some names, of a run of their own when no other is given."""
        made = cls(names)
        made.home = object() if home is None else home
        return made


def shared(scope: Names | None, names: Names | None) -> bool:
    """Whether both are names of the same run."""
    return scope is not None and names is not None and scope.home is names.home


class Env:
    """What is known at one point of a function."""

    __slots__ = ("aliases", "beliefs", "reads", "rebound", "vars")

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.vars = names if type(names) is Names else Names.of(names)
        self.reads: dict[Any, Value] = {}  #: pure reads seen before: the same text again
        self.beliefs: Beliefs = {}
        self.aliases: Aliases = _APART
        self.rebound: set[str] = set()

    def copy(self) -> Env:
        """The same knowledge, free to change."""
        twin = Env.__new__(Env)
        twin.vars = Names.of(self.vars, self.vars.home)
        twin.reads = self.reads.copy()
        twin.beliefs = self.beliefs.copy()
        twin.aliases = self.aliases
        twin.rebound = self.rebound.copy()
        return twin

    def bind(self, name: str, value: Any) -> None:
        """Give a name a new value."""
        self.vars[name] = value
        self.rebound.add(name)
        self.forget(name)
        if self.aliases:
            self.aliases = {key: one for key, one in self.aliases.items() if _root(key) != name}

    def alias(self, nodes: list[Any]) -> None:
        """Note that names, attributes or elements (by their code) are one object from here on."""
        known = [(key, node) for node in nodes if (key := read_key(node)) is not None]
        if len(known) > 1:
            group = next((self.aliases[key][0] for key, _ in reversed(known) if key in self.aliases), object())
            self.aliases = {**self.aliases, **{key: (group, node) for key, node in known}}

    def part(self, node: Any) -> None:
        """Forget what else an attribute or element is: it is given another object."""
        if self.aliases and (key := read_key(node)) in self.aliases:
            self.aliases = {one: held for one, held in self.aliases.items() if one != key}

    def forget(self, name: str) -> None:
        """Drop the reads that start from a name."""
        if self.reads:
            for key in [key for key in self.reads if _root(key) == name]:
                del self.reads[key]

    def believe(self, token: Token, mask: int, relations: Mapping[str, int] = _NONE) -> None:
        """
        Note that a guard on this path holds for a text, and for what it was made from unchanged.

        relations: how a text was made from another → the classes for which a guard on it holds for the other as well.
        """
        link: Token | None = token
        while link is not None and mask:
            self.beliefs[link] = self.beliefs.get(link, 0) | mask
            if link.relation != "same":
                mask &= relations.get(link.relation, 0)
            link = link.parent

    def cleared(self, taint: Taint) -> int:
        """Every class for which a taint is harmless here."""
        return taint.cleared | _believed(taint.token, self.beliefs) if self.beliefs else taint.cleared

    def settled(self, value: Value) -> Value:
        """A value with this path's beliefs written into it: it is about to leave the path."""
        if not self.beliefs:
            return value

        def settle(taint: Taint) -> Taint:
            return taint.clearing(_believed(taint.token, self.beliefs))

        return each_taint(value, settle, marks=_marks(self.beliefs))


def _believed(token: Token, beliefs: Beliefs) -> int:
    """The classes for which a text is believed to be harmless: for itself, or for what it was made from."""
    mask, link = 0, token
    while True:
        mask |= beliefs.get(link, 0)
        if link.parent is None:
            return mask
        link = link.parent


def _marks(beliefs: Beliefs) -> int:
    """The marks of what may be made from some texts."""
    marks = 0
    for token in beliefs:
        marks |= token.own
    return marks


def _root(key: Any) -> Any:
    while isinstance(key, tuple):
        key = key[1]
    return key


def meet(left: Env | None, right: Env | None) -> Env | None:
    """What is known where two branches meet; None is a branch that never gets there."""
    if left is None or right is None:
        return left or right
    if left is right:
        return left
    beliefs: Beliefs = {}
    if left.beliefs or right.beliefs:
        both = left.beliefs.keys() & right.beliefs.keys()
        beliefs = {token: left.beliefs[token] & right.beliefs[token] for token in both}
        _settle(left, beliefs)
        _settle(right, beliefs)
    merged = Env(Names.of(left.vars, left.vars.home))
    names = merged.vars
    for name, other in right.vars.items():
        value = names.get(name)
        if value is not other:
            names[name] = other if value is None else _met(value, other)
    if left.reads and right.reads:
        both_read = left.reads.keys() & right.reads.keys()
        merged.reads = {key: join(left.reads[key], right.reads[key]) for key in both_read}
    merged.aliases = left.aliases
    if left.aliases is not right.aliases:
        merged.aliases = {key: one for key, one in left.aliases.items() if right.aliases.get(key) == one}
    merged.beliefs = {token: mask for token, mask in beliefs.items() if mask}
    merged.rebound = left.rebound | right.rebound
    return merged


def _met(left: Any, right: Any) -> Any:
    if isinstance(left, Value) and isinstance(right, Value):
        return join(left, right)
    return left if isinstance(right, Value) and right.kind == "none" else right


def _settle(env: Env, kept: Beliefs) -> None:
    """Write into a path's values those of its beliefs that don't hold beyond it. kept: those that do."""
    lost = {token: gone for token, mask in env.beliefs.items() if (gone := mask & ~kept.get(token, 0))}
    if not lost:
        return
    masks: dict[Token, int] = {}  # a text is in many values, and made of the same others in each
    marks, seen = _marks(lost), Seen()

    def settle(taint: Taint) -> Taint:
        mask = masks.get(taint.token)
        if mask is None:
            mask = masks[taint.token] = _believed(taint.token, lost)
        return taint.clearing(mask)

    for names in (env.vars, env.reads):
        for name, value in names.items():
            if isinstance(value, Value) and value.marks & marks:
                names[name] = each_taint(value, settle, seen, marks)


class Return(NamedTuple):
    """One way in which a function ends normally."""

    value: Value
    env: Env
    truth: bool | None


class Promise(NamedTuple):
    """What a call's answer tells of the texts it was given; None for an answer that it never gives."""

    then: Beliefs | None
    otherwise: Beliefs | None
    none: Beliefs | None  #: if it is None
    some: Beliefs | None  #: if it isn't

    @property
    def captures(self) -> bool:
        """It speaks of texts of the run that made it."""
        return True

    def applied(self, then: Env, otherwise: Env, relations: Mapping[str, int]) -> tuple[Env | None, Env | None]:
        """The environments after the answer."""
        return _told(then, self.then, relations), _told(otherwise, self.otherwise, relations)

    def compared(
        self, answer: object, equal: Env, other: Env, relations: Mapping[str, int]
    ) -> tuple[Env | None, Env | None]:
        """The environments where the answer is the one that it was compared with, and where it isn't."""
        sides = (self.none, self.some) if answer is None else (self.then, self.otherwise)
        if answer is False:
            sides = (self.otherwise, self.then)
        return _told(equal, sides[0], relations), _told(other, sides[1], relations)


def _told(env: Env, told: Beliefs | None, relations: Mapping[str, int]) -> Env | None:
    for token, mask in (told or {}).items():
        env.believe(token, mask, relations)
    return None if told is None else env


class Frame:
    """One run of one function."""

    __slots__ = (
        "annotations", "borrowed", "breaks", "caught", "closure", "continues", "depth", "entered", "function", "globals", "handed",
        "imports", "last_call", "last_value", "machine", "module", "promises", "raised", "returns", "sent", "stars", "thrown", "yielded",
    )  # fmt: skip

    def __init__(self, machine: Machine, closure: Closure, depth: int) -> None:
        self.machine = machine
        self.closure = closure
        self.function: FunctionRef = closure.function
        self.module = closure.function.module
        self.depth = depth
        self.returns: list[Return] = []
        self.raised: list[Value] = []  #: exceptions that nothing has caught yet
        self.thrown: list[Env] | None = None  #: what is known at each `raise` inside a `try`
        self.caught: Value | None = None  #: the exception that is being handled
        self.yielded = NEVER
        self.sent = UNKNOWN
        self.handed: frozenset[FunctionRef] = frozenset()  #: functions that the run was given
        self.breaks: list[list[Env]] = []
        self.continues: list[list[Env]] = []
        self.globals: set[str] = set()
        self.imports: dict[str, tuple[Any, str]] = {}  #: name imported in the function → module and name there
        self.borrowed: set[str] = set()  #: names of an enclosing function that an inner one needs
        self.annotations: dict[str, Any] = {}
        self.entered: dict[Any, Taint] = {}  #: sources met, so that each is one text
        self.last_call: Any = None
        self.last_value: Value = UNKNOWN
        self.promises: Promise | None = None  #: what the call just made tells if it was true, or false
        self.stars: list[Any] = []

    def told(self) -> Promise | None:
        """What the call just made promises, once."""
        promises, self.promises = self.promises, None
        return promises

    def place(self, at: int) -> Place:
        """The place with an index."""
        return self.function.at(at)

    def step(self, value: Value, at: int, message: str) -> Value:
        """The value after a step worth telling."""
        if not value.taints or at < 0:
            return value
        place = self.place(at)
        return own_taints(value, lambda taint: taint._replace(trace=hop(taint.trace, place, message)))


def keyed(key: Any) -> Any:
    """A dictionary key as an element's key: a constant, or ANY."""
    if isinstance(key, Value) and key.consts is not None and len(key.consts) == 1:
        one = key.consts[0]
        return one if isinstance(one, (str, int, bytes)) else repr(one)
    if isinstance(key, Value) and key.kind == "tuple" and key.items and not key.taints:
        parts = [keyed(part) for part in key.items.values()]
        return ANY if ANY in parts or ANY in key.items else repr(tuple(parts))
    return ANY

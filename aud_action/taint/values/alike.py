"""
Whether a file's facts are, to a link, what they were: all that it read of them still stands there, perhaps on other lines.

Functions whose statements nobody read may hold anything. Of the body of a module or class, statements that only give a
name a plain meaning may come and go while nobody looks for that name: imports, constants, functions. Docstrings may say
anything. Everything else must be the same code; what refers to a function by its number is compared by which function it
means. A link of the new facts then takes the very steps that the one of the old facts took.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from extractors.flow import code
from extractors.flow.facts import Class, File, Function, encode, unpack

_PLACED = frozenset({
    code.ATTR, code.ITEM, code.CALL, code.ADD, code.BIN, code.TEXT, code.TEMPLATE, code.EACH, code.SET_TO, code.CHANGE, code.RETURN,
    code.FOR, code.TYPED,
})  # fmt: skip
"""Constructs that end with an index into a table of places."""
_INSIDE = "<locals>"
_LAMBDA = "<lambda>"
_ALL_NAMES = frozenset({"locals", "vars", "globals", "dir", "exec", "eval"})
"""Functions that see every name of where they are called."""
Places = dict[int, int]
"""Index of a place before → the one now."""
Statement = list[Any]


class Other(Exception):  # no error: the answer is no
    """Something that was read is another now."""


class Alike(NamedTuple):
    """How a file's facts now correspond to those before."""

    functions: dict[int, int]  #: index of a function before → now
    lines: dict[int, int]  #: line of what was read before → now


def alike(
    old: File, new: File, read: Collection[int], asked: Collection[str], members: Mapping[int, Collection[str]]
) -> Alike:
    """
    The correspondence of what was read of a file. Raises Other where it is another.

    read: indices of functions whose statements were read. asked: names that were looked for in modules. members: names
    that were looked for in classes, for those of which nobody has gone through all.
    """
    bodies = {old.classes[index].body: names for index, names in members.items()}
    return _Comparison(old, new, read, {**bodies, 0: asked}).compared()


class _Comparison:
    """Two versions of one file, of which parts were read."""

    def __init__(self, old: File, new: File, read: Collection[int], asked: Mapping[int, Collection[str]]) -> None:
        self.old, self.new, self.asked = old, new, asked
        numbers = {key: index for index, key in enumerate(_keys(new.functions))}
        pairs = ((index, numbers.get(key)) for index, key in enumerate(_keys(old.functions)))
        self.functions = {index: now for index, now in pairs if now is not None}
        self.is_still = all(index == now for index, now in self.functions.items())
        self.classes = {one.body for one in old.classes}
        homes = {home for index in read if (home := self._home(old.functions[index]))}
        self.read = frozenset(read) | homes  # defaults are evaluated where the function stands
        self.around = {old.functions[index].qualified for index in self.read}
        self.places: dict[int, Places] = {index: {} for index in asked}  #: of bodies whose statements may come and go
        self.moves: set[tuple[int, int]] = set()

    def compared(self) -> Alike:
        old, new = self.old, self.new
        if set(old.changed) != set(new.changed) or old.dropped or new.dropped:
            raise Other
        if self.read - self.functions.keys() or len(old.classes) != len(new.classes) or self._has_lone_methods():
            raise Other
        if any(one >= other for one, other in pairwise([self.functions[index] for index in sorted(self.read)])):
            raise Other
        for one, other in zip(old.classes, new.classes, strict=True):
            self._class(one, other)
        for index, now in self.functions.items():
            if index:
                self._function(index, now)
            if index in self.read and index in self.asked:
                self._open(index)
        for index, places in self.places.items():
            self._placed(index, places)
        ordered = sorted(self.moves)
        if not all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(ordered)):
            raise Other
        return Alike(self.functions, dict(ordered))

    def _has_lone_methods(self) -> bool:
        """Whether a method came or went that is the only one: whether a class has any decides when its bases are looked for."""
        met = set(self.functions.values())
        there = {self.old.functions[index].owner for index in self.functions}
        gone = (one for index, one in enumerate(self.old.functions) if index not in self.functions)
        come = (one for index, one in enumerate(self.new.functions) if index not in met)
        return any(one.owner >= 0 and one.owner not in there for one in (*gone, *come))

    def _class(self, old: Class, new: Class) -> None:
        """The head of a class. Its body is one of the functions."""
        if (old.name, old.qualified) != (new.name, new.qualified) or self.functions.get(old.body) != new.body:
            raise Other
        places = None if "." in old.qualified else self.places[0]
        self._same(_head_of_class(old), _head_of_class(new), places)

    def _function(self, index: int, now: int) -> None:
        old, new = self.old.functions[index], self.new.functions[now]
        home, is_read = self._home(old), index in self.read
        is_seen = old.qualified.rpartition(f".{_INSIDE}.")[0] in self.around if home is None else home in self.read
        if is_read or is_seen:
            if (old.owner, old.asynchronous, old.generator, old.stores) != (
                new.owner, new.asynchronous, new.generator, new.stores,
            ):  # fmt: skip
                raise Other
            self._same(_head(old), _head(new), None if home is None else self.places.get(home))
            captures = home is None or old.name == _LAMBDA or (is_read and index not in self.classes)
            if captures and _mentioned(self.old, old) != _mentioned(self.new, new):
                raise Other
            if home is None and any(one.default is not None for one in old.parameters):
                self._move(old.place, new.place)  # its defaults are evaluated there
        if is_read and index not in self.asked:
            self._body(old, new)

    def _home(self, function: Function) -> int | None:
        """The function in whose table the places of another's head stand; None for one inside of a function."""
        if function.owner >= 0:
            return self.old.classes[function.owner].body
        return None if _INSIDE in function.qualified else 0

    def _body(self, old: Function, new: Function) -> None:
        """The same statements, at the same places, but for their lines."""
        body = unpack(old.body)
        if not (self.is_still and old.body == new.body):
            self._same(body, unpack(new.body), None)
        before, after = [*old.place, *unpack(old.places)], [*new.place, *unpack(new.places)]
        for at in sorted(_definitions(body), reverse=True):  # where they end is nobody's business
            del before[at * 4 + 4 : at * 4 + 8], after[at * 4 + 4 : at * 4 + 8]
        self._move(before, after)

    def _move(self, before: Sequence[int], after: Sequence[int]) -> None:
        if len(before) != len(after) or before[1::2] != after[1::2]:
            raise Other
        self.moves.update(zip(before[::2], after[::2], strict=True))

    def _placed(self, index: int, places: Places) -> None:
        """What corresponds stands at the same columns."""
        if not places:
            return
        sides = (self.old.functions[index], self.new.functions[self.functions[index]])
        tables = [unpack(one.places) for one in sides]
        for before, after in places.items():
            self._move(*(table[at * 4 : at * 4 + 4] for table, at in zip(tables, (before, after), strict=True)))

    def _open(self, index: int) -> None:
        """The body of a module or of a class, statement by statement."""
        old, new = (unpack(one.body) for one in (self.old.functions[index], self.new.functions[self.functions[index]]))
        kept, gone, come = _sides(old, new, lambda one, other: self._is_same(one, other, self.places[index]))
        if index and not all(
            _is_plain_member(one, file) for side, file in ((gone, self.old), (come, self.new)) for one in side
        ):
            raise Other
        names = {name for one in gone for name in _given(one, self.old)}
        names |= {name for one in come for name in _given(one, self.new)}
        spoken = {name for one in (*kept, *map(_head_of_class, self.old.classes)) for name in _words(one)}
        for file in (self.old, self.new):  # they see the names of where they stand
            spoken.update(*(_mentioned(file, one) for one in file.functions if one.name == _LAMBDA))
        met = names & spoken or not names.isdisjoint(self.asked[index]) or spoken & _ALL_NAMES
        if names and met:
            raise Other

    def _is_same(self, old: Statement, new: Statement, places: Places) -> bool:
        met: Places = {}  # no place belongs to two statements
        try:
            self._same(old, new, met)
        except Other:
            return False
        places.update(met)
        return True

    def _same(self, old: Any, new: Any, places: Places | None) -> None:
        """Compare code. places: what corresponds so far; None where each must have the index that it had."""
        if type(old) is not list or type(new) is not list:
            if type(old) is not type(new) or old != new:
                raise Other
            return
        if len(old) != len(new):
            raise Other
        kind = old[0] if old and type(old[0]) is int else -1
        if kind == code.DO and new[0] == kind and _is_constant(old[1]) and _is_constant(new[1]):
            return  # what a docstring says
        if kind == code.CONST:
            if encode(old) != encode(new):
                raise Other
        elif kind in (code.DEF, code.LAMBDA):
            if new[0] != kind or self.functions.get(old[1]) != new[1]:
                raise Other
            self._parts(old[2:3], new[2:3], False, places)
        elif kind == code.TRY:
            self._parts([kind, old[1], *old[3:]], [new[0], new[1], *new[3:]], False, places)
            if len(old[2]) != len(new[2]):
                raise Other
            for one, other in zip(old[2], new[2], strict=True):
                self._parts(one, other, True, places)
        else:
            self._parts(old, new, kind in _PLACED, places)

    def _parts(self, old: list[Any], new: list[Any], is_placed: bool, places: Places | None) -> None:
        if len(old) != len(new):
            raise Other
        if is_placed and places is not None:
            before, after = old[-1], new[-1]
            if (before < 0) != (after < 0) or (before >= 0 and places.setdefault(before, after) != after):
                raise Other
            old, new = old[:-1], new[:-1]
        for one, other in zip(old, new, strict=True):
            self._same(one, other, places)


def _keys(functions: Sequence[Function]) -> Iterator[tuple[str, int]]:
    """What each function is known by: its qualified name, and which of those of that name it is."""
    seen: Counter[str] = Counter()
    for one in functions:
        yield one.qualified, seen[one.qualified]
        seen[one.qualified] += 1


def _mentioned(file: File, function: Function) -> frozenset[str]:
    return frozenset(file.names[index] for index in function.mentions)


def _head(function: Function) -> Any:
    """Parameters and what is returned, as lists."""
    parameters = [[one.name, one.kind, one.annotation, one.default] for one in function.parameters]
    return unpack(encode([parameters, function.returns]))


def _head_of_class(one: Class) -> Any:
    return unpack(encode([one.bases, one.keywords, one.decorators]))


def _definitions(tree: Any) -> Iterator[int]:
    """The places of the functions that some code defines."""
    if type(tree) is list:
        if tree and tree[0] == code.DEF and type(tree[0]) is int:
            yield tree[3]
        for one in tree:
            yield from _definitions(one)


def _words(tree: Any) -> Iterator[str]:
    """Every text in some code, names among them."""
    if type(tree) is str:
        yield tree
    elif type(tree) is list:
        for one in tree:
            yield from _words(one)


def _sides(
    old: list[Statement], new: list[Statement], is_same: Callable[[Statement, Statement], bool]
) -> tuple[list[Statement], list[Statement], list[Statement]]:
    """Statements that stayed, that went and that came. Raises Other when one went or came that does more than to give a name."""
    kept: list[Statement] = []
    gone: list[Statement] = []
    come: list[Statement] = []
    left, right = list(reversed(old)), list(reversed(new))
    while left or right:
        if left and right and is_same(left[-1], right[-1]):
            kept.append(left.pop())
            right.pop()
        elif right and _is_plain(right[-1]) and not (left and _is_plain(left[-1]) and len(left) > len(right)):
            come.append(right.pop())
        elif left and _is_plain(left[-1]):
            gone.append(left.pop())
        else:
            raise Other
    return kept, gone, come


def _is_plain(statement: Statement) -> bool:
    """Whether a statement does no more than to give names a meaning of which nothing is computed."""
    kind = statement[0]
    if kind == code.DO:
        return _is_constant(statement[1])
    if kind == code.SET_TO:
        return all(type(one) is str for one in statement[1]) and _is_constant(statement[2])
    if kind == code.TYPED:
        value = statement[3]
        return type(statement[1]) is str and (value is None or (_is_constant(value) and value[0] != code.SOME))
    if kind == code.IMPORT:
        return bool(statement[3] != "*")
    return kind == code.DEF and not statement[2]


def _is_plain_member(statement: Statement, file: File) -> bool:
    """Whether a plain statement in a class is no field, and no method that stores anything in its object or is told of heirs."""
    kind = statement[0]
    function = file.functions[statement[1]] if kind == code.DEF else None
    return kind != code.TYPED and not (function and (function.stores or function.name == "__init_subclass__"))


def _is_constant(value: Any) -> bool:
    if type(value) is not list:
        return False
    kind = value[0]
    if kind == code.MINUS:
        return _is_constant(value[1])
    if kind in (code.TUPLE, code.LIST, code.SET):
        return all(map(_is_constant, value[1]))
    if kind == code.DICT:
        return all(_is_constant(key) and _is_constant(one) for key, one in value[1])
    return kind in (code.CONST, code.SOME)


def _given(statement: Statement, file: File) -> list[str]:
    """The names to which a plain statement gives a meaning."""
    kind = statement[0]
    if kind == code.SET_TO:
        return list(statement[1])
    if kind == code.DEF:
        return [file.functions[statement[1]].name]
    return [statement[1]] if kind in (code.TYPED, code.IMPORT) else []

"""
Whether a file's facts are, to a link, what they were: all that it read of them still stands there, perhaps on other lines.

Functions whose statements nobody read may hold anything. Of a module's body, statements that only give a name a plain
meaning may come and go while nobody looks for that name: imports, constants, functions. Everything else must be the
same code; what refers to a function by its number is compared by which function it means. A link of the new facts then
takes the very steps that the one of the old facts took.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from extractors.flow import code
from extractors.flow.facts import Class, File, Function, encode, unpack

_PLACED = frozenset({
    code.ATTR, code.ITEM, code.CALL, code.ADD, code.BIN, code.TEXT, code.EACH, code.SET_TO, code.CHANGE, code.RETURN,
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


def alike(old: File, new: File, read: Collection[int], asked: Collection[str]) -> Alike:
    """
    The correspondence of what was read of a file. Raises Other where it is another.

    read: indices of functions whose statements were read. asked: names that were looked for in modules.
    """
    return _Comparison(old, new, read).compared(asked)


class _Comparison:
    """Two versions of one file, of which parts were read."""

    def __init__(self, old: File, new: File, read: Collection[int]) -> None:
        self.old, self.new = old, new
        numbers = {key: index for index, key in enumerate(_keys(new.functions))}
        pairs = ((index, numbers.get(key)) for index, key in enumerate(_keys(old.functions)))
        self.functions = {index: now for index, now in pairs if now is not None}
        self.is_still = all(index == now for index, now in self.functions.items())
        homes = {home for index in read if (home := self._home(old.functions[index]))}
        self.read = frozenset(read) | homes  # defaults are evaluated where the function stands
        self.around = {old.functions[index].qualified for index in self.read}
        self.moves: set[tuple[int, int]] = set()

    def compared(self, asked: Collection[str]) -> Alike:
        old, new = self.old, self.new
        if set(old.changed) != set(new.changed) or old.dropped or new.dropped:
            raise Other
        if self.read - self.functions.keys() or len(old.classes) != len(new.classes):
            raise Other
        if any(self._unpaired_methods()):  # whether a class has any decides when its bases are looked for
            raise Other
        if any(one >= other for one, other in pairwise([self.functions[index] for index in sorted(self.read)])):
            raise Other
        top: Places = {}
        for one, other in zip(old.classes, new.classes, strict=True):
            self._class(one, other, top)
        for index, now in self.functions.items():
            if index:
                self._function(index, now, top)
        if 0 in self.read:
            self._module(top, asked)
        tables = [unpack(one.functions[0].places) for one in (old, new)]
        for before, after in top.items():
            self._move(*(table[at * 4 : at * 4 + 4] for table, at in zip(tables, (before, after), strict=True)))
        ordered = sorted(self.moves)
        if not all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(ordered)):
            raise Other
        return Alike(self.functions, dict(ordered))

    def _unpaired_methods(self) -> Iterator[Function]:
        met = set(self.functions.values())
        yield from (
            one for index, one in enumerate(self.old.functions) if index not in self.functions and one.owner >= 0
        )
        yield from (one for index, one in enumerate(self.new.functions) if index not in met and one.owner >= 0)

    def _class(self, old: Class, new: Class, top: Places) -> None:
        """The head of a class. Its body is one of the functions."""
        if (old.name, old.qualified) != (new.name, new.qualified) or self.functions.get(old.body) != new.body:
            raise Other
        self._same(_head_of_class(old), _head_of_class(new), None if "." in old.qualified else top)

    def _function(self, index: int, now: int, top: Places) -> None:
        old, new = self.old.functions[index], self.new.functions[now]
        home, is_read = self._home(old), index in self.read
        is_seen = old.qualified.rpartition(f".{_INSIDE}.")[0] in self.around if home is None else home in self.read
        if is_read or is_seen:
            if (old.owner, old.asynchronous, old.generator, old.stores) != (
                new.owner, new.asynchronous, new.generator, new.stores,
            ):  # fmt: skip
                raise Other
            self._same(_head(old), _head(new), top if home == 0 else None)
            captures = home is None or old.name == _LAMBDA
            if (is_read or captures) and _mentioned(self.old, old) != _mentioned(self.new, new):
                raise Other
            if home is None and any(one.default is not None for one in old.parameters):
                self._move(old.place, new.place)  # its defaults are evaluated there
        if is_read:
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

    def _module(self, top: Places, asked: Collection[str]) -> None:
        """The body of the module, statement by statement."""
        old, new = (unpack(one.functions[0].body) for one in (self.old, self.new))
        kept, gone, come = _sides(old, new, lambda one, other: self._is_same(one, other, top))
        names = {name for one in gone for name in _given(one, self.old)}
        names |= {name for one in come for name in _given(one, self.new)}
        spoken = {name for one in (*kept, *map(_head_of_class, self.old.classes)) for name in _words(one)}
        for file in (self.old, self.new):  # they see the names of where they stand
            spoken.update(*(_mentioned(file, one) for one in file.functions if one.name == _LAMBDA))
        if names and not (names.isdisjoint(asked) and names.isdisjoint(spoken) and spoken.isdisjoint(_ALL_NAMES)):
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

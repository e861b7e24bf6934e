"""What a derivation reads, noted while it runs: unless a change touches that, its rows stay what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from aud_action.derive.moving import BESIDE, FLOW_FACTS, SITES, Lines, in_order, lines_moved, shift
from aud_action.store import Row, Store
from schema import TABLES, Table

Reads = dict[frozenset[str], set[int] | None]
"""Columns, as `table.column`, and the files whose rows were read; all of them when None."""
Touched = dict[str, set[int]]
"""Columns, as `table.column`, and the files in whose rows they are another than before; ANY stands for every file."""
ANY: Final = -1
Rows = Mapping[str, Sequence[Row]]
"""One file's rows, by table."""
_BESIDE: Final = [f"{name}.{column}" for name, columns in BESIDE.items() for column in columns]
_LINES: Final = {f"{SITES}.line": SITES, f"{SITES}.end_line": SITES} | {column: column for column in _BESIDE}
ORDER: Final = {column: f"{kind}.order" for column, kind in _LINES.items()} | {
    f"{FLOW_FACTS}.facts": f"{FLOW_FACTS}.code"
}
"""What is read of a column by who asks which line stands before which, and never for a line's number."""
DISTANCE: Final = {column: f"{kind}.distance" for column, kind in _LINES.items()}
"""What is read of it by who asks how far lines of a file are from each other, too."""
BY_NAME: Final = {table.name: table for table in TABLES.values()}


class Memory(NamedTuple):
    """What a derivation kept of its last run, and the rows then and now of the files that have changed since."""

    kept: bytes
    before: Mapping[int, Rows]
    now: Mapping[int, Rows]


class Reading(Store):
    """A store that remembers what is read from it."""

    def __init__(self, store: Store, name: str, *, ordered: bool = False, memory: Memory | None = None) -> None:
        self.path, self._db, self._known = store.path, store._db, store._known  # noqa: SLF001  # the same connection
        self._whole, self.name = store.whole, name
        self.reads: Reads = {}
        self.ordered = ordered  #: the numbers of lines are read to compare them with each other alone
        self.memory = memory
        self.kept = b""  #: what the derivation wants to find there the next time
        self.parts: dict[str, Reading] = {}  #: what is kept of the program for several derivations

    def rows(self, sql: str, parameters: tuple[Any, ...] = (), of: Iterable[int] | None = None) -> Iterator[Row]:
        """The rows of a query. of: the files in whose rows alone it looks."""
        columns = self.columns(sql, parameters)
        if self.ordered:
            columns = frozenset(ORDER.get(column, column) for column in columns)
        known = self.reads.get(columns, set())
        self.reads[columns] = None if of is None or known is None else known | set(of)
        return super().rows(sql, parameters)

    def look(self, name: str) -> None:
        """Note that something beside the tables is read."""
        self.reads[frozenset({name})] = None

    @property
    def whole(self) -> Store:
        """The store that is read."""
        return self._whole

    def apart(self, name: str) -> Reading:
        """For what several derivations share: what it reads is noted by itself."""
        return Reading(self.whole, name)

    def use(self, part: Store) -> None:
        """Note that all that the shared part reads, now or later, is read here."""
        if isinstance(part, Reading):
            self.parts[part.name] = part

    def noted(self) -> dict[str, Noted]:
        """What was read here and in the shared parts, by name."""
        found = {self.name: Noted(self.reads, frozenset(self.parts))}
        for part in self.parts.values():
            found |= part.noted()
        return found


class Record:
    """What the derivations of the last whole run read, and what has changed since; then, what those of this run read."""

    def __init__(
        self,
        noted: dict[str, Noted] | None = None,
        touched: Touched | None = None,
        moves: dict[int, Lines] | None = None,
        memories: dict[str, Memory] | None = None,
    ) -> None:
        self.noted = noted or {}
        self.touched = touched or {}
        self.moves = moves or {}  #: files of which nothing but the lines of places is another
        self.memories = memories or {}
        self.kept: dict[str, bytes] = {}  #: what derivations keep for the next run
        self._readings: list[Reading] = []
        self._skipped: list[str] = []

    @property
    def is_idle(self) -> bool:
        """Whether derivations are known, and none of them reads what has changed."""
        return bool(self.noted) and not any(is_touched(name, self.noted, self.touched) for name in self.noted)

    def can_skip(self, name: str) -> bool:
        """Whether nothing that a derivation read is another than before."""
        skip = not is_touched(name, self.noted, self.touched)
        if skip:
            self._skipped.append(name)
        return skip

    def reading(self, store: Store, name: str, *, ordered: bool) -> Reading:
        """The store for a derivation that runs."""
        self._readings.append(Reading(store, name, ordered=ordered, memory=self.memories.get(name)))
        return self._readings[-1]

    def carry(self, name: str, moved: Callable[[bytes, Mapping[int, Lines]], bytes]) -> None:
        """A derivation that doesn't run goes on keeping what it kept, with the lines that have moved."""
        if name in self.memories:
            kept = self.memories[name].kept
            self.kept[name] = moved(kept, self.moves) if self.moves else kept

    def touch(self, table: Table) -> None:
        """A derivation has given a table other rows."""
        self.touched.update({column: {ANY} for column in _every(table)})

    def forget(self, name: str) -> None:
        """A derivation was cut short: it runs again, whatever changes."""
        self._readings = [reading for reading in self._readings if reading.name != name]

    def plain(self) -> dict[str, Any]:
        """What was read, as lists and words."""
        return {name: one.plain() for name, one in sorted(self.noted.items())}

    def finish(self) -> None:
        """What was read in this run takes the place of what was read in the last one."""
        found: dict[str, Noted] = {}
        for reading in self._readings:
            if reading.kept:
                self.kept[reading.name] = reading.kept
            for name, one in reading.noted().items():
                found[name] = one.joined(found.get(name))
        pending = list(self._skipped)
        while pending:
            name = pending.pop()
            found[name] = self.noted[name].joined(found.get(name))
            pending += self.noted[name].parts
        self.noted = found


def changed(before: Mapping[int, Rows], after: Mapping[int, Rows]) -> tuple[Touched, dict[int, Lines]]:
    """The columns whose values are others, by what was in the tables of each file before and is now; and where lines went."""
    found: Touched = {}
    moves: dict[int, Lines] = {}
    for file in before.keys() | after.keys():
        old, new = before.get(file, {}), after.get(file, {})
        columns = {
            column
            for name in old.keys() | new.keys()
            for column in _differing(BY_NAME[name], old.get(name, []), new.get(name, []))
        }
        if columns & ORDER.keys():
            lines = lines_moved(old, new)
            if lines is not None:
                moves[file] = lines
            held = {column for column in _BESIDE if column.partition(".")[0] in old.keys() | new.keys()}
            columns |= _unlike(columns & ORDER.keys() | held, lines, old, new)
        for column in columns:
            found.setdefault(column, set()).add(file)
    return found, moves


def _unlike(columns: set[str], lines: Lines | None, old: Rows, new: Rows) -> set[str]:
    """What of the order of lines, and of how far they are apart, is another in these columns. lines: where those of places went."""
    found = set()
    for column in sorted(columns):
        if lines is not None and column in _BESIDE:
            more = in_order(lines.items() | _pairs(column, old, new))
            if more is None:
                found |= {ORDER[column], DISTANCE[column]}
                continue
            lines = more
        if lines is None:
            found.add(ORDER[column])
        if (lines is None or shift(lines) is None) and column in DISTANCE:
            found.add(DISTANCE[column])
    return found


def _pairs(column: str, old: Rows, new: Rows) -> set[tuple[int, int]]:
    """The lines that a column's rows held and hold; what is no line any more where the rows are others."""
    name, _, word = column.partition(".")
    place = _names(BY_NAME[name]).index(word)
    before, now = old.get(name, ()), new.get(name, ())
    if [row[0] for row in before] != [row[0] for row in now]:
        return {(0, 1), (1, 0)}
    return {(one[place], other[place]) for one, other in zip(before, now, strict=True)}


def _differing(table: Table, old: Sequence[Row], new: Sequence[Row]) -> Iterator[str]:
    if [row[0] for row in old] != [row[0] for row in new]:
        yield from _every(table)
        return
    names = zip(_names(table), zip(*old, strict=True), zip(*new, strict=True), strict=True)
    differing = [column for column, one, other in names if one != other]
    for column in [*differing, *(table.computed if differing else ())]:  # what is computed may follow from any of them
        yield f"{table.name}.{column}"


def _names(table: Table) -> list[str]:
    site = [] if table.keyed or table.unique else ["site"]
    return [table.key, *site, *(column.name for column in table.columns)]


def _every(table: Table) -> list[str]:
    """All columns of a table, and that it has rows at all."""
    return [f"{table.name}.{name}" for name in ("", "ROWID", *_names(table), *table.computed)]


class Noted:
    """What one derivation, or one shared part, has read."""

    def __init__(self, reads: Reads, parts: frozenset[str]) -> None:
        self.reads = reads
        self.parts = parts

    def joined(self, other: Noted | None) -> Noted:
        """What either has read."""
        if other is None:
            return self
        reads = dict(self.reads)
        for columns, files in other.reads.items():
            mine = reads.get(columns, set())
            reads[columns] = None if mine is None or files is None else mine | files
        return Noted(reads, self.parts | other.parts)

    def plain(self) -> list[Any]:
        """As lists and words."""
        reads = [[sorted(columns), None if files is None else sorted(files)] for columns, files in self.reads.items()]
        return [sorted(self.parts), sorted(reads, key=lambda one: (one[0], one[1] or []))]

    @classmethod
    def of_plain(cls, given: Any) -> Noted:
        """What `plain` made. Raises TypeError and ValueError for anything else."""
        parts, reads = given
        if not all(isinstance(word, str) for word in parts):
            raise TypeError(parts)
        found: Reads = {}
        for columns, files in reads:
            if not all(isinstance(word, str) for word in columns):
                raise TypeError(columns)
            found[frozenset(columns)] = None if files is None else {int(file) for file in files}
        return cls(found, frozenset(parts))


def is_touched(name: str, noted: Mapping[str, Noted], touched: Touched) -> bool:
    """Whether a change reaches what was read under a name; what is not known is."""
    if name not in noted:
        return True
    one = noted[name]
    return any(_meet(columns, files, touched) for columns, files in one.reads.items()) or any(
        is_touched(part, noted, touched) for part in one.parts
    )


def _meet(columns: frozenset[str], files: set[int] | None, touched: Touched) -> bool:
    for column in columns & touched.keys():
        where = touched[column]
        if files is None or ANY in where or files & where:
            return True
    return False

"""Tables of a database: what clients have stored in their columns, for others to read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from aud_action.taint.code.frame import Frame
from aud_action.taint.code.program import ClassRef
from aud_action.taint.frames.scopes import Scope
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.fold import part
from aud_action.taint.values.harmless import SHIFT
from aud_action.taint.values.trace import hop
from aud_action.taint.values.value import ANY, NEVER, UNKNOWN, Source, Taint, Token, Value, all_taints, join

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine

_ORM = {
    "django.db.models.Model", "sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.declarative_base()",
    "sqlalchemy.ext.declarative.declarative_base()", "flask_sqlalchemy.SQLAlchemy.Model", "flask_sqlalchemy.SQLAlchemy().Model",
    "peewee.Model", "sqlmodel.SQLModel", "tortoise.models.Model", "mongoengine.Document", "odmantic.Model", "beanie.Document",
}  # fmt: skip
FINDS = frozenset("find find_one find_one_and_update find_one_and_delete aggregate".split())
"""Methods of a collection that yield documents."""
_READS = FINDS | frozenset(
    "execute executemany fetch fetchall fetchone fetchrow fetchval fetch_all fetch_one query text exec read_sql".split()
)
"""Who reads a table that goes by a name speaks of one of these."""
_CLIENTS = frozenset({"remote", "header", "upload", "event"})
_TOLD = "stored in `"
_CLASSES = (1 << SHIFT) - 1
_STORED = 65
"""Percent that what is stored comes back as it is, to somebody whom it harms."""


class Tables:
    """All of them, by the class whose rows they hold or by the name that statements call them."""

    def __init__(self, minded: int) -> None:
        self.minded = minded  #: the classes that mind what is stored
        self.is_open = False  #: whether all who store have run, so that what they stored can be read
        self.known: dict[ClassRef | str, Scope] = {}
        self.classes: dict[ClassRef, bool] = {}  #: whether its objects are rows
        self.columns: dict[ClassRef, dict[str, bool]] = {}  #: see `records.columns`
        self.related: dict[ClassRef, dict[str, ClassRef]] = {}  #: see `records.related`
        self.named: dict[str, list[ClassRef]] | None = None  #: classes by name, once somebody has asked

    def of(self, owner: ClassRef | str) -> Scope:
        """The table of a class, or of a name."""
        known = self.known.get(owner)
        if known is None:
            known = self.known[owner] = Scope(_called(owner), by_key=True)
            if isinstance(owner, str):
                known.words = _READS
        return known


def _called(owner: ClassRef | str) -> str:
    return owner if isinstance(owner, str) else owner.facts.name


def is_stored(machine: Machine, owner: ClassRef) -> bool:
    """Whether a class's objects are rows, whose constructor takes columns by name."""
    known = machine.tables.classes.get(owner)
    if known is None:
        lineage = machine.lineage(owner)
        known = bool(lineage & _ORM) or any(path.endswith((".Model", "declarative_base()")) for path in lineage)
        if owner.order is not None and owner.bases:
            machine.tables.classes[owner] = known
    return known


def put(frame: Frame, owner: ClassRef | str, column: Any, value: Value, at: int) -> None:
    """A column of a row is given a value: what a client chose in it stays there, for who reads it."""
    if not isinstance(column, str) or not (value.taints or value.items) or (value.refs and value.kind == "object"):
        return
    machine = frame.machine
    minded, place = machine.tables.minded, frame.place(at)

    def keep(taint: Taint) -> Taint | None:
        if not minded & ~taint.cleared:
            return None
        cleared = taint.cleared | (_CLASSES & ~minded)
        trace = hop(taint.trace, place, f"is {_TOLD}{_called(owner)}.{column}`")
        confidence = taint.confidence * _STORED // 100
        return Taint(taint.origin, taint.token, cleared, taint.state, trace, confidence)

    kept = each_taint(Value(value.taints, forms=value.forms) if value.items is None else Value(all_taints(value)), keep)
    if kept.taints:
        machine.keep(machine.tables.of(owner), column, kept)


def fill(frame: Frame, owner: ClassRef, name: str | None, value: Value, columns: Iterable[str], at: int) -> None:
    """A row is made with a column's value, or, where there is no name, with all that a mapping holds."""
    if name is not None:
        put(frame, owner, name, value, at)
        return
    items: dict[Any, Value] = {ANY: part(value, "part")} if value.items is None else value.items
    for column in columns:
        put(frame, owner, column, items[column] if column in items else items.get(ANY, UNKNOWN), at)


def held(frame: Frame, owner: ClassRef | str, column: str | None, at: int) -> Value:
    """What clients have stored in a column, or in any."""
    table = frame.machine.tables.of(owner)
    table.readers.add(frame.function)
    if not table.late or not frame.machine.tables.is_open:
        return UNKNOWN
    found = NEVER
    for name, value in table.late.items():
        if column is None or name == column:
            found = join(found, each_taint(value, _Reader(frame, f"{_called(owner)}.{name}", at).read))
    return UNKNOWN if found is NEVER else found


class _Reader:
    """Reads what is stored: each time as a text of its own, of which a check of the one that was stored says nothing."""

    def __init__(self, frame: Frame, column: str, at: int) -> None:
        self.place, self.column = frame.place(at), column
        self.tokens: dict[Token, Token] = {}

    def read(self, taint: Taint) -> Taint | None:
        """A taint as who reads the column gets it; None for what no client stored there."""
        origin = taint.origin
        if not isinstance(origin, Source) or origin.kind not in _CLIENTS:
            return None
        if _TOLD not in origin.text:
            origin = origin._replace(text=f"{origin.text}, {_TOLD}{self.column}`")
        token = self.tokens.setdefault(taint.token, Token())
        trace = hop(taint.trace, self.place, f"is read from `{self.column}`")
        return Taint(origin, token, taint.cleared, taint.state, trace, taint.confidence)

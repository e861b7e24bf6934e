"""The classes of the program: what they descend from, and what is in their bodies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any
from weakref import WeakKeyDictionary

from aud_action.derive import derives
from aud_action.derive.names import Names, names
from aud_action.settings import Settings
from aud_action.store import Store
from schema import SITE_BITS
from schema.calls import CallArgument
from schema.classes import ClassAttribute, ClassHierarchy

_CLASSES = """
SELECT c.site, c.name, c.qualified_name, s.scope FROM python_classes c JOIN sites s ON s.id = c.site ORDER BY c.rowid
"""
_BASES = "SELECT site, base, text, arguments, keyword, value FROM python_class_bases ORDER BY rowid"
_METHODS = """
SELECT f.site, f.name, f.is_async, s.scope FROM python_functions f JOIN sites s ON s.id = f.site
WHERE f.rowid BETWEEN ? AND ? AND f.name != '<lambda>' ORDER BY f.rowid
"""
_DECORATORS = """
SELECT target_site, name, text, site, has_arguments FROM python_decorators
WHERE rowid BETWEEN ? AND ? AND target_kind <> 'class' ORDER BY rowid
"""
_CLASS_DECORATORS = """
SELECT target_site, name, text, site, has_arguments FROM python_decorators WHERE target_kind = 'class' ORDER BY rowid
"""
_LOOPS = """
SELECT o.name, a.site, a.target, a.position, a.value_source FROM python_assignments a
JOIN sites s ON s.id = a.site JOIN scopes o ON o.id = s.scope WHERE a.operator = 'for' AND a.value_source <> '' ORDER BY a.rowid
"""
_ARGUMENTS = "SELECT * FROM python_call_arguments WHERE site = ? ORDER BY rowid"
_ATTRIBUTES = "SELECT * FROM python_class_attributes WHERE rowid BETWEEN ? AND ? AND level = 'class' ORDER BY rowid"
_VALUES = """
SELECT * FROM python_call_arguments WHERE site IN (
  SELECT value_site FROM python_class_attributes WHERE rowid BETWEEN ? AND ? AND level = 'class'
) ORDER BY rowid
"""


@dataclass(slots=True)
class Decorated:
    """One decorator: its exact name, as written, and its site."""

    name: str
    text: str
    site: int
    has_arguments: bool


@dataclass(slots=True)
class Attribute:
    """One attribute of a class body, with the arguments of the call it is bound to."""

    site: int
    row: ClassAttribute
    callee: str  #: of the value, resolved through the program
    arguments: list[CallArgument]

    def keyword(self, *words: str) -> CallArgument | None:
        """The argument of this keyword."""
        return next((argument for argument in self.arguments if argument.keyword in words), None)

    def argument(self, position: int, keyword: str | None = None) -> CallArgument | None:
        """The argument by keyword, else at this position."""
        named = self.keyword(keyword) if keyword else None
        return named or next((argument for argument in self.arguments if argument.position == position), None)

    def is_true(self, keyword: str) -> bool:
        """Whether a keyword is given as True."""
        found = self.keyword(keyword)
        return found is not None and found.constant == "True"


@dataclass(slots=True)
class Method:
    """One function of a class body."""

    site: int
    name: str
    is_async: bool
    decorators: list[Decorated]


@dataclass(eq=False)
class Class:
    """One class of the program."""

    site: int
    name: str
    qualified_name: str
    scope: int | None
    program: Program
    bases: list[str] = field(default_factory=list)  #: resolved through the program
    texts: list[str] = field(default_factory=list)
    base_arguments: list[str | None] = field(default_factory=list)
    keywords: dict[str, str] = field(default_factory=dict)

    @cached_property
    def ancestors(self) -> dict[str, int]:
        """Every ancestor by name, with its distance, nearest first."""
        found: dict[str, int] = {}
        level, distance = list(self.bases), 1
        while level and distance < 64:
            fresh = [base for base in dict.fromkeys(level) if base and base not in found]
            found.update(dict.fromkeys(fresh, distance))
            level = [base for name in fresh for parent in self.program.by_name.get(name, ()) for base in parent.bases]
            distance += 1
        return found

    def base_in(self, wanted: Iterable[str]) -> str | None:
        """The nearest ancestor with one of these exact names."""
        return self._nearest(frozenset(wanted))

    def base_under(self, *prefixes: str) -> str | None:
        """The nearest ancestor whose name begins with one of these prefixes."""
        return self._nearest(self.program.under(prefixes))

    def _nearest(self, wanted: frozenset[str]) -> str | None:
        if wanted.isdisjoint(self.ancestors):
            return None
        return next(name for name in self.ancestors if name in wanted)

    @cached_property
    def lineage(self) -> list[Class]:
        """The class and its ancestors in the project, nearest first."""
        return [self, *(parent for name in self.ancestors for parent in self.program.by_name.get(name, ())[:1])]

    @cached_property
    def attributes(self) -> list[Attribute]:
        """What its body binds, in order."""
        return self.program.attributes(self.site >> SITE_BITS).get(self.site, [])

    @cached_property
    def methods(self) -> list[Method]:
        """The functions of its body, in order."""
        return self.program.methods(self.site >> SITE_BITS).get(self.site, [])

    @property
    def decorators(self) -> list[Decorated]:
        """What decorates it, outermost first."""
        return self.program.decorators.get(self.site, [])

    @property
    def inner(self) -> dict[str, Class]:
        """The classes of its body by name."""
        return {child.name: child for child in self.program.children.get(self.site, ())}

    def attribute(self, name: str, *, inherited: bool = False) -> Attribute | None:
        """The last binding of a name in its body, or in the nearest ancestor that has one."""
        for owner in self.lineage if inherited else [self]:
            for attribute in reversed(owner.attributes):
                if attribute.row.name == name:
                    return attribute
        return None

    def method(self, name: str, *, inherited: bool = False) -> Method | None:
        """The method of this name in its body, or in the nearest ancestor that has one."""
        for owner in self.lineage if inherited else [self]:
            for method in reversed(owner.methods):
                if method.name == name:
                    return method
        return None


def _span(file: int) -> tuple[int, int]:
    return file << SITE_BITS, ((file + 1) << SITE_BITS) - 1


class Program:
    """Every class of the program; bodies are read when asked for."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.names: Names = names(store)
        self.classes: dict[int, Class] = {}
        self.by_name: dict[str, list[Class]] = {}
        self.children: dict[int, list[Class]] = {}
        self._under: dict[tuple[str, ...], frozenset[str]] = {}
        self._attributes: dict[int, dict[int, list[Attribute]]] = {}
        self._methods: dict[int, dict[int, list[Method]]] = {}
        for site, name, qualified, scope in store.rows(_CLASSES):
            found = self.classes[site] = Class(site, name, qualified, scope, self)
            self.by_name.setdefault(qualified, []).append(found)
            self.children.setdefault(scope, []).append(found)
        for site, base, text, arguments, keyword, value in store.rows(_BASES):
            owner = self.classes[site]
            if keyword is not None:
                owner.keywords[keyword] = value or ""
            else:
                # a base made by a call (`declarative_base()`) is named by what it is bound to
                owner.bases.append(self.names.resolve(base) if base else "")
                owner.texts.append(text)
                owner.base_arguments.append(arguments)

    def is_function(self, name: str) -> bool:
        """Whether a function, and no class, has this dotted name."""
        return name in self.names.defined and not self.is_class(name)

    def is_class(self, name: str) -> bool:
        """Whether a class, and no function that is defined after it, has this dotted name."""
        return self.names.defined.get(name) in self.classes

    @cached_property
    def user_model(self) -> str:
        """The class that Django's settings name for users."""
        rows = self.store.rows("SELECT constant FROM python_django_settings WHERE name = 'AUTH_USER_MODEL'")
        return next((str(name).rpartition(".")[2] for (name,) in rows if name), "User")

    @cached_property
    def loops(self) -> dict[str, list[tuple[int, str, int | None, str]]]:
        """Of the loops of each scope: site, variable, its place in a round, what is gone through; read all at once."""
        found: dict[str, list[tuple[int, str, int | None, str]]] = {}
        for scope, site, target, position, source in self.store.rows(_LOOPS):
            found.setdefault(scope, []).append((site, target, position, source))
        return found

    @cached_property
    def type_aliases(self) -> dict[str, str]:
        """What each alias of a type stands for, by its dotted name."""
        rows = self.store.rows(
            "SELECT o.name, t.name, t.value FROM python_type_aliases t JOIN sites s ON s.id = t.site "
            "JOIN scopes o ON o.id = s.scope WHERE o.kind = 'module'"
        )
        return {f"{module}.{name}": value for module, name, value in rows}

    @cached_property
    def decorators(self) -> dict[int, list[Decorated]]:
        """What decorates each decorated class, outermost first."""
        return self._decorated(self.store.rows(_CLASS_DECORATORS))

    def _decorated(self, rows: Iterable[tuple[Any, ...]]) -> dict[int, list[Decorated]]:
        found: dict[int, list[Decorated]] = {}
        for target, name, text, site, has_arguments in rows:
            decorated = Decorated(self.names.resolve(name) if name else "", text, site, bool(has_arguments))
            found.setdefault(target, []).append(decorated)
        return found

    def attributes(self, file: int) -> dict[int, list[Attribute]]:
        """What the class bodies of one file bind, by the class's site."""
        known = self._attributes.get(file)
        if known is None:
            known = self._attributes[file] = self._read_attributes(file)
        return known

    def _read_attributes(self, file: int) -> dict[int, list[Attribute]]:
        arguments: dict[int, list[CallArgument]] = {}
        for _, site, *columns in self.store.rows(_VALUES, _span(file), of=[file]):
            arguments.setdefault(site, []).append(CallArgument(*columns))
        found: dict[int, list[Attribute]] = {}
        for _, site, *columns in self.store.rows(_ATTRIBUTES, _span(file), of=[file]):
            row = ClassAttribute(*columns)
            callee = self.names.resolve(row.value_callee) if row.value_callee else ""
            given = arguments.get(row.value_site, []) if row.value_site is not None else []
            found.setdefault(row.owner_site, []).append(Attribute(site, row, callee, given))
        return found

    def methods(self, file: int) -> dict[int, list[Method]]:
        """The functions of the class bodies of one file, by the class's site."""
        known = self._methods.get(file)
        if known is None:
            known = self._methods[file] = self._read_methods(file)
        return known

    def _read_methods(self, file: int) -> dict[int, list[Method]]:
        decorators = self._decorated(self.store.rows(_DECORATORS, _span(file), of=[file]))
        found: dict[int, list[Method]] = {}
        for site, name, is_async, scope in self.store.rows(_METHODS, _span(file), of=[file]):
            if scope in self.classes:
                found.setdefault(scope, []).append(Method(site, name, bool(is_async), decorators.get(site, [])))
        return found

    def arguments(self, site: int) -> list[CallArgument]:
        """The arguments of the call at a site."""
        rows = self.store.rows(_ARGUMENTS, (site,), of=[site >> SITE_BITS])
        return [CallArgument(*columns) for _, _, *columns in rows]

    @cached_property
    def _heirs(self) -> dict[str, list[int]]:
        """The sites of the classes that descend from each name."""
        found: dict[str, list[int]] = {}
        for site, owner in self.classes.items():
            for name in owner.ancestors:
                found.setdefault(name, []).append(site)
        return found

    def under(self, prefixes: tuple[str, ...]) -> frozenset[str]:
        """The names of ancestors that begin with one of these: far fewer than there are classes to ask."""
        known = self._under.get(prefixes)
        if known is None:
            known = self._under[prefixes] = frozenset(name for name in self._heirs if name.startswith(prefixes))
        return known

    def descending(self, *prefixes: str) -> Iterator[tuple[Class, str]]:
        """Every class with an ancestor under one of these dotted prefixes, and the nearest such."""
        return self.among(self.under(prefixes))

    def among(self, wanted: Iterable[str]) -> Iterator[tuple[Class, str]]:
        """Every class with one of these ancestors, and the nearest such."""
        names_ = self._heirs.keys() & frozenset(wanted)
        heirs = {site for name in names_ for site in self._heirs[name]}
        for site, owner in self.classes.items() if heirs else ():
            if site in heirs:
                yield owner, next(name for name in owner.ancestors if name in names_)

    def of_kinds(self, kinds: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[Class, str, str]]:
        """Every class with an ancestor under the prefixes of one of these kinds: the first such kind, and the nearest such."""
        wanted = [(kind, self.under(prefixes)) for kind, prefixes in kinds]
        for owner, _ in self.among(chain.from_iterable(names_ for _, names_ in wanted)):
            yield next((owner, kind, base) for kind, names_ in wanted if (base := owner.base_in(names_)))

    def named(self, name: str) -> Class | None:
        """The class of this qualified name, re-exports followed."""
        found = self.by_name.get(self.names.resolve(name, instances=False))
        return found[0] if found else None


_PROGRAMS: WeakKeyDictionary[Store, Program] = WeakKeyDictionary()


def program(store: Store) -> Program:
    """The classes of a program, read once per run."""
    known = _PROGRAMS.get(store.whole)
    if known is None:
        known = _PROGRAMS[store.whole] = Program(store.apart("program"))
    store.use(known.store)
    return known


@derives(ClassHierarchy)
def class_hierarchies(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each ancestor of each class."""
    known = program(store)
    for owner in known.classes.values():
        for name, distance in owner.ancestors.items():
            yield (
                owner.site,
                ClassHierarchy(owner.site, owner.qualified_name, name, distance, name not in known.by_name),
            )

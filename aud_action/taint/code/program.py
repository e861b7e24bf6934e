"""The project as the linker sees it: modules, functions and classes, and how an import finds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from aud_action.taint.code.naming import INIT, dotted, nearness, word
from aud_action.taint.values.trace import Place
from aud_action.taint.values.value import Value
from extractors.flow import code
from extractors.flow.facts import Class, File, Function, decode, unpack

if TYPE_CHECKING:
    from aud_action.taint.code.frame import Names


class FileFacts(NamedTuple):
    """One file as the store hands it over."""

    file: int
    path: str
    is_test: bool
    facts: bytes


class Module:
    """One file of the project."""

    def __init__(self, given: FileFacts, name: str, facts: File) -> None:
        self.file = given.file
        self.path = given.path
        self.is_test = given.is_test
        self.name = name
        self.facts = facts
        self.functions = [FunctionRef(self, index, one) for index, one in enumerate(facts.functions)]
        self.classes = [ClassRef(self, one) for one in facts.classes]
        self.namespace: dict[str, Any] | None = None  #: what the body leaves behind; None until it ran
        self.running: dict[str, Any] | None = None  #: while it runs
        self.stars: list[Any] = []  #: modules (project) and names (libraries) imported with *
        self.late: dict[str, Value] = {}  #: what functions assign with `global`
        self.origins: dict[str, tuple[Module, str]] = {}  #: name imported from the project → where it is defined
        self.is_package = PurePosixPath(given.path).stem == INIT

    @property
    def package(self) -> str:
        """The dotted package that relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]

    @cached_property
    def mentions(self) -> frozenset[str]:
        """Every name that the file speaks of."""
        return frozenset(self.facts.names)

    @cached_property
    def renamed(self) -> dict[str, str]:
        """What the file imports under a name of its own → what it is called where it comes from."""
        body = unpack(self.facts.functions[0].body)  # what stands there isn't run for that
        imports = [one for one in body if one[0] == code.IMPORT and one[3]]
        return {bound: name for _, bound, _, name, *_ in imports if bound != name}

    @cached_property
    def top(self) -> dict[str, Any]:
        """The functions and classes defined at the top of the file."""
        found: dict[str, Any] = {}
        for function in self.functions[1:]:
            if "." not in function.facts.qualified and "<" not in function.facts.name:
                found[function.facts.name] = function
        for one in self.classes:
            if "." not in one.facts.qualified:
                found[one.facts.name] = one
        return found

    def __repr__(self) -> str:
        return f"<module {self.name}>"


class FunctionRef:
    """One function of the project."""

    __slots__ = ("__dict__", "facts", "index", "module")

    def __init__(self, module: Module, index: int, facts: Function) -> None:
        self.module = module
        self.index = index
        self.facts = facts

    @cached_property
    def body(self) -> list[Any]:
        """Its statements, unpacked."""
        return unpack(self.facts.body)  # type: ignore[no-any-return] # lowered code

    @cached_property
    def encloses(self) -> bool:
        """Whether other functions stand in it, as in a decorator."""
        inner = f"{self.facts.qualified}.<locals>."
        return any(one.facts.qualified.startswith(inner) for one in self.module.functions)

    @cached_property
    def places(self) -> list[int]:
        """Its table of places."""
        return unpack(self.facts.places)  # type: ignore[no-any-return] # flat integers

    @cached_property
    def mentions(self) -> frozenset[str]:
        """Every name that it speaks of."""
        names = self.module.facts.names
        return frozenset(names[index] for index in self.facts.mentions)

    @cached_property
    def path(self) -> str:
        """The dotted name under which others import it."""
        return f"{self.module.name}.{self.facts.qualified}"

    @cached_property
    def receives(self) -> bool:
        """Whether it is a generator that uses what is sent to it."""
        return self.facts.generator and _receives(self.body)

    @cached_property
    def place(self) -> Place:
        """Where it is defined."""
        line, col, end_line, end_col = self.facts.place
        return Place(self.module.file, line, col + 1, end_line, end_col + 1)

    @property
    def owner(self) -> ClassRef | None:
        """The class whose body defines it."""
        return self.module.classes[self.facts.owner] if self.facts.owner >= 0 else None

    def at(self, index: int) -> Place:
        """The place with an index of its table."""
        if index < 0:
            return self.place
        known = self._known.get(index)
        if known is None:
            line, col, end_line, end_col = self.places[index * 4 : index * 4 + 4]
            known = self._known[index] = Place(self.module.file, line, col + 1, end_line, end_col + 1)
        return known

    @cached_property
    def _known(self) -> dict[int, Place]:
        return {}

    def __repr__(self) -> str:
        return f"<function {self.module.name}.{self.facts.qualified}>"


def _receives(node: Any) -> bool:
    if type(node) is not list or not node:
        return False
    if node[0] == code.YIELD:
        return True
    parts = node[1][1:] if node[0] == code.DO and type(node[1]) is list and node[1][0] == code.YIELD else node
    return any(_receives(one) for one in parts if type(one) is list)


class Members(dict[str, Any]):
    """What a class body leaves behind; it notes which names are looked for, and whether all are gone through."""

    __slots__ = ("asked", "is_open")

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()
        self.is_open = False

    def get(self, name: str, default: Any = None) -> Any:
        """A member."""
        self.asked.add(name)
        return dict.get(self, name, default)

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return dict.__getitem__(self, name)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return dict.__contains__(self, name)

    def __iter__(self) -> Iterator[str]:
        self.is_open = True
        return dict.__iter__(self)

    def keys(self) -> Any:
        """All names."""
        self.is_open = True
        return dict.keys(self)

    def values(self) -> Any:
        """All members."""
        self.is_open = True
        return dict.values(self)

    def items(self) -> Any:
        """All names and members."""
        self.is_open = True
        return dict.items(self)

    def functions(self) -> Iterator[Closure]:
        """The functions among the members. Who calls this may ask for what they store, and for nothing else."""
        for value in list(dict.values(self)):
            yield from (ref for ref in (value.refs if isinstance(value, Value) else ()) if isinstance(ref, Closure))


class ClassRef:
    """One class of the project."""

    def __init__(self, module: Module, facts: Class) -> None:
        self.module = module
        self.facts = facts
        self.bases: list[Value] | None = None  #: None until resolved
        self.scope: Names | None = None  #: names around a class that is defined in a function
        self.namespace: Members | None = None
        self.annotations: dict[str, Any] = {}  #: field → code of its annotation, in order
        self.order: list[Any] | None = None  #: method resolution order: ClassRef and API paths
        self.late: dict[str, Value] = {}  #: attributes of the class that functions assign
        self.slots: dict[str, Value] = {}  #: attribute → what any method stores in it
        self.busy: set[str] = set()
        self.is_whole = False  #: whether its body has run
        self.storing: dict[str, list[Closure]] | None = (
            None  #: attribute → methods that store in it, inherited ones too
        )

    @property
    def body(self) -> FunctionRef:
        """The statements of the class."""
        return self.module.functions[self.facts.body]

    def __repr__(self) -> str:
        return f"<class {self.module.name}.{self.facts.qualified}>"


class Lazy(NamedTuple):
    """A name imported from the project that nobody has looked at yet."""

    module: Module
    name: str


@dataclass(eq=False, slots=True)
class Closure:
    """A function as a value: with what it captured and what it is bound to."""

    function: FunctionRef
    scope: Names | None = None
    owner: ClassRef | None = None
    receiver: Value | None = None
    kind: str = ""  #: "", property, static, class
    wraps: tuple[Any, ...] = field(default=())
    captures = True

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Closure)
            and self.function is other.function
            and self.scope is other.scope
            and self.receiver is other.receiver
        )

    def __hash__(self) -> int:
        return hash((id(self.function), id(self.scope), id(self.receiver)))

    def bound(self, receiver: Value) -> Closure:
        """The method of an object."""
        return Closure(self.function, self.scope, self.owner, receiver, self.kind, self.wraps)


@dataclass(eq=False, slots=True)
class Partial:
    """`functools.partial(callee, *positional, **named)`."""

    callee: Value
    positional: list[Value]
    named: dict[str, Value]
    method: bool = False  #: made by `partialmethod`: the object comes first
    captures = True


class Method(NamedTuple):
    """A method of a plain container as a value: `put = rows.append`."""

    target: Any  #: code of the container
    name: str
    receiver: Value
    home: object  #: the run in which the container's name means that container


class Fields(NamedTuple):
    """A class of tuples made by a call: `namedtuple("Pair", "left right")`."""

    names: tuple[str, ...]


@dataclass(eq=False, slots=True)
class Super:
    """`super()` of an object, seen from a class."""

    owner: ClassRef
    receiver: Value
    captures = True


class Program:
    """All modules, and the names under which an import may find them."""

    def __init__(self, files: Iterable[FileFacts]) -> None:
        self.modules: list[Module] = []
        self.by_name: dict[str, list[Module]] = {}
        self.by_path: dict[str, Module] = {}
        self.dropped: list[tuple[str, Place]] = []  #: functions too deeply nested to lower
        given = sorted(files, key=lambda one: one.path)
        packages = {str(PurePosixPath(one.path).parent) for one in given if PurePosixPath(one.path).stem == INIT}
        for one in given:
            facts = decode(one.facts)
            names = list(dotted(one.path, packages))
            module = Module(one, names[0], facts)
            self.modules.append(module)
            self.by_path[one.path] = module
            self.dropped += [(f"{name} is nested too deeply", Place(one.file, 1, 1, 1, 1)) for name in facts.dropped]
            for name in names:
                self.by_name.setdefault(name, []).append(module)

    def resolve(self, name: str, origin: Module) -> Module | None:
        """The module that an import names, seen from another: of several, the one nearest to it."""
        found = self.by_name.get(name)
        if not found or ("." not in name and found == [origin]):  # `from kafka import …` in a `kafka.py`: the library
            return None
        if len(found) == 1:
            return found[0]
        return max(found, key=lambda one: (nearness(one.path, origin.path), one.path))

    def before(self, facts: Mapping[int, bytes]) -> Program:
        """The same with other facts of some files, for who reads facts alone: names are resolved to the modules of this one."""
        twin = copy(self)
        twin.modules = [
            Module(FileFacts(one.file, one.path, one.is_test, facts[one.file]), one.name, decode(facts[one.file]))
            if one.file in facts
            else one
            for one in self.modules
        ]
        return twin

    def dissolve(self) -> None:
        """Let go of all modules."""
        for module in self.modules:
            for one in module.classes:
                vars(one).clear()
            module.functions.clear()
            vars(module).clear()

    def has_package(self, name: str) -> bool:
        """Whether some module lies below a dotted name."""
        return name in self._packages

    @cached_property
    def heirs(self) -> dict[str, list[ClassRef]]:
        """Classes by the last word of what each base is called where it is defined; those of tests left out."""
        found: dict[str, list[ClassRef]] = {}
        for module in self.modules:
            for one in module.classes if not module.is_test else ():
                for bound in map(word, one.facts.bases):
                    found.setdefault(module.renamed.get(bound, bound), []).append(one)
        return found

    @cached_property
    def told(self) -> frozenset[str]:
        """Names of classes of which somebody may be told: a base by `__init_subclass__`, a metaclass."""
        functions = (
            one for module in self.modules for one in module.functions if one.facts.name == "__init_subclass__"
        )
        names = [one.owner.facts.name for one in functions if one.owner is not None]
        classes = (one.facts for module in self.modules for one in module.classes)
        made = {one.name for one in classes if any(word == "metaclass" for word, _ in one.keywords)}
        names += sorted(made)
        seen: set[str] = set()
        while names:
            fresh = {one.facts.name for one in self.heirs.get(names.pop(), ())} - seen
            seen |= fresh
            names += fresh
        return frozenset(seen | made)

    @cached_property
    def _packages(self) -> frozenset[str]:
        parts = [name.split(".") for name in self.by_name]
        return frozenset(".".join(one[:count]) for one in parts for count in range(1, len(one)))

    def absolute(self, module: str, level: int, origin: Module) -> str:
        """The dotted name that a relative import means."""
        if level == 0:
            return module
        parts = origin.package.split(".") if origin.package else []
        if level > len(parts):  # a folder may be a package without saying so
            parts = list(PurePosixPath(origin.path).parent.parts)
        parts = parts[: len(parts) - level + 1]
        return ".".join([*parts, module] if module else parts)

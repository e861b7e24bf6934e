"""What follows from the whole program: its modules, its copies, its habits and its oddities."""

from typing import NamedTuple

from schema.table import table


@table("python_modules", index=("name",), hot=True, derived=True)
class Module(NamedTuple):
    """One importable module; its site is the file's."""

    name: str
    package: str | None  #: the package it lies in
    is_package: bool
    is_entry: bool  #: `__main__`, or named by a declared entry point


@table("python_module_edges", index=("source", "target"), derived=True)
class ModuleEdge(NamedTuple):
    """One module importing another; its site is the first import."""

    source: str
    target: str  #: of others the top-level name
    is_external: bool
    kind: str  #: import, type_only, conditional or lazy: the strongest of its imports


@table(
    "python_clones",
    index=("cluster",),
    derived=True,
    computed={
        "function": (int, "site", "the row's own site"),
    },
)
class Clone(NamedTuple):
    """One function in one group of functions of the same shape; its site is the function."""

    cluster: int  #: site of the group's first function
    qualified_name: str
    similarity: float  #: 1.0: equal but for names and constants
    statements: int


@table(
    "python_anomalies",
    derived=True,
    computed={
        "function": (int, "site", "the row's own site"),
    },
)
class Anomaly(NamedTuple):
    """One odd feature of one function; its site is the function."""

    feature: str
    value: float
    median: float
    score: float  #: robust z: how many scaled median deviations above the median


@table("python_learned_patterns", derived=True)
class LearnedPattern(NamedTuple):
    """One habit of this code base: who has the premise has the conclusion; its site is one who deviates, or follows."""

    premise: str
    conclusion: str
    support: int  #: how many follow it
    confidence: float
    kind: str  #: decorator or call
    deviates: bool  #: whether this site breaks the habit

"""What flows where: the linker's answer, one row per flow and one per step of its path."""

from typing import NamedTuple

from schema.table import table


@table(
    "python_flows",
    index=("flaw",),
    derived=True,
    computed={
        "rule_class": (str, "flaw", "the same as `flaw`"),
        "sink": (int, "site", "the row's own site"),
        "source_name": (str, "source_text", "the same as `source_text`"),
        "sink_name": (str, "sink_callee", "the same as `sink_callee`"),
    },
)
class Flow(NamedTuple):
    """A value of an attacker's choosing reaches a dangerous call; `site` is the sink's."""

    flow: int  #: number of the flow, the key of its steps
    flaw: str  #: the id of the rule page that reports it
    source_kind: str  #: remote, header, file, name, network, llm, cli, env, stdin, database, library, …
    source_text: str  #: where it comes from, as the subject of a sentence
    sink_callee: str  #: the call that is reached, as its model names it
    confidence: int  #: percent
    argument: str | None  #: the keyword, key of a mapping, or position that carries it
    is_test: bool


@table("python_flow_gaps", derived=True)
class FlowGap(NamedTuple):
    """A function in which, or behind which, data isn't followed to the end: some limit was met."""

    reason: str  #: which, in words that begin with the function's name


@table("python_suspect_calls", derived=True)
class SuspectCall(NamedTuple):
    """A call that a pattern reports, unless all that it is given turns out to be harmless."""

    flaw: str  #: the id of the exact rule that takes the pattern's place


@table("python_harmless_calls", derived=True)
class HarmlessCall(NamedTuple):
    """A dangerous call of which every value that it is given is known and harmless: numbers, literals, what was checked."""

    flaw: str  #: the id of the rule page that would report it


@table(
    "python_flow_steps",
    index=("flow",),
    derived=True,
    computed={
        "step": (int, "site", "the row's own site"),
    },
)
class FlowStep(NamedTuple):
    """One step of a flow's path; `site` is the step's place."""

    flow: int
    position: int  #: 0 for the source
    message: str
    kind: str  #: source, step, call, return, sink
    depth: int  #: call depth

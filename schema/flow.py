"""What the linker reads: the flow facts of a file, packed."""

from typing import NamedTuple

from schema.table import table


@table("python_flow_facts", hot=False)
class FlowFacts(NamedTuple):
    """The functions of one file lowered to flow facts; `site` is the module's."""

    facts: bytes  #: `extractors.flow.facts.File`, msgpack

"""Places where a debugger takes over."""

from typing import NamedTuple

from schema.table import table


@table("python_breakpoints")
class Breakpoint(NamedTuple):
    """One call that hands the program over to a debugger."""

    callee: str
    is_remote: bool  #: it waits for commands from the network
    host: str | None  #: NULL when not given or not constant

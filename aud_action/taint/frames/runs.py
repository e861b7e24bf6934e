"""What the runs of each function have taken so far: by it is decided how much of what is passed is told apart."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.program import FunctionRef
from aud_action.taint.values.widening import Widened


class Runs:
    """Counts of runs, by function; of wrappers by what they wrap, too."""

    def __init__(self) -> None:
        self.shapes: dict[Any, int] = {}
        self.ways: dict[Any, int] = {}  #: the same by receiver
        self.widened: dict[Any, Widened] = {}  #: what stands for all calls, by function and receiver
        self.idle: dict[FunctionRef, int] = {}  #: runs for arguments in which there is nothing of a client's
        self.users: dict[
            FunctionRef, int
        ] = {}  #: functions that call or register what they are handed, and after how many shapes that counts
        self.spent: dict[FunctionRef, int] = {}  #: values that runs looked at, those of what they call left out
        self.inner = 0  #: the same, of what the run of now has called
        self.active: dict[FunctionRef, int] = {}

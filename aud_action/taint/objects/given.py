"""One call of a method of a plain value."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.describe import receiver_of
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import element, write
from aud_action.taint.values.value import ANY, UNKNOWN, Value


class Given:
    """One call of a method."""

    __slots__ = ("env", "frame", "named", "node", "positional", "receiver")

    def __init__(
        self, frame: Frame, env: Env, receiver: Value, positional: list[Value], named: Named, node: Any
    ) -> None:
        self.frame = frame
        self.env = env
        self.receiver = receiver
        self.positional = positional
        self.named = named
        self.node = node

    def arg(self, index: int) -> Value:
        """A positional argument; UNKNOWN when it isn't there."""
        return self.positional[index] if index < len(self.positional) else UNKNOWN

    def change(self, value: Value) -> None:
        """Write the changed object back."""
        write(self.frame, self.env, receiver_of(self.node), value)

    @property
    def one(self) -> Value:
        """Any of the values that it holds, of the type that a library's mapping has them of."""
        types = self.frame.machine.models.types
        known = [self.frame.machine.models.find(types, f"{path}[]") for path in self.receiver.paths]
        return self.held.but(paths=tuple(one for one in known if one)) if any(known) else self.held

    @property
    def held(self) -> Value:
        """What the object holds, all together."""
        return element(self.receiver, ANY)

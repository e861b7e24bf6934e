"""What a class knows of those that descend from it, `Base.__subclasses__()`; how a metaclass makes one, and a class an object."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef
from aud_action.taint.values.value import UNKNOWN, Value


def _subclasses(frame: Frame, env: Env, _given: list[Value], _named: Any, node: Any) -> Value:
    """The direct ones, in the order of the files."""
    machine, found = frame.machine, []
    for ref in machine.value_of(frame, env, node[1][1]).refs:
        heirs = machine.program.heirs.get(ref.facts.name, ()) if isinstance(ref, ClassRef) else ()
        found += [one for one in heirs if any(ref in base.refs for base in machine.bases(one))]
    return Value(items={index: Value(refs=(one,), kind="class") for index, one in enumerate(found)}, kind="list")


def _made(_frame: Frame, _env: Env, given: list[Value], _named: Any, _node: Any) -> Value:
    """`super().__new__(metaclass, name, bases, namespace)`: the class whose statement has run stands for its namespace."""
    return given[3] if len(given) > 3 else UNKNOWN


def _bare(_frame: Frame, _env: Env, given: list[Value], _named: Any, _node: Any) -> Value:
    """`super().__new__(cls)`: an object that nothing has been put into yet."""
    refs = given[0].refs if given else ()
    return Value(refs=refs, items={}, kind="object") if refs else UNKNOWN


CALLS = {
    "builtins.type.__subclasses__": _subclasses,
    "builtins.type.__new__": _made,
    "builtins.object.__new__": _bare,
}

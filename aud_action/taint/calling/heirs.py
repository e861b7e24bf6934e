"""What is told of a class when its statement has run: `__init_subclass__` of a base, a metaclass's `__new__` and `__init__`."""

from __future__ import annotations

from typing import Any

from aud_action.taint.calling.calls import call
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure
from aud_action.taint.flaws.terms import Named
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import Value
from extractors.flow import code

_BY_PYTHON: Any = [code.CALL, None, [], [], -1]


def announce(frame: Frame, env: Env, owner: ClassRef) -> None:
    """A class statement ran: who asks to be told of it is."""
    machine = frame.machine
    if owner.facts.name not in machine.program.told:
        return
    made = Value(refs=(owner,), kind="class")
    links = [link for link in machine.order(owner) if isinstance(link, ClassRef)]
    words = [(name, machine.value_of(frame, env, one)) for name, one in owner.facts.keywords if name != "metaclass"]
    for link in links[1:]:
        if _tell(frame, env, link, "__init_subclass__", [made], words):
            break
    for link in links:
        meta = dict(link.facts.keywords).get("metaclass")
        if meta is not None:
            within = frame if link is owner else Frame(machine, Closure(link.module.functions[0], None), 0)
            for kind in machine.value_of(within, env if link is owner else Env({}), meta).refs:
                given = [
                    constant(owner.facts.name),
                    Value(items=dict(enumerate(machine.bases(owner))), kind="tuple"),
                    made,
                ]
                _tell(frame, env, kind, "__new__", [Value(refs=(kind,), kind="class"), *given], [])
                _tell(frame, env, kind, "__init__", [made, *given], [])
            break


def _tell(frame: Frame, env: Env, owner: Any, hook: str, given: list[Value], words: Named) -> bool:
    """Call the hook of a class, if it is the project's; whether it is."""
    for link in frame.machine.order(owner) if isinstance(owner, ClassRef) else ():
        found = frame.machine.class_namespace(link).get(hook) if isinstance(link, ClassRef) else None
        for ref in found.refs if isinstance(found, Value) else ():
            if isinstance(ref, Closure):
                call(frame, env, Value(refs=(ref.bound(given[0]),), kind="function"), given[1:], words, _BY_PYTHON)
                return True
    return False

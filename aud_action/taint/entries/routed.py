"""What the routes that lead to a function let through to its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import Closure
from aud_action.taint.frameworks.routes import captures, in_order, matched
from aud_action.taint.values.value import Value
from extractors.flow.facts import Parameter

if TYPE_CHECKING:
    from aud_action.taint.entries.points import Entry
    from aud_action.taint.machine import Machine


def through(
    machine: Machine, frame: Frame, closure: Closure, entry: Entry | None, parameters: list[Parameter]
) -> dict[str, int | None]:
    """By the names of parameters: the mask of what each can't contain, None for a number."""
    known = captures(entry.route, entry.model.captures) if entry else {}
    if _is_of_django(machine, closure, entry):
        known = {**machine.entries.captured, **known}
    if entry is not None and entry.model.captures == "django" and closure.owner is None:
        known |= in_order(entry.route, [one.name for one in parameters[1:]])
    return {**known, **_led(machine, closure, parameters), **_key(machine, frame, closure)}


def _led(machine: Machine, closure: Closure, parameters: list[Parameter]) -> dict[str, int]:
    """What the patterns of the addresses that lead to a handler of Tornado's let through."""
    owners = closure.receiver.refs if closure.receiver is not None else (closure.owner,)
    patterns = (
        [one for owner in owners for one in machine.entries.rules.get(owner, [""])] if machine.entries.rules else []
    )
    return matched(patterns, [one.name for one in parameters]) if patterns and all(patterns) else {}


def _key(machine: Machine, frame: Frame, closure: Closure) -> dict[str, int | None]:
    """What a router lets through to a set of views as the key of a row, where the class says it."""
    if closure.owner is None or not any(
        one.startswith("rest_framework.viewsets.") for one in machine.lineage(closure.owner)
    ):
        return {}
    owner = Value(refs=closure.receiver.refs if closure.receiver is not None else (closure.owner,), kind="class")
    told = {name: machine.attribute(frame, Env({}), owner, name).consts for name in _OF_KEY}
    given = [*(told["lookup_url_kwarg"] or ()), *(told["lookup_field"] or ())]
    name = next((str(one) for one in given if one is not None), "pk")
    if converter := told["lookup_value_converter"]:
        return captures(f"<{converter[0]}:{name}>", "django")
    pattern = told["lookup_value_regex"]
    return captures(f"(?P<{name}>{pattern[0]})", "regex") if pattern else {}


_OF_KEY = "lookup_url_kwarg", "lookup_field", "lookup_value_regex", "lookup_value_converter"


def _is_of_django(machine: Machine, closure: Closure, entry: Entry | None) -> bool:
    """Whether a route of Django's is what chooses the parameters, wherever it stands."""
    if closure.owner is None:
        return entry is not None and entry.model.captures == "django"
    kinds = machine.lineage(closure.owner)
    return "django.views.View" in kinds and not any(one.startswith("rest_framework.viewsets.") for one in kinds)


def named(machine: Machine, closure: Closure, entry: Entry | None) -> set[str] | None:
    """The names under which Django's routes hand something to a view; None when one of its routes can't be read."""
    if closure.owner is not None or entry is None:
        return None
    entries = (entry, *machine.entries.found.get(closure.function, ()))
    if any(one.model.captures != "django" or one.route is None for one in entries):
        return None
    names = [one.name for one in closure.function.facts.parameters[1:]]
    return {name for one in entries for name in captures(one.route, "django") or in_order(one.route, names)} | {
        "request"
    }

"""The terms on which a call is a sink: what a model asks of its arguments."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Frame
from aud_action.taint.code.program import ClassRef
from aud_action.taint.models import SinkModel
from aud_action.taint.values.value import ANY, Value, same

Named = list[tuple[str | None, Value]]


def argument(key: str, positional: list[Value], named: Named) -> Value | None:
    """
    One argument, by position (`0`), name, or both (`1/Loader`).

    `1/parser.huge_tree` is an option that it was made with; `self` is the receiver.
    """
    key, dot, option = key.partition(".")
    if dot:
        made = argument(key, positional, named)
        return None if made is None or made.items is None else made.items.get(option)
    for part in key.split("/"):
        if part.isdigit():
            if int(part) < len(positional):
                return positional[int(part)]
            continue
        for name, value in named:
            if name == part:
                return value
            if name is None and value.items is not None and (part in value.items or ANY in value.items):
                return value.items.get(part) or value.items[ANY]
    return None


_BY_NAME = ("[]=", "header")
"""Sinks whose first argument is the name of a header."""


def applies(frame: Frame, model: SinkModel, positional: list[Value], named: Named) -> bool:
    """Whether a sink's conditions hold for a call."""
    told: Named = [(name, _said(value)) if name is None else (name, value) for name, value in named]
    for key, wanted in model.when.items():
        value = argument(key, positional, told)
        if key == "0" and model.pattern.path.endswith(_BY_NAME) and value is not None and value.consts is None:
            return False  # some header
        if not _may_be(frame, value, wanted):
            return False
    return not any(_must_be(frame, argument(key, positional, named), safe) for key, safe in model.unless.items())


def _said(options: Value) -> Value:
    """`**options` as far as their names are known: what callers may add switches nothing on."""
    known = {key: one for key, one in (options.items or {}).items() if key is not ANY}
    return options if options.items is None or ANY not in options.items else options.but(items=known)


def _may_be(frame: Frame, value: Value | None, wanted: tuple[Any, ...]) -> bool:
    if value is None:
        return "absent" in wanted
    if "present" in wanted:
        return True
    if any(_is_path(frame, value, one) for one in wanted):
        return True
    if value.consts is None:
        loose = tuple(one for one in wanted if not str(one).startswith("known:"))
        return bool(loose) and not value.paths and value.items is None and _may_begin(value, loose)
    return any(same(one, each) or _truthy(one, each) for one in wanted for each in value.consts)


def _may_begin(value: Value, wanted: tuple[Any, ...]) -> bool:
    """Whether a text may be one of several, by what is known of its beginning: `f"audio/{kind}"` is no `text/html`."""
    texts = [one for one in wanted if isinstance(one, str)]
    heads = [form[0] if form and isinstance(form[0], str) else "" for form in value.forms or ()]
    return (
        not heads or not texts or any(one.startswith(head) or head.startswith(one) for head in heads for one in texts)
    )


def _must_be(frame: Frame, value: Value | None, safe: tuple[Any, ...]) -> bool:
    if value is None:
        return "absent" in safe
    if "present" in safe:
        return value.kind != "none"
    if any(_is_path(frame, value, one) for one in safe):
        return True
    return value.consts is not None and all(
        any(same(one, each) or _truthy(one, each) for one in safe) for each in value.consts
    )


def _truthy(wanted: Any, found: Any) -> bool:
    return isinstance(wanted, bool) and isinstance(found, int) and bool(found) is wanted


def _is_path(frame: Frame, value: Value, one: Any) -> bool:
    """
    `class:yaml.SafeLoader` in a condition: the value is that thing of a library, or of a class made from it;
    `method:get_field`: of a class of the project that has such a method of its own; `kind:list`: it is a list;
    `known:/`: that very text, where nothing is guessed.
    """
    kind, colon, wanted = one.partition(":") if isinstance(one, str) else ("", "", "")
    if kind == "known":
        return wanted in (value.consts or ())
    if colon and kind == "method":
        classes = [link for ref in value.refs for link in frame.machine.order(ref) if isinstance(link, ClassRef)]
        return any(wanted in frame.machine.class_namespace(link) for link in classes)
    if colon and kind == "kind":
        return value.kind == wanted
    return kind == "class" and bool(colon) and (
        wanted in value.paths or any(wanted in frame.machine.lineage(ref) for ref in value.refs)
    )  # fmt: skip

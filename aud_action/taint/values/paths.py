"""Paths that are put together: an absolute part forgets what stands before it."""

from __future__ import annotations

from aud_action.taint.values import fold, shown
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.charset import BIT
from aud_action.taint.values.concat import concat
from aud_action.taint.values.harmless import marks
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import NORMALISED, Form, Taint, Value, all_taints, forms_of

PARTS = "pathlib.Path.parts"
"""The steps of a path, of which the root is one."""
_MOST_FORMS = 6
_RELATIVE = marks(BIT["/^"])
_UNDASHED = marks(BIT["-^"])
_STAYS = marks(BIT[".."] | BIT["/"])


def path_join(values: list[Value]) -> Value:
    """`os.path.join` and `Path / x`: a text with separators; an absolute part forgets what stands before it."""
    kept = values
    for index in range(len(values) - 1, 0, -1):
        consts = values[index].consts
        if consts and all(isinstance(each, str) and each.startswith("/") for each in consts):
            kept = values[index:]
            break
    parts: list[Value] = []
    for value in kept:
        if parts:
            parts.append(constant("/"))
        parts.append(shown.stringed(value) if value.items is None else Value(all_taints(value)))
    joined = concat(parts)
    if not joined.taints:
        return joined
    absolute = [
        _slashed(form)
        for index in range(2, len(parts), 2)
        for form in concat(parts[index:]).forms or ()
        if not _led(form)
    ]
    return _state_cleared(joined.but(forms=(*forms_of(joined), *absolute)[:_MOST_FORMS]))


def _slashed(form: Form) -> Form:
    """A part that forgets what stands before it begins with a slash, so with no dash."""
    first = form[0] if form else ""
    if isinstance(first, str):
        return form
    return (tuple([one._replace(cleared=one.cleared | _UNDASHED) for one in first]), *form[1:])


def normalised(value: Value) -> Value:
    """A path without `..` but for those it begins with; one that begins with a slash has none at all."""
    rooted = all(form and isinstance(form[0], str) and form[0].startswith("/") for form in forms_of(value))
    mask = marks(BIT[".."]) if rooted else 0
    made = fold.derived(Value(all_taints(value), kind=value.kind), "same")

    def settle(taint: Taint) -> Taint:
        went = mask and not taint.cleared & _STAYS  # upwards, wherever it began
        cleared = taint.cleared & ~_RELATIVE if went else taint.cleared
        return taint._replace(cleared=cleared | mask, state=taint.state | NORMALISED)

    return each_taint(made, settle)


def _led(form: Form) -> bool:
    """Whether a text can't begin with a slash: with a literal, or with what is known to hold none."""
    if not form or isinstance(form[0], str):
        return bool(form)
    return bool(form[0]) and all(taint.cleared & _RELATIVE for taint in form[0])


def _state_cleared(value: Value) -> Value:
    """A joined path isn't normalised even when a part of it is."""
    forms: tuple[Form, ...] = forms_of(value)
    if all(len(form) == 1 for form in forms):
        return value
    return fold.derived(each_taint(value, lambda taint: taint._replace(state=taint.state & ~1)), "same")

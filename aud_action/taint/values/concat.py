"""Texts put together: which literals and which of somebody's texts stand one after the other."""

from __future__ import annotations

from aud_action.taint.values.value import (
    MOST_CONSTANTS,
    MOST_FORMS,
    TEXT,
    Form,
    Taint,
    Value,
    all_taints,
    forms_of,
    join_taints,
)


def concat(values: list[Value]) -> Value:
    """The text that several values make one after the other."""
    taints: tuple[Taint, ...] = ()
    forms: list[Form] = [()]
    for value in values:
        taints = join_taints(taints, all_taints(value))
        parts = forms_of(value) if value.items is None else ((all_taints(value),),)
        forms = [_glue(form, part) for form in forms for part in parts]
        if len(forms) > MOST_FORMS:
            forms = [_glue(forms[0], ()), *forms[1:MOST_FORMS]]
    if not taints and all(len(form) <= 1 and all(type(one) is str for one in form) for form in forms):
        texts = tuple(dict.fromkeys("".join(form) for form in forms))  # type: ignore[arg-type] # all literal
        return Value(consts=texts, kind="str") if len(texts) <= MOST_CONSTANTS else TEXT
    return Value(taints, kind="str", forms=tuple(forms))


def _glue(form: Form, more: Form) -> Form:
    pieces = list(form)
    for piece in more:
        if type(piece) is str and pieces and type(pieces[-1]) is str:
            pieces[-1] = (pieces[-1] + piece)[:4096]
        elif piece != "":
            pieces.append(piece)
    if len(pieces) > 24:
        pieces = [*pieces[:23], tuple(t for piece in pieces[23:] if not isinstance(piece, str) for t in piece)]
    return tuple(pieces)


def many_forms(value: Value) -> bool:
    """Whether a text has more forms than are remembered."""
    return value.forms is not None and len(value.forms) >= MOST_FORMS

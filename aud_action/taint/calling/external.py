"""Calls of libraries: what their functions yield, by what is worked out, by models, or by guessing."""

from __future__ import annotations

import builtins
import re
from typing import Any

from aud_action.taint.calling import callbacks
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef
from aud_action.taint.flaws.sinks import reach, selected
from aud_action.taint.flaws.sources import read
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frameworks import parsers, responses, stored
from aud_action.taint.library.book import CALLS
from aud_action.taint.library.filenames import again
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.models import FlowModel
from aud_action.taint.objects import pure, regex
from aud_action.taint.objects.conventions import looks_up, made_by_name
from aud_action.taint.objects.methods import OF_FIELDS, SAVES, is_plain, method_of
from aud_action.taint.values.changes import each_taint, perhaps
from aud_action.taint.values.paths import path_join
from aud_action.taint.values.pieces import cleared
from aud_action.taint.values.value import (
    ANY,
    BOOL,
    NEVER,
    Taint,
    Token,
    Value,
    all_taints,
    forms_of,
    join,
    join_taints,
)
from extractors.flow import code

ASKS = ("is_", "has_", "can_", "should_", "was_", "are_")


def external(
    frame: Frame, env: Env, path: str, positional: list[Value], named: Named, node: Any, receiver: Value | None
) -> Value:
    """What a call of a library's function yields."""
    models = frame.machine.models
    if path.endswith(".__init__"):  # of a class, which is told what it is to be put into
        path, positional = path.removesuffix(".__init__"), positional[1:]
    reach(frame, env, path, positional, named, receiver, node)
    if models.find(models.stops, path):
        raise Unreachable
    for entry in models.find(models.registrations, path) or ():
        machine = frame.machine
        itself = [("self", receiver)] if receiver is not None and entry.signal else []
        machine.registered(frame, entry, positional, [*named, *itself])
    responses.told(frame, env, path, positional, named, node)
    handler = _handler(path)
    matched = regex.call(frame, path, positional, named, receiver) if path.startswith("re.") else None
    if matched is not None:
        return matched  # type: ignore[no-any-return] # a Value
    folded = pure.made(path, positional, named)
    if folded is not None:
        return folded
    if path == "pathlib.Path.joinpath" and receiver is not None:
        result = path_join([receiver, *again(positional, node)]).but(paths=("pathlib.Path",))
    elif handler is not None:
        result = handler(frame, env, positional, named, node)
    elif positional and _PLAIN_METHOD.fullmatch(path) and (receiver is None or receiver.paths == (owner_of(path),)):
        result = _unbound(frame, env, path, positional, named, node)
    else:
        result = modelled(frame, env, path, positional, named, node, receiver)
    _survived(frame, env, path, positional, named, receiver)
    result = read(frame, _as_heir(frame, receiver, result), (f"{path}()",), node)
    return parsers.parsed(receiver, result, path) if path in parsers.PARSING else result


def _as_heir(frame: Frame, receiver: Value | None, result: Value) -> Value:
    """A method of a library's class that yields its own class yields the heir's: `OrderQuerySet.filter()`."""
    owners = receiver.refs if receiver is not None and receiver.kind == "object" and result.paths else ()
    if result.refs or not owners or result.items is not None:
        return result
    same = all(isinstance(one, ClassRef) and frame.machine.lineage(one).intersection(result.paths) for one in owners)
    return result.but(refs=owners, kind="object") if same else result


def owner_of(path: str) -> str:
    """The class or module in which a path's last name stands."""
    return path.rpartition(".")[0]


def _handler(path: str) -> Any:
    """What works out a call; `get_context_data` of a library's view answers with what it is given, in a dictionary."""
    return _WORKED_OUT.get(path) or (_DICT if path.endswith(".get_context_data") else None)


_WORKED_OUT = {**stored.CALLS, **parsers.TELLING, **CALLS}
_DICT = CALLS["builtins.dict"]
_PLAIN_METHOD = re.compile(r"builtins\.(?:str|bytes|list|dict|set|tuple)\.\w+")


def _unbound(frame: Frame, env: Env, path: str, positional: list[Value], named: Named, node: Any) -> Value:
    """`str.upper(x)`: a method of a built-in class, given its object."""
    name = path.rpartition(".")[2]
    inner = node
    if type(node[1]) is list and node[2]:
        inner = [code.CALL, [code.ATTR, node[2][0], name, -1], node[2][1:], node[3], node[-1]]
    return method_of(frame, env, positional[0], name, positional[1:], named, inner)


def modelled(
    frame: Frame, env: Env, path: str, positional: list[Value], named: Named, node: Any, receiver: Value | None
) -> Value:
    """What a call yields by the models, or what it may yield where they say nothing."""
    models = frame.machine.models
    made = callbacks.called(frame, env, path, positional, named, node, receiver)
    if made is not None:
        return made
    kept = _yielded(models, path)
    flows = models.find(models.flows, path)
    if flows is not None:
        result = NEVER
        for model in flows:
            result = join(result, passed(model, positional, named, receiver))
        return result.but(paths=kept)
    values = [*positional, *(value for _, value in named)]
    last = path.rpartition(".")[2]
    if receiver is not None and receiver.kind == "object" and not receiver.taints and last not in OF_FIELDS:
        values.append(receiver)
    elif receiver is not None and is_plain(receiver, last):
        found = method_of(frame, env, receiver, last, positional, named, node)
        return found if found.paths or found.kind in ("str", "bytes", "dict") else found.but(paths=kept)
    loose = models.flows.get(f"?.{last}") if receiver is not None else None
    if loose:
        return passed(loose[0], positional, named, receiver).but(paths=kept)
    if last.startswith(ASKS):
        return BOOL
    if made := made_by_name(last):
        return made
    if last == "with_traceback" and receiver is not None:
        return receiver
    if _is_error(path):
        rows = Value(items=dict(enumerate(positional)), kind="tuple")
        return Value(paths=kept, items={"args": rows}, kind="object")
    asked = receiver is not None and looks_up(last, positional, named, node[2])
    taints = () if asked else guessed(frame, env, values, last, receiver)
    if last[:1].isupper() or last.rstrip("()")[:1].isupper():
        return Value(paths=kept, items=_options(last, positional, named, taints) or None, kind="object")
    return Value(taints, paths=kept, kind="object" if last in SAVES else "")


def _options(name: str, positional: list[Value], named: Named, taints: tuple[Taint, ...]) -> dict[Any, Value]:
    """What a library's object was made with."""
    items: dict[Any, Value] = {name: value for name, value in named if name is not None}
    if name.startswith(("Regex", "AnyOf", "OneOf")):  # a field or a validator: what it asks for
        items.update(enumerate(positional))
    if taints:
        items[ANY] = Value(taints)
    return items


def _survived(frame: Frame, env: Env, path: str, positional: list[Value], named: Named, receiver: Value | None) -> None:
    """A function that raises for what it refuses has returned."""
    models = frame.machine.models
    for guard in models.find(models.guards, path) or ():
        for _, value in selected(guard.pattern, positional, named, receiver) if guard.on is None else ():
            for taint in all_taints(value):
                if taint.state & guard.state == guard.state:
                    env.believe(taint.token, guard.clears)
                    if taint.token.relation == "folder" and taint.token.parent is not None:
                        env.believe(taint.token.parent, guard.clears & frame.machine.path_mask)


def _is_error(path: str) -> bool:
    owner, _, name = path.rpartition(".")
    kind = getattr(builtins, name, None) if owner == "builtins" else None
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _yielded(models: Any, path: str) -> tuple[str, ...]:
    """The API path of what a call yields: an instance of a class, what a model says, or `path()`."""
    known = models.find(models.types, f"{path}()")
    if known:
        return (known,)
    return (path,) if path.rpartition(".")[2][:1].isupper() else (f"{path}()",)


_SAFE_TARGET = re.compile(
    r"(?:^|_)(?:safe|valid(?:ated?)?|saniti[sz]ed?|clean(?:ed)?)_?redirect|redirect\w*_(?:safe|saniti[sz]ed)$"
    r"|(?:^|_)make_safe_ur[li](?:_func(?:tion)?)?$"
)
"""What is called like this, and isn't there to be read, yields an address on the own site."""


def guessed(frame: Frame, env: Env, values: list[Value], name: str, receiver: Value | None = None) -> tuple[Taint, ...]:
    """What an unknown function may pass on; of secrets, which functions rarely hand back as they are, nothing."""
    told = frame.machine.told_mask
    if _SAFE_TARGET.search(name):
        told |= frame.machine.models.mask(["open-redirect", "template-request-url"])
    taints: tuple[Taint, ...] = ()
    for value in values:
        if value.kind == "function":
            continue
        found = tuple(
            taint._replace(token=Token(), cleared=env.cleared(taint) | told)
            for taint in perhaps(value, own=value is receiver)
        )
        taints = join_taints(taints, found)
    return taints


def passed(model: FlowModel, positional: list[Value], named: Named, receiver: Value | None) -> Value:
    """The result of a modelled function: its arguments' taints, with some classes cleared."""
    if model.clean:
        return Value(kind=model.kind)
    pattern = model.pattern
    if pattern.positions or pattern.names or pattern.every or pattern.receiver or pattern.words:
        values = [value for _, value in selected(pattern, positional, named, receiver)]
    else:
        values = [*positional, *(value for _, value in named), *([receiver] if receiver is not None else [])]
    if len(values) == 1 and model.relation == "same" and not model.reopens:
        result = values[0]
    else:
        taints: tuple[Taint, ...] = ()
        for value in values:
            taints = join_taints(taints, all_taints(value))
        alone = len(values) == 1 and values[0].items is None
        result = Value(taints, forms=forms_of(values[0]) if alone else None)
    result = Value(all_taints(result), kind=model.kind, forms=result.forms)
    if model.clears and model.kind == "str" and not model.reopens:
        forms = forms_of(result) if result.forms is not None or not result.taints else ((result.taints,),)
        result = result.but(
            forms=tuple([tuple([cleared(model.clears) if one == () else one for one in form]) for form in forms])
        )
    return _related(result, model)


def _related(result: Value, model: FlowModel) -> Value:
    made: dict[Token, Token] = {}

    def change(taint: Taint) -> Taint:
        token = made.get(taint.token)
        if token is None:
            parent = None if model.reopens else taint.token
            token = made[taint.token] = Token(parent, model.relation)
        cleared = 0 if model.reopens else taint.cleared | model.clears
        return taint._replace(token=token, cleared=cleared, state=taint.state | model.sets)

    return each_taint(result, change)

"""What stands in dictionaries that are written out."""

from __future__ import annotations

import ast
from typing import Any, Final

from extractors.context import Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.shapes import shape
from schema.dicts import DictEntry

_LIMIT: Final = 200  #: entries: beyond that a literal is data, not configuration


@extracts(ast.Dict)
def dict_entry(node: ast.Dict, context: Context) -> tuple[()]:
    """
    Each entry of a dict literal whose key is a constant text.

    >>> rows(dict_entry, "H = {'X-Key': k, **more, 1: 2}")
    DictEntry(owner='H', key='X-Key', value_source='k', value_kind='name', value_constant=None, value_type=None, depth=1, is_spread=False)
    DictEntry(owner='H', key=None, value_source='more', value_kind='name', value_constant=None, value_type=None, depth=1, is_spread=True)
    >>> rows(dict_entry, "D = {'a': {'b': 1}}")
    DictEntry(owner='D', key='a', value_source="{'b': 1}", value_kind='dict', value_constant=None, value_type=None, depth=1, is_spread=False)
    DictEntry(owner=None, key='b', value_source='1', value_kind='constant', value_constant='1', value_type='int', depth=2, is_spread=False)
    """
    if len(node.keys) > _LIMIT:
        return ()
    owner, depth = context.variable(node), context.depths.get(node, 1)
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            context.put(DictEntry, value, _entry(owner, None, value, depth, context))
            continue
        text = key.value if isinstance(key, ast.Constant) else context.constant(key)
        if isinstance(text, str):
            context.put(DictEntry, key, _entry(owner, text, value, depth, context))
    return ()


@extracts(ast.Call, callee={"dict"})
def called_entry(node: ast.Call, context: Context) -> tuple[()]:
    """
    Each entry of a call of `dict`.

    >>> rows(called_entry, "H = dict(a=1, **more)")
    DictEntry(owner='H', key='a', value_source='1', value_kind='constant', value_constant='1', value_type='int', depth=1, is_spread=False)
    DictEntry(owner='H', key=None, value_source='more', value_kind='name', value_constant=None, value_type=None, depth=1, is_spread=True)
    """
    if context.name(node.func) == "dict" and len(node.keywords) <= _LIMIT:
        owner = context.variable(node)
        for keyword in node.keywords:
            context.put(DictEntry, keyword, _entry(owner, keyword.arg, keyword.value, 1, context))
    return ()


def _entry(owner: str | None, key: str | None, value: ast.expr, depth: int, context: Context) -> tuple[Any, ...]:
    constant = context.constant(value)
    if isinstance(value, ast.Dict):
        context.depths[value] = depth + 1
    kind = None if constant is NOT_CONSTANT else type(constant).__name__
    return owner, key, context.source(value), shape(value), constant_text(constant), kind, depth, key is None

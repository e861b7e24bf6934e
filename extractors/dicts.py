"""What stands in dictionaries that are written out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from extractors.context import At, Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.shapes import shape
from schema.dicts import DictEntry

_LIMIT: Final = 200  #: entries: beyond that a literal is data, not configuration


@extracts(ast.Dict)
def dict_entry(node: ast.Dict, context: Context) -> Iterator[At]:
    """
    Each entry of a dict literal whose key is a constant text.

    >>> rows(dict_entry, "H = {'X-Key': k, **more, 1: 2}")
    DictEntry(owner='H', key='X-Key', value_source='k', value_kind='name', value_constant=None, value_type=None)
    """
    if len(node.keys) > _LIMIT:
        return
    owner = context.variable(node)
    for key, value in zip(node.keys, node.values, strict=True):
        text = key.value if isinstance(key, ast.Constant) else context.constant(key) if key is not None else None
        if not isinstance(text, str) or key is None:
            continue
        constant = context.constant(value)
        kind = None if constant is NOT_CONSTANT else type(constant).__name__
        row = DictEntry(owner, text, context.source(value), shape(value), constant_text(constant), kind)
        yield At(key, row)

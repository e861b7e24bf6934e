"""Schemas that are written as text, in GraphQL's own language: what the fields' arguments let through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aud_action.taint.values import fold
from aud_action.taint.values.value import NUMBER, Value

_PROSE: Final = re.compile(r'"""(?:[^"]|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*')
_BLOCK: Final = re.compile(r"\b(type|input|enum)\s+(\w+)[^{}]*\{([^{}]*)\}")
_FIELD: Final = re.compile(r"(\w+)\s*\(([^()]*)\)\s*:")
_NAMED: Final = re.compile(r"(\w+)\s*:\s*\[*\s*(\w+)")
_NUMBERS: Final = frozenset({"Int", "Float", "Boolean"})
_DEEPEST: Final = 3


class SchemaTexts:
    """All that a program's schema texts declare."""

    def __init__(self) -> None:
        self.arguments: dict[
            str, list[dict[str, str]]
        ] = {}  #: field → the types of its arguments, of each type that has it
        self.inputs: dict[str, dict[str, str]] = {}
        self.numbers = set(_NUMBERS)

    def add(self, text: str) -> None:
        """
        What a text declares.

        >>> schema = SchemaTexts()
        >>> schema.add('type Query { page(number: Int!, "its name" name: [String!]): Page }  input At { x: Int y: ID }')
        >>> schema.arguments, schema.inputs
        ({'page': [{'number': 'Int', 'name': 'String'}]}, {'At': {'x': 'Int', 'y': 'ID'}})
        """
        for kind, name, body in _BLOCK.findall(_PROSE.sub(" ", text)):
            if kind == "enum":
                self.numbers.add(name)
            elif kind == "input":
                self.inputs[name] = dict(_NAMED.findall(body))
            else:
                for field, arguments in _FIELD.findall(body):
                    told = self.arguments.setdefault(field, [])
                    if (found := dict(_NAMED.findall(arguments))) not in told:
                        told.append(found)

    def bounded(self, field: str) -> dict[str, Value]:
        """The arguments of a field that hold no text, whichever type's it is."""
        kinds = self._kinds(field)
        return {name: NUMBER for name in {name for name, _ in kinds} if self._are_numbers(name, kinds)}

    def filled(self, field: str, name: str, value: Value) -> Value:
        """An argument that is an object of an input type: each of its fields as it is declared."""
        found = {kind for word, kind in self._kinds(field) if word == name}
        return self._input(found.pop(), value, _DEEPEST) if len(found) == 1 else value

    def _kinds(self, field: str) -> list[tuple[str, str]]:
        return [pair for one in self.arguments.get(field, ()) for pair in one.items()]

    def _are_numbers(self, name: str, kinds: list[tuple[str, str]]) -> bool:
        return all(kind in self.numbers for word, kind in kinds if word == name)

    def _input(self, kind: str, value: Value, depth: int) -> Value:
        fields = self.inputs.get(kind)
        return Value(items=dict(self._fields(fields, value, depth)), kind="object") if fields and depth else value

    def _fields(self, fields: dict[str, str], value: Value, depth: int) -> Iterator[tuple[str, Value]]:
        for name, kind in fields.items():
            part = fold.part(Value(value.taints), "part")
            yield name, NUMBER if kind in self.numbers else self._input(kind, part, depth - 1)

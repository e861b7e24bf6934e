"""The outline of a YAML file: keys, values and the lines they stand on. Every value is a text; nothing is built from tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from extractors.walk import Unreadable

if TYPE_CHECKING:
    import yaml


class Scalar(NamedTuple):
    """One value: its text, and the line the text begins at. What `>` folds keeps its line breaks, so that places in it have lines."""

    text: str
    line: int


class Entry(NamedTuple):
    """One entry of a mapping or list: its value, and the line it begins at."""

    value: Outline
    line: int


Outline = Scalar | dict[str, Entry] | list[Entry]
"""What stands under a key."""
_MOST_MERGED: Final = 100_000
"""Entries that `<<` may bring: each table can hold all those before it, so that a small file could ask for all memory."""


def outline(text: str) -> Outline:
    """
    The outline of the first document of a text. Raises Unreadable for what is no YAML, RecursionError for what is too deep.

    >>> outline("on: [push]\\njobs:\\n  a:\\n  - run: |\\n      x\\n      y\\n")["jobs"].value["a"].value[0].value["run"].value
    Scalar(text='x\\ny\\n', line=5)
    """
    import yaml  # not above: few repositories have YAML that is read, and every run would wait for it

    # libyaml, where the wheel has it as all usual ones do, is fast and ends at a thousand levels.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = next(yaml.compose_all(text, loader), None)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable("parse", "YAMLError", error.problem or "no YAML", mark.line + 1 if mark else None) from error
    except yaml.YAMLError as error:
        raise Unreadable("parse", "YAMLError", str(error).partition("\n")[0]) from error
    return Scalar("", 1) if root is None else _Reader(text.split("\n")).read(root)


class _Reader:
    """Makes outlines of nodes. What an alias means is one object: text that stands once is read once."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.known: dict[yaml.Node, Outline] = {}  #: filled before it is complete, so that a ring of aliases ends
        self.merged = 0

    def read(self, node: yaml.Node) -> Outline:
        """The outline of a node. Raises Unreadable where `<<` brings more than a file of people's can hold."""
        if node in self.known:
            return self.known[node]
        import yaml

        if isinstance(node, yaml.ScalarNode):
            return _scalar(node, self.lines)
        if isinstance(node, yaml.SequenceNode):
            items: list[Entry] = []
            self.known[node] = items
            items += [Entry(self.read(item), _line(item)) for item in node.value]
            return items
        table: dict[str, Entry] = {}
        self.known[node] = table
        for key, value in node.value:
            entry = Entry(self.read(value), _line(key))
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value == "<<" and isinstance(entry.value, dict):
                self._merge(table, entry)
            else:
                table[key.value] = entry
        return table

    def _merge(self, table: dict[str, Entry], entry: Entry) -> None:
        more = dict(entry.value) if isinstance(entry.value, dict) else {}
        self.merged += len(more)
        if self.merged > _MOST_MERGED:
            raise Unreadable("parse", "YAMLError", f"`<<` brings more than {_MOST_MERGED:,} entries", entry.line)
        for name, merged in more.items():
            table.setdefault(name, merged)


def _scalar(node: yaml.ScalarNode, lines: list[str]) -> Scalar:
    if node.style == "|":
        return Scalar(node.value, _line(node) + 1)
    if node.style == ">":
        folded = lines[node.start_mark.line + 1 : node.end_mark.line + (node.end_mark.column > 0)]
        return Scalar("\n".join(line.strip() for line in folded).rstrip("\n"), _line(node) + 1)
    return Scalar(node.value, _line(node))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1

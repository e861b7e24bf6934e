"""The outline of a YAML file: keys, values and the lines they stand on. Enough for files that people write; nothing is built from tags."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_KEY: Final = re.compile(
    r"""("(?:[^"\\]|\\.)*+"\s*+|'(?:[^']|'')*+'\s*+|[^\s#\[\]{},&*!|>'"%@`-][^#:]*+|-[^\s#:][^#:]*+):(?=\s|$)"""
)
_MARKS: Final = re.compile(r"(?:!\S*(?:\s+|$))?(?:&(\S+)(?:\s+|$))?(?:!\S*(?:\s+|$))?")
_BLOCK: Final = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?$")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
_QUOTED: Final = re.compile(r"""("(?:[^"\\]|\\.)*+")|('(?:[^']|'')*+')""", re.DOTALL)
_FLOW: Final = re.compile(
    r"""\s*(?:("(?:[^"\\]|\\.)*+")|('(?:[^']|'')*+')|([\[\]{},])|((?:[^\[\]{},:\n]|:(?!\s))+)|(:)|(\n))"""
)
_LONGEST: Final = 500
"""Lines that one value in quotes or brackets may go on for."""


class Scalar(NamedTuple):
    """One value: its text, and the line the text begins at."""

    text: str
    line: int


class Entry(NamedTuple):
    """One entry of a mapping or list: its value, and the line it begins at."""

    value: Outline
    line: int


Outline = Scalar | dict[str, Entry] | list[Entry]
"""What stands under a key."""


def outline(text: str) -> Outline:
    """
    The outline of a text.

    >>> outline("on: [push]\\njobs:\\n  a:\\n  - run: |\\n      x\\n      y\\n")["jobs"].value["a"].value[0].value["run"].value
    Scalar(text='x\\ny', line=5)
    """
    return _Reader(text).block(0)


class _Reader:
    """A place in the lines of a text."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.at = 0
        self.anchors: dict[str, Outline] = {}

    def _skip(self) -> int:
        """The indentation of the next line that says something; -1 at the end."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            bare = line.lstrip(" \t")
            if bare and not bare.startswith("#") and not line.startswith(("---", "...", "%")):
                return len(line) - len(bare)
            self.at += 1
        return -1

    def block(self, least: int) -> Outline:
        """What stands from here on, indented by at least so much."""
        indent = self._skip()
        if indent < least:
            return Scalar("", self.at)
        line = self.lines[self.at]
        if re.match(r"-(\s|$)", line[indent:]):
            return self._list(indent)
        if _KEY.match(line, indent):
            return self._mapping(indent)
        return self._value(line[indent:], least)

    def _list(self, indent: int) -> list[Entry]:
        found = []
        while self._skip() == indent and re.match(r"-(\s|$)", self.lines[self.at][indent:]):
            at, line = self.at, self.lines[self.at]
            self.lines[at] = line[:indent] + " " + line[indent + 1 :]  # what follows the dash is indented by it
            found.append(Entry(self.block(indent + 1), at + 1))
        return found

    def _mapping(self, indent: int) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        while self._skip() == indent and (key := _KEY.match(self.lines[self.at], indent)):
            at, rest = self.at, self.lines[self.at][key.end() :].strip()
            value = self._under(rest, indent)
            if key[1].strip() == "<<" and isinstance(value, dict):
                found = value | found
            else:
                found.setdefault(key[1].strip().strip("\"'"), Entry(value, at + 1))
        return found

    def _under(self, rest: str, indent: int) -> Outline:
        """The value of a key: behind it, or on the lines below."""
        marks = _MARKS.match(rest)
        anchor = marks[1] if marks else None
        rest = rest[marks.end() :] if marks else rest
        if rest and not rest.startswith("#"):
            value = self._value(rest, indent + 1)
        else:
            self.at += 1
            below = self._skip()
            is_list = below == indent and re.match(r"-(\s|$)", self.lines[self.at][indent:]) is not None
            value = self.block(indent if is_list else indent + 1)
        if anchor:
            self.anchors[anchor] = value
        return value

    def _value(self, rest: str, least: int) -> Outline:
        start = self.at
        self.at += 1
        if _BLOCK.match(rest):
            return self._literal(least)
        if rest[0] in "[{":
            return self._flow(rest, start)
        if rest[0] in "\"'":
            return self._quoted(rest, start)
        rest = _COMMENT.sub("", rest)
        if rest[:1] == "*" and rest[1:].strip() in self.anchors:
            return self.anchors[rest[1:].strip()]
        parts = [rest]
        while self._goes_on(least):
            parts.append(_COMMENT.sub("", self.lines[self.at].strip()))
            self.at += 1
        return Scalar("\n".join(parts).strip(), start + 1)

    def _quoted(self, rest: str, start: int) -> Scalar:
        while (closed := _QUOTED.match(rest)) is None and self.at < min(len(self.lines), start + _LONGEST):
            rest += "\n" + self.lines[self.at].strip()
            self.at += 1
        return Scalar(closed[0][1:-1] if closed else rest[1:], start + 1)

    def _goes_on(self, least: int) -> bool:
        """Whether a plain value has one more line."""
        line = self.lines[self.at] if self.at < len(self.lines) else ""
        bare = line.lstrip(" ")
        return bool(bare) and not bare.startswith("#") and len(line) - len(bare) >= max(least, 1)

    def _literal(self, least: int) -> Scalar:
        """The lines below that are indented, as they are."""
        start, indent = self.at, self._text_indent(least)
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.strip() and len(line) - len(line.lstrip(" ")) < indent:
                break
            self.at += 1
        return Scalar("\n".join(line[indent:] for line in self.lines[start : self.at]).rstrip("\n"), start + 1)

    def _text_indent(self, least: int) -> int:
        rest = (self.lines[at] for at in range(self.at, len(self.lines)))
        first = next((line for line in rest if line.strip()), "")
        return max(least, len(first) - len(first.lstrip(" ")))

    def _flow(self, rest: str, start: int) -> Outline:
        """A list or mapping in brackets, which may go on over lines."""
        while rest.count("[") + rest.count("{") > rest.count("]") + rest.count("}") and (
            self.at < min(len(self.lines), start + _LONGEST)
        ):
            rest += "\n" + _COMMENT.sub("", self.lines[self.at])
            self.at += 1
        return _Brackets(rest, start + 1).value()


class _Brackets:
    """A value in brackets, token by token."""

    def __init__(self, text: str, line: int) -> None:
        self.tokens = _tokens(text, line)
        self.at = 0

    def _next(self) -> Scalar:
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else Scalar("", 0)

    def value(self) -> Outline:
        """The value from here on."""
        token = self._next()
        if token.text not in ("[", "{"):
            return Scalar(token.text.strip("\"'"), token.line)
        items: list[Entry] = []
        table: dict[str, Entry] = {}
        while self.at < len(self.tokens) and self.tokens[self.at].text not in ("]", "}"):
            line = self.tokens[self.at].line
            item = self.value()
            if self.at < len(self.tokens) and self.tokens[self.at].text == ":":
                self.at += 1
                table[item.text if isinstance(item, Scalar) else ""] = Entry(self.value(), line)
            else:
                items.append(Entry(item, line))
            if self.at < len(self.tokens) and self.tokens[self.at].text == ",":
                self.at += 1
        self.at += 1
        return table if token.text == "{" else items


def _tokens(text: str, line: int) -> list[Scalar]:
    found = []
    for match in _FLOW.finditer(text):
        token = match[0].strip()
        if token:
            found.append(Scalar(token, line + text.count("\n", 0, match.end() - len(match[0].lstrip()))))
    return found

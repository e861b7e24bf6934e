"""
Notebooks: read as the Python of their code cells, each line of it where it stands in the file.

A notebook whose cells have no lines of their own (JSON on one line) is said not to be analysed: a finding in it would be shown on
a line of a megabyte, where nobody sees it, and all of them would be one finding to a baseline. Saved with Jupyter it has lines.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from extractors.texts import Text
from extractors.walk import Facts, Unreadable, extract, unanalysed
from schema import SITE_BITS, TABLES
from schema.ground import ExtractionError
from schema.notebooks import NotebookCell

_TOKEN: Final = re.compile(r'("(?:[^"\\]|\\.)*+")(\s*+:)?|[{}\[\]]', re.DOTALL)
_CELL: Final = (["", "cells", ""], ["", "worksheets", "", "cells", ""])
"""What the brackets around a cell's keys stand under, in format 4 and before."""
_LANGUAGES: Final = (["", "metadata", "kernelspec"], ["", "metadata", "language_info"])
_PYTHON_INSIDE: Final = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "memray_flamegraph"})
"""Magics of a whole cell that holds Python."""
_MAGIC: Final = re.compile(r"(?P<indent>\s*)(?:(?P<target>[A-Za-z_][\w.,\[\]'\" ]*=\s*)?[%!]|\?|[\w.]+\?{1,2}\s*$).*")


class Cell(NamedTuple):
    """One cell: its kind, and the lines of the file with the text on each."""

    kind: str
    lines: list[tuple[int, str]]


def extract_notebook(raw: bytes, path: str, file: int, module: str, features: frozenset[str] = frozenset()) -> Facts:
    """Every row of one notebook. A cell that can't be read becomes a row of python_extraction_errors, the others stay."""
    try:
        text = Text(path, raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return unanalysed(Facts(), file, Unreadable("decode", "UnicodeDecodeError", "not valid utf-8", line))
    lines = [""] * (text.text.count("\n") + 1)
    found: list[tuple[int, Any]] = []
    for position, cell in enumerate(cells(text)):
        code, *rows = _read(position, cell)
        for line, content in code:
            lines[line - 1] = content
        first = cell.lines[0][0] if cell.lines else 1
        found += [(first, row) for row in rows if row is not None]
    facts = extract("\n".join(lines).encode("utf-8", "replace"), path, file, module, False, features)
    _add(facts, found, text, file)
    return facts


def _add(facts: Facts, found: list[tuple[int, Any]], text: Text, file: int) -> None:
    """The rows of cells, behind those of the code; each has a place of its own."""
    base = file << SITE_BITS
    sites = facts.tables.setdefault("sites", [])
    places: dict[int, int] = {}
    for line, row in found:
        if line not in places:
            places[line] = base | len(sites)
            sites.append((places[line], file, "Cell", *text.span(line), base))
        rows = facts.tables.setdefault(TABLES[type(row)].name, [])
        rows.append((base | len(rows), places[line], *row))


def cells(text: Text) -> Iterator[Cell]:
    """Each cell of a notebook, in order; those of another language than Python are of that kind."""
    path: list[str] = []
    key = kind = language = ""
    strings: list[tuple[int, str]] = []
    found: list[Cell] = []
    for token in _TOKEN.finditer(text.text):
        mark = token[0][0]
        if token[2]:
            key = token[1][1:-1]
        elif mark in "{[":
            path.append(key)
            key = ""
        elif mark in "}]":
            if mark == "}" and path in _CELL:
                found.append(Cell(kind, strings))
                kind, strings = "", []
            key = path.pop() if path else ""
        elif path in _CELL and key == "cell_type":
            kind = token[1][1:-1]
        elif path in _LANGUAGES and key in {"language", "name"}:
            language = language if path[-1] == "kernelspec" and key == "name" else token[1][1:-1]
        elif (path in _CELL and key in _SOURCES) or (path[:-1] in _CELL and path[-1] in _SOURCES):
            strings.append((text.line_at(token.start()), json.loads(token[1], strict=False)))
    other = language.lower() if language and not re.match(r"i?python|xpython|pyodide", language.lower()) else ""
    for cell in found:
        yield Cell(other, cell.lines) if other and cell.kind == "code" else cell


_SOURCES: Final = frozenset({"source", "input"})


def _read(position: int, cell: Cell) -> tuple[list[tuple[int, str]], NotebookCell, ExtractionError | None]:
    """The Python of a cell, with its row, and what is wrong with it."""
    lines = [(number, line.removesuffix("\n").rstrip("\r").replace("\r", " ")) for number, line in cell.lines]
    count = sum(line.count("\n") + 1 for _, line in lines)
    if cell.kind != "code":
        return [], NotebookCell(position, cell.kind, 0, count), None
    first = next((line for _, line in lines if line.strip()), "")
    whole = re.match(r"%%(\w+)", first)
    if whole and whole[1] not in _PYTHON_INSIDE:
        return [], NotebookCell(position, whole[1], 1, count), None
    if len({number for number, _ in lines}) < len(lines) or any("\n" in line for _, line in lines):
        reason = "its lines don't stand on lines of their own: save it with Jupyter"
        return [], NotebookCell(position, "code", 0, count), ExtractionError("parse", "layout", reason, lines[0][0])
    return _python(position, lines, count)


def _python(
    position: int, lines: list[tuple[int, str]], count: int
) -> tuple[list[tuple[int, str]], NotebookCell, ExtractionError | None]:
    plain = [(number, "pass" if line.startswith("%%") else line) for number, line in lines]
    wrong = _wrong(plain)
    if wrong is not None:
        plain = without_magics(plain)
        wrong = _wrong(plain)
    magics = sum(before != after for before, after in zip(lines, plain, strict=True))
    row = NotebookCell(position, "code", magics, count)
    if wrong is None:
        return plain, row, None
    number = lines[min(len(lines), wrong.lineno or 1) - 1][0]
    return [], row, ExtractionError("parse", type(wrong).__name__, str(wrong.msg), number)


def _wrong(lines: list[tuple[int, str]]) -> SyntaxError | None:
    """Why lines are no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse("\n".join(line for _, line in lines))
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return SyntaxError(str(error) or "nested too deeply")
    return None


def without_magics(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """
    Lines of Python, where nothing happens instead of a magic, a shell command or a question.

    >>> without_magics([(1, "%matplotlib inline"), (2, "  !ls \\\\"), (3, "   -l"), (4, "x = !ls"), (5, "f?"), (6, "y = 1 % 2")])
    [(1, 'pass'), (2, '  pass'), (3, ''), (4, 'x = get_ipython()'), (5, 'pass'), (6, 'y = 1 % 2')]
    """
    found = []
    goes_on = False
    for number, line in lines:
        magic = _MAGIC.fullmatch(line)
        if goes_on:
            found.append((number, ""))
        elif magic is None:
            found.append((number, line))
        else:
            found.append((number, magic["indent"] + (f"{magic['target']}get_ipython()" if magic["target"] else "pass")))
        goes_on = (goes_on or magic is not None) and line.endswith("\\")
    return found

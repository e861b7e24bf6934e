"""One file that is no Python: bytes in, rows out. The counterpart of the walk."""

from __future__ import annotations

import configparser
import time
from itertools import islice
from typing import Any, Final

from extractors.texts import Text, is_prose, readers
from extractors.walk import Facts, Unreadable, unanalysed
from schema import SITE_BITS, TABLES

_MALFORMED: Final = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, configparser.Error)
_ROWS: Final = 100_000
"""More facts than any manifest has: what a hostile file may cost."""


def extract_text(raw: bytes, path: str, file: int) -> Facts:
    """Every row of one manifest or the like. What can't be read becomes a row of python_extraction_errors."""
    started = time.perf_counter_ns()
    facts = Facts(lines=raw.count(b"\n") + (0 if raw.endswith(b"\n") or not raw else 1))
    try:
        text = Text(path, raw.decode("utf-8-sig", "replace" if is_prose(path) else "strict").replace("\r\n", "\n"))
        found = list(islice((row for reader in readers(path) for row in reader(text)), _ROWS))
        facts.tables = _stamped(found, text, file)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return unanalysed(facts, file, Unreadable("decode", "UnicodeDecodeError", "not valid utf-8", line))
    except Unreadable as error:
        return unanalysed(facts, file, error)
    except (*_MALFORMED, RecursionError) as error:
        return unanalysed(facts, file, Unreadable("parse", type(error).__name__, _reason(error)))
    facts.extract_ns = time.perf_counter_ns() - started
    return facts


def _reason(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error).partition("\n")[0]


def _stamped(found: list[tuple[int, Any]], text: Text, file: int) -> dict[str, list[tuple[Any, ...]]]:
    """The rows with the sites of their lines and the ids of their tables."""
    base = file << SITE_BITS
    sites: list[tuple[Any, ...]] = [(base, file, "Module", 1, 1, 1, 1, None)]
    tables: dict[str, list[tuple[Any, ...]]] = {"sites": sites, "scopes": [(base, text.path, "module", None)]}
    known: dict[int, int] = {}
    for line, row in found:
        if line not in known:
            known[line] = base | len(sites)
            sites.append((known[line], file, "Line", *text.span(line), base))
        rows = tables.setdefault(TABLES[type(row)].name, [])
        rows.append((base | len(rows), known[line], *row))
    return tables

"""
How many of the seventh set's published flaws are found, and told apart from their mended release.

    python tests/bench/published.py FOLDER [-o OUT.json] [AUD OPTIONS …]

FOLDER holds the unpacked releases as PACKAGE-VERSION. Found: a finding of a fitting rule on the statement that is
written down. Told apart: found, and nothing of these rules in the same function of the mended release.
"""

from __future__ import annotations

import ast
import difflib
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

LABELS = Path(__file__).with_name("seventh.toml")


class Span(NamedTuple):
    """Lines, both inclusive."""

    first: int
    last: int

    def meets(self, line: int, end: int) -> bool:
        """Whether what is reported lies, in part, in here."""
        return line <= self.last and end >= self.first


def nodes(tree: ast.AST, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], ast.stmt]]:
    """Each statement with the names of the functions and classes around it."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.stmt):
            yield names, child
        inner = (*names, child.name) if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else names
        yield from nodes(child, inner)


def last_of_head(node: ast.stmt) -> int:
    """The last line of a statement, without what stands below it."""
    body = getattr(node, "body", None)
    return max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno


def statement(text: str, line: int) -> tuple[Span, tuple[str, ...]]:
    """The lines of the statement there, and the function it stands in."""
    around = [(node, names) for names, node in nodes(ast.parse(text)) if node.lineno <= line <= last_of_head(node)]
    if not around:
        return Span(line, line), ()
    node, names = min(around, key=lambda each: last_of_head(each[0]) - each[0].lineno)
    return Span(node.lineno, last_of_head(node)), names


def mended(old: str, new: str, span: Span, names: tuple[str, ...]) -> Span | None:
    """The same function in the mended release, or the same lines of a module; None when it is gone."""
    for around, node in nodes(ast.parse(new)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (*around, node.name) == names:
            return Span(node.lineno, node.end_lineno or node.lineno)
    if names:
        return None
    for tag, start, stop, first, last in difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False).get_opcodes():
        if start < span.first <= stop:
            moved = first + span.first - 1 - start if tag == "equal" else first
            return Span(moved + 1, max(moved + 1 + span.last - span.first, last if tag != "equal" else 0))
    return None


def findings(folder: Path, options: list[str]) -> list[dict[str, Any]]:
    """What is found in a release's package."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run(["aud", "scan", str(folder), "--format", "none", "--jobs", "1", "--fail-on", "never", "--json", out.name, *options], check=False)
        text = Path(out.name).read_text(encoding="utf-8")
        return list(json.loads(text)["findings"]) if text else []


def place(root: Path, file: str) -> tuple[Path, str]:
    """The package's folder and the file's name within."""
    top, _, rest = file.partition("/")
    return (root / top, rest) if rest else (root, file)


def main(folder: Path, out: Path | None, options: list[str]) -> None:
    """Scan each release once, and count."""
    labels = tomllib.loads(LABELS.read_text(encoding="utf-8"))
    flaws = labels["flaw"]
    wanted = {(place(folder / f"{flaw['package']}-{flaw[which]}", flaw["file"])[0]) for flaw in flaws for which in ("vulnerable", "fixed")}
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(sorted(wanted), pool.map(lambda path: findings(path, options), sorted(wanted)), strict=True))
    rows = []
    for flaw in flaws:
        rules = set(labels["classes"][flaw["class"]])
        (old, inside), (new, _) = (place(folder / f"{flaw['package']}-{flaw[which]}", flaw["file"]) for which in ("vulnerable", "fixed"))
        text = (old / inside).read_text(encoding="utf-8")
        span, names = statement(text, flaw["line"])
        hits = [f"{each['rule']}:{each['line']}" for each in found[old] if each["path"] == inside and each["rule"] in rules and span.meets(each["line"], each["end_line"])]
        later = mended(text, (new / inside).read_text(encoding="utf-8"), span, names) if (new / inside).exists() else None
        left = [f"{each['rule']}:{each['line']}" for each in found[new] if later and each["path"] == inside and each["rule"] in rules and later.meets(each["line"], each["end_line"])]
        rows.append({**flaw, "hits": hits, "left": left})
        print(f"{'hit' if hits else '-':4}{'apart' if hits and not left else '':6}{flaw['class']:16}{flaw['package']:28}{flaw['id']:16}{' '.join(hits)} | {' '.join(left)}")
    print(f"{len(rows)} flaws, {sum(bool(row['hits']) for row in rows)} hit, {sum(bool(row['hits']) and not row['left'] for row in rows)} told apart")
    if out:
        out.write_text(json.dumps({"rows": rows, "found": {str(path): each for path, each in found.items()}}), encoding="utf-8")


if __name__ == "__main__":
    given = sys.argv[1:]
    target = Path(given.pop(given.index("-o") + 1)) if "-o" in given else None
    main(Path(given[0]), target, [each for each in given[1:] if each != "-o"])

"""
How many of the seventh set's published flaws are found, and told apart from their mended release.

    python tests/bench/published.py FOLDER OUT [AUD OPTIONS …]

FOLDER holds the unpacked releases as PACKAGE-VERSION, OUT gets a file of findings for each (what is there isn't scanned again). Found: a finding of a fitting rule on the statement that is
written down. Told apart: found, and nothing of these rules in the same function of the mended release.
"""

from __future__ import annotations

import ast
import difflib
import json
import shutil
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
        inner = (
            (*names, child.name) if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else names
        )
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
    for tag, start, stop, first, last in difflib.SequenceMatcher(
        None, old.splitlines(), new.splitlines(), autojunk=False
    ).get_opcodes():
        if start < span.first <= stop:
            moved = first + span.first - 1 - start if tag == "equal" else first
            return Span(moved + 1, max(moved + 1 + span.last - span.first, last if tag != "equal" else 0))
    return None


class Release(NamedTuple):
    """One release of a flaw's package: where it is read, and the file within."""

    root: Path
    file: str

    @property
    def path(self) -> Path:
        """The file with the flaw."""
        return self.root / self.file


SMALL = 250_000  #: bytes of source from which on only the file's own folder is read


def findings(each: Release, out: Path, options: list[str]) -> list[dict[str, Any]]:
    """What is found in a release's package: in the whole of it when it is small, else in the marked file's folder."""
    if not out.exists():
        with tempfile.TemporaryDirectory() as copy:
            all_files = list(each.root.rglob("*.py"))
            small = sum(file.stat().st_size for file in all_files) < SMALL
            for file in all_files if small else {*each.path.parent.glob("*.py"), *each.root.glob("__init__.py")}:
                target = Path(copy, file.relative_to(each.root))
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
            common = ["--format", "none", "--jobs", "1", "--fail-on", "never"]
            subprocess.run(["aud", "scan", copy, *common, "--json", str(out), *options], check=False)
    return list(json.loads(out.read_text(encoding="utf-8"))["findings"]) if out.exists() else []


def release(folder: Path, flaw: dict[str, Any], which: str) -> Release:
    """The folder that is scanned (the import package, or the part of it that is named) and the file in it."""
    top = flaw.get("folder") or flaw["file"].rpartition("/")[0].partition("/")[0]
    return Release(folder / f"{flaw['package']}-{flaw[which]}" / top, flaw["file"][len(top) :].lstrip("/"))


def reported(found: list[dict[str, Any]], file: str, rules: set[str], span: Span) -> list[str]:
    """What of these rules is reported in these lines."""
    at = (each for each in found if each["path"] == file and each["rule"] in rules)
    return [f"{each['rule']}:{each['line']}" for each in at if span.meets(each["line"], each["end_line"])]


def main(folder: Path, out: Path, options: list[str]) -> None:
    """Scan each release once, and count."""
    labels = tomllib.loads(LABELS.read_text(encoding="utf-8"))
    out.mkdir(exist_ok=True)

    def judged(flaw: dict[str, Any]) -> tuple[list[str], list[str]]:
        rules = set(labels["classes"][flaw["class"]])
        old, new = (release(folder, flaw, which) for which in ("vulnerable", "fixed"))
        text = old.path.read_text(encoding="utf-8")
        span, names = statement(text, flaw["line"])
        first = findings(old, out / f"{flaw['package']}-{flaw['vulnerable']}-{old.root.name}.json", options)
        hits = reported(first, old.file, rules, span)
        later = mended(text, new.path.read_text(encoding="utf-8"), span, names) if hits and new.path.exists() else None
        if later is None:
            return hits, []
        second = findings(new, out / f"{flaw['package']}-{flaw['fixed']}-{new.root.name}.json", options)
        return hits, reported(second, new.file, rules, later)

    hit = apart = 0
    with ThreadPoolExecutor(6) as pool:
        for flaw, (hits, left) in zip(labels["flaw"], pool.map(judged, labels["flaw"]), strict=True):
            hit += bool(hits)
            apart += bool(hits) and not left
            state = ("apart" if not left else "hit") if hits else "-"
            print(
                f"{state:6}{flaw['class']:16}{flaw['package']:28}{flaw['id']:16}{' '.join(hits)} | {' '.join(left)}",
                flush=True,
            )
    print(f"{len(labels['flaw'])} flaws, {hit} hit, {apart} told apart")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])

"""
Small programs that are put together of constructs, each a way in which a value may go or not go from here to there.

A construct is a fence of a page in `constructs/`: `A` and `B` are the texts it is given, `O` is the one it makes; `«a¦b»` is one of
several; what stands above `# here` stands at the top of a module, perhaps of another one. Of a construct under `## loose: …` only
what reaches the end is known, not what doesn't: it looks at the client's text, or at what no analysis follows. Under `## missed: …`
stands what the analysis is known not to follow.
"""

from __future__ import annotations

import ast
import itertools
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

Choose = Callable[[int], int]
"""One of so many."""
_HEADING = re.compile(r"^## +(.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CHOICE = re.compile(r"«(.*?)»", re.DOTALL)
_HERE = "# here\n"
_MOST_WAYS = 24
_STARTS = ('request.args["x"]', '"safe"')


class Construct(NamedTuple):
    """One way from `A` and `B` to `O`."""

    title: str
    place: str
    text: str

    @property
    def loose(self) -> bool:
        """Whether a text that doesn't arrive may be reported."""
        return self.title.startswith("loose")

    @property
    def missed(self) -> bool:
        """Whether a text that arrives is known not to be reported."""
        return self.title.startswith("missed")

    @property
    def sizes(self) -> list[int]:
        """How many ways there are to write each of its choices."""
        return [len(found.split("¦")) for found in _CHOICE.findall(self.text)]

    @property
    def ways(self) -> Iterator[tuple[int, ...]]:
        """Every way to write it; of very many, some that are spread over all."""
        every = itertools.product(*map(range, self.sizes))
        return itertools.islice(every, 0, None, 1 + math.prod(self.sizes) // _MOST_WAYS)


class Step(NamedTuple):
    """A construct as it stands in a program."""

    construct: Construct
    picks: tuple[int, ...]
    inputs: tuple[int, int]
    around: int
    home: int


class Program(NamedTuple):
    """Files; the lines at which each text that was made is run; those of which only recall can be asked."""

    files: dict[str, str]
    sinks: tuple[int, ...]
    loose: frozenset[int]


def constructs(folder: Path) -> Iterator[Construct]:
    """Every construct of every page."""
    for page in sorted(folder.glob("*.md")):
        text = page.read_text("utf-8")
        marks = [*_HEADING.finditer(text)]
        for mark, stop in zip(marks, [*[one.start() for one in marks[1:]], len(text)], strict=True):
            for fence in _FENCE.finditer(text, mark.end(), stop):
                line = text.count("\n", 0, fence.start()) + 2
                yield Construct(mark.group(1), f"{page.name}:{line}", fence.group(1))


def chosen(known: list[Construct], choose: Choose, most: int = 4) -> list[Step]:
    """The steps of some program."""
    steps: list[Step] = []
    for index in range(1 + choose(most)):
        construct = known[choose(len(known))]
        picks = tuple(choose(size) for size in construct.sizes)
        inputs = (choose(index + 2), choose(index + 2))
        steps.append(Step(construct, picks, inputs, choose(len(_AROUND)), choose(len(_HOMES))))
    return steps


def program(steps: list[Step]) -> Program:
    """The files of a program."""
    files: dict[str, list[str]] = {}
    heads, tops, body = [], [], list[str]()
    for index, start in enumerate(_STARTS):
        body.append(f"v{index} = {start}")
    blurred: set[int] = set()
    for number, step in enumerate(steps):
        at = number + len(_STARTS)
        above, here = _written(step, number, at)
        head, top, lines = _HOMES[step.home](files, number, above, here)
        heads += head
        tops += top
        body += lines
        if step.construct.loose or blurred & set(step.inputs):
            blurred.add(at)
    before = ["import os", "from flask import Flask, request", *heads, "app = Flask(__name__)", *tops]
    before += ['@app.route("/")', "def view():", *_indented(body)]
    made = range(len(_STARTS), len(_STARTS) + len(steps))
    lines = {len(before) + 1 + index: at for index, at in enumerate(made)}
    before += [f"    os.system(v{at})" for at in made]
    texts = {"app.py": before, **files}
    return Program(
        {path: "\n".join(text) + "\n" for path, text in texts.items()},
        tuple(lines),
        frozenset(line for line, at in lines.items() if at in blurred),
    )


def _written(step: Step, number: int, at: int) -> tuple[list[str], list[str]]:
    """What stands at a module's top, and what in the function; names of the top are this step's own."""
    picks = iter(step.picks)
    text = _CHOICE.sub(lambda found: found.group(1).split("¦")[next(picks)], step.construct.text)
    above, mark, here = text.rpartition(_HERE)
    if not mark:
        above, here = "", text
    for name in _names(above):
        word = re.compile(rf"(?<![\w.]){name}\b")
        above, here = word.sub(f"{name}{number}", above), word.sub(f"{name}{number}", here)
    for letter, index in zip("ABO", (*step.inputs, at), strict=True):
        here = re.sub(rf"(?<![\w.'\"]){letter}\b", f"v{index}", here)
    given = [f"v{index}" for index in dict.fromkeys(step.inputs)]
    more, here = _AROUND[step.around](here.splitlines(), given, f"v{at}", number)
    return [*above.splitlines(), *more], here


def _names(text: str) -> list[str]:
    """The names that a text binds at the top."""
    found = []
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [inner.id for one in targets for inner in ast.walk(one) if isinstance(inner, ast.Name)]
    return list(dict.fromkeys(found))


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


# What a construct stands in: (its lines, the texts it is given, the one it makes) → (lines for the top, lines in the place)


def _bare(lines: list[str], _given: list[str], _made: str, _number: int) -> tuple[list[str], list[str]]:
    return [], lines


def _function(lines: list[str], given: list[str], made: str, number: int) -> tuple[list[str], list[str]]:
    top = [f"def whole{number}({', '.join(given)}):", *_indented(lines), f"    return {made}"]
    return top, [f"{made} = whole{number}({', '.join(f'{one}={one}' for one in given)})"]


def _closure(lines: list[str], _given: list[str], made: str, number: int) -> tuple[list[str], list[str]]:
    return [], [f"def within{number}():", *_indented(lines), f"    return {made}", f"{made} = within{number}()"]


def _method(lines: list[str], given: list[str], made: str, number: int) -> tuple[list[str], list[str]]:
    words = ", ".join(given)
    top = [
        f"class Whole{number}:",
        f"    def __init__(self, {words}):",
        *[f"        self.{one} = {one}" for one in given],
        "    def run(self):",
        *[f"        {one} = self.{one}" for one in given],
        *_indented(_indented(lines)),
        f"        return {made}",
    ]
    return top, [f"{made} = Whole{number}({words}).run()"]


def _branch(lines: list[str], _given: list[str], made: str, _number: int) -> tuple[list[str], list[str]]:
    return [], ["if os.sep:", *_indented(lines), "else:", f'    {made} = "safe"']


def _attempt(lines: list[str], _given: list[str], made: str, _number: int) -> tuple[list[str], list[str]]:
    return [], ["try:", *_indented(lines), "except LookupError:", f'    {made} = "safe"', "    raise"]


def _loop(lines: list[str], _given: list[str], made: str, number: int) -> tuple[list[str], list[str]]:
    return [], [f'{made} = "x"', f"for n{number} in range(2):", *_indented(lines)]


def _generator(lines: list[str], given: list[str], made: str, number: int) -> tuple[list[str], list[str]]:
    top = [f"def each{number}({', '.join(given)}):", *_indented(lines), f"    yield {made}"]
    return top, [f"{made} = next(each{number}({', '.join(given)}))"]


_AROUND = [_bare, _function, _closure, _method, _branch, _attempt, _loop, _generator]

# Where the top of a construct stands: → (imports of the application, its own top, lines in the place)

Files = dict[str, list[str]]
Parts = tuple[list[str], list[str], list[str]]


def _same_file(_files: Files, _number: int, above: list[str], here: list[str]) -> Parts:
    return [], above, here


def _from(files: Files, number: int, above: list[str], here: list[str]) -> Parts:
    names = ", ".join(_names("\n".join(above)))
    if not names:
        return [], above, here
    files[f"lib{number}.py"] = ["import os", *above]
    return [*_imports(above), f"from lib{number} import {names}"], [], here


def _inside(files: Files, number: int, above: list[str], here: list[str]) -> Parts:
    head, top, lines = _from(files, number, above, here)
    return [], top, [*head, *lines]


def _whole(files: Files, number: int, above: list[str], here: list[str]) -> Parts:
    head, top, _ = _from(files, number, above, here)
    return (
        ([*_imports(above), f"import lib{number} as l{number}"], [], _through(f"l{number}", above, here))
        if head
        else (head, top, here)
    )


def _star(files: Files, number: int, above: list[str], here: list[str]) -> Parts:
    head, top, _ = _from(files, number, above, here)
    return ([*_imports(above), f"from lib{number} import *"] if head else []), top, here


def _package(files: Files, number: int, above: list[str], here: list[str]) -> Parts:
    names = ", ".join(_names("\n".join(above)))
    if not names:
        return [], above, here
    files[f"pkg{number}/__init__.py"] = [f"from .inner import {names}"]
    files[f"pkg{number}/inner.py"] = ["import os", *above]
    return [*_imports(above), f"from pkg{number} import {names}"], [], here


def _dotted(files: Files, number: int, above: list[str], here: list[str]) -> Parts:
    head, top, _ = _package(files, number, above, here)
    if not head:
        return head, top, here
    return [*_imports(above), f"import pkg{number}.inner"], [], _through(f"pkg{number}.inner", above, here)


def _imports(above: list[str]) -> list[str]:
    """What the place needs of what the top imports."""
    return [line for line in above if line.startswith(("import ", "from "))]


def _through(module: str, above: list[str], here: list[str]) -> list[str]:
    text = "\n".join(here)
    for name in _names("\n".join(above)):
        text = re.sub(rf"(?<![\w.'\"]){name}\b(?!=)", f"{module}.{name}", text)
    return text.splitlines()


_HOMES = [_same_file, _from, _inside, _whole, _star, _package, _dotted]

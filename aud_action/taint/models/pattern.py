"""How a model names what it speaks of: an API path with arguments, braces for alternatives."""

from __future__ import annotations

import re
from typing import NamedTuple

_BRACES = re.compile(r"\{([^{}]*)\}")
_CALL = re.compile(r"^([\w.*?\[\]()#:=-]+?)\(([^()]*)\)$")


class Pattern(NamedTuple):
    """An API path and the arguments that matter."""

    path: str
    positions: tuple[int, ...]
    names: tuple[str, ...]
    every: bool  #: all positional arguments
    words: bool  #: all keyword arguments
    receiver: bool  #: the object whose method it is
    spread: bool  #: a mapping that is spread into keyword arguments
    call: bool


def expand(text: str) -> list[str]:
    """
    The alternatives that braces stand for.

    >>> expand("os.{system,popen}(0)")
    ['os.system(0)', 'os.popen(0)']
    """
    found = _BRACES.search(text)
    if not found:
        return [text]
    before, after = text[: found.start()], text[found.end() :]
    return [one for word in found.group(1).split(",") for one in expand(before + word.strip() + after)]


def parse(text: str) -> Pattern:
    """
    A pattern from its text. Raises ValueError.

    >>> parse("sqlite3.Cursor.execute(0, sql=)")[:3]
    ('sqlite3.Cursor.execute', (0,), ('sql',))
    """
    found = _CALL.match(text)
    if not found:
        return Pattern(text, (), (), every=False, words=False, receiver=False, spread=False, call=False)
    positions, names, flags = [], [], set()
    for part in found.group(2).replace("/", ",").split(","):
        word = part.strip()
        if word.isdigit():
            positions.append(int(word))
        elif word in ("*", "**", "recv", "spread"):
            flags.add(word)
        elif word.rstrip("=").isidentifier():
            names.append(word.rstrip("="))
        elif word:
            raise ValueError(f"{word!r} is no argument; use a position, `name=`, `*`, `**`, `spread` or `recv`")
    return Pattern(
        found.group(1),
        tuple(positions),
        tuple(names),
        every="*" in flags,
        words="**" in flags,
        receiver="recv" in flags,
        spread="spread" in flags,
        call=True,
    )

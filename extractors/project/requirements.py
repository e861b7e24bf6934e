"""Requirements files, as pip reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from extractors.project.requirement import dependency, index
from extractors.texts import Text, reads
from schema.project import Manifest

_COMMENT: Final = re.compile(r"(^|\s)#.*$")
_INDEXES: Final = {
    "-i": ("index", False),
    "--index-url": ("index", False),
    "--pypi-url": ("index", False),
    "--extra-index-url": ("index", True),
    "-f": ("find-links", True),
    "--find-links": ("find-links", True),
    "--trusted-host": ("trusted-host", True),
}
#: an option, an address, a path, or a name with extras, version, address, marker or hash behind it
_LINE: Final = re.compile(r"-|\S*://|\S*[/\\]\S*$|\.\S*$|[\w.-]+\s*(?:\[[^\]]*\])?\s*(?:$|[<>=!~@;(]|--hash)")
_HASH: Final = re.compile(r"\s+--hash[= ]\S+")
_OPTION: Final = re.compile(r"(--?[a-z-]+)[= \t]+(.*)")


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """
    The number of its first line, and each line with its continuations, without comments.

    >>> list(logical_lines("a==1 \\\\\\n  --hash=x\\n# no\\nb  # c"))
    [(1, 'a==1   --hash=x'), (4, 'b')]
    """
    first = 1
    parts: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not parts:
            first = number
        continues = line.rstrip("\r").endswith("\\")
        parts.append(_COMMENT.sub("", line.rstrip("\r\\")))
        if not continues:
            joined = "".join(parts).strip()
            parts = []
            if joined:
                yield first, joined


def _is_list(text: str) -> bool:
    """Whether a file is a list of requirements and not prose that is called so."""
    lines = [content for _, content in logical_lines(text)]
    wrong = sum(not _LINE.match(content) for content in lines)
    return wrong * 4 <= len(lines)


@reads(
    "requirements*.txt",
    "*requirements.txt",
    "requirements*.in",
    "constraints*.txt",
    "*-requirements.in",
    "requirements/*.txt",
)
def requirements(text: Text) -> Iterator[tuple[int, Any]]:
    """Each requirement and package source of a requirements file; the group is what its name adds."""
    if not _is_list(text.text):
        return
    kind = "constraint" if text.name.startswith("constraints") else "requirement"
    yield 1, Manifest("constraints" if kind == "constraint" else "requirements", None, None, None, None)
    words = re.split(r"[-_.]", text.name.rpartition(".")[0])
    group = "-".join(word for word in words if word not in {"requirements", "constraints", ""})
    for line, content in logical_lines(text.text):
        option = _OPTION.match(content)
        if option and option[1] in {"-e", "--editable"}:
            row = dependency(_HASH.sub("", option[2]), group, kind, editable=True)
        elif content.startswith("-"):
            known = _INDEXES.get(option[1]) if option else None
            if known and option:
                yield line, index(known[0], option[2].strip(), extra=known[1])
            continue
        else:
            row = dependency(_HASH.sub("", content), group, kind, hashed="--hash" in content)
        if row is not None:
            yield line, row

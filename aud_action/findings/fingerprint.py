"""
A finding's identity from run to run: call `stamp(findings, sources)`.

Two fingerprints are made. Ours survives moving a function within its file, reformatting and comments. GitHub knows
only `primaryLocationLineHash`, and warns about each result whose value isn't exactly what its own client computes.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from aud_action.findings import Finding, Location
from aud_action.findings.source import SourceText, cut_out

NAME = "aud/v1"
"""The key of our fingerprint in SARIF's partialFingerprints."""

MAX_REGION = 8_000  #: characters of a region that tell it apart

_WINDOW, _BASE, _MODULUS = 100, 37, 1 << 64
_POWERS = [pow(_BASE, _WINDOW - 1 - n, _MODULUS) for n in range(_WINDOW)]
_TOKEN = re.compile(
    r"""(?P<prefix>[A-Za-z]{0,2})(?P<quote>\"\"\"|'''|"|')(?P<body>(?:\\.|(?!(?P=quote))[^\\])*)(?P=quote)"""
    r"|(?P<word>\w+)|\#[^\r\n]*|(?P<operator>[^\s\w(),;\\])",
    re.DOTALL,
)


class LineHashes:
    """
    GitHub's `primaryLocationLineHash` of each line of one file.

    A hash sums base-37 powers over the 100 UTF-16 units from the line's start, spaces and tabs dropped, CR and CRLF
    made LF, U+FFFF at the end of the file; after the colon stands how many lines from the top have the same.
    (codeql-action src/fingerprints.ts; behaviour checked against two other implementations)
    """

    def __init__(self, text: str) -> None:
        lines = re.sub(r"\r\n?", "\n", text).replace(" ", "").replace("\t", "").split("\n")
        units = [line.encode("utf-16-le", "surrogatepass") for line in lines]
        body = b"\n\0".join(units) + b"\xff\xff" + bytes(2 * _WINDOW)
        seen: Counter[bytes] = Counter()
        self._windows: list[tuple[bytes, int]] = []
        start = 0
        for unit in units:
            window = body[start : start + 2 * _WINDOW]
            seen[window] += 1
            self._windows.append((window, seen[window]))
            start += len(unit) + 2

    def at(self, line: int) -> str | None:
        """The hash of a 1-based line; None beyond the file's end."""
        if not 1 <= line <= len(self._windows):
            return None
        window, count = self._windows[line - 1]
        units = (int.from_bytes(window[n : n + 2], "little") for n in range(0, 2 * _WINDOW, 2))
        total = sum(unit * power for unit, power in zip(units, _POWERS, strict=True))
        return f"{total % _MODULUS:x}:{count}"


def essence(code: str) -> str:
    r"""
    The code without what a formatter may change: white space, comments, commas, brackets around, quote style.

    >>> essence("execute(  # run\n    'a \"b\"',\n)") == essence('execute("a \\"b\\"")')
    True
    """
    words = []
    for token in _TOKEN.finditer(code):
        if token["quote"]:
            body = re.sub(r"\\(['\"])", r"\1", token["body"])
            words.append(f"{token['prefix'].lower()}'{body}'")
        elif word := token["word"] or token["operator"]:
            words.append(word)
    return " ".join(words)


def local(scope: str, path: str) -> str:
    """
    A scope's name within its module, which stays when the file is renamed.

    >>> local("shop.views.Order.get", "src/shop/views.py"), local("shop", "src/shop/__init__.py")
    ('Order.get', '')
    """
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    modules = [".".join(parts[n:]) for n in range(len(parts))]
    module = next((name for name in modules if scope == name or scope.startswith(f"{name}.")), "")
    return scope[len(module) :].lstrip(".") if module else scope


def _region(location: Location, sources: SourceText) -> str:
    text = sources(location.path)
    return "" if text is None else essence(cut_out(text, location)[:MAX_REGION])


def _identity(finding: Finding, sources: SourceText) -> str:
    parts = [finding.rule, local(finding.scope, finding.location.path), _region(finding.location, sources)]
    if finding.identity:
        parts.append(finding.identity)
    if finding.flow:
        parts.append(_region(finding.flow[0].location, sources))
    return "\0".join(parts)


def stamp(findings: Iterable[Finding], sources: SourceText) -> tuple[Finding, ...]:
    """
    The findings with their fingerprints, in the same order.

    Hashed are rule, scope, the essence of the region and of the flow's source, and what a rule gives as `identity`; equal
    ones in a file are numbered from the top. The path is left out: a baseline keeps it beside, so that a renamed file
    keeps its findings.
    """
    findings = tuple(findings)
    order = sorted(range(len(findings)), key=lambda n: (findings[n].location, findings[n].message))
    seen: Counter[tuple[str, str]] = Counter()
    stamped = list(findings)
    for n in order:
        finding = findings[n]
        identity = _identity(finding, sources)
        key = (finding.location.path, identity)
        seen[key] += 1
        digest = hashlib.sha256(f"{identity}\0{seen[key]}".encode("utf-8", "surrogatepass")).hexdigest()
        stamped[n] = replace(finding, fingerprint=digest[:24])
    return tuple(stamped)

r"""
Strings of the scanned repository, made harmless for the place they are printed in.

Every function starts with `plain`: what can't be seen (controls, bidirectional overrides, zero-width characters, lone
surrogates) is shown as its escape, so that nobody is shown another text than the one that is there.
"""

from __future__ import annotations

import html as _html
import re
from urllib.parse import quote

_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff"
    "\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_MARKS = re.compile(r"""[\\`*_{}\[\]<>|~@#&$"'=^]|:(?=//)|(?<=www)\.|^[-+]|^\d(?=\d*[.)])""")
_CODE_MARKS = re.compile(r"""[\\`*_{}\[\]<>|~@#&$"'=^!]|:(?=//)|(?<=www)\.""")
_ENTITY = {chr(n): f"&#{n};" for n in range(33, 127)}


def _escaped(match: re.Match[str]) -> str:
    unseen = match.group()
    return unseen.encode("unicode_escape").decode("ascii")


def plain(text: str) -> str:
    r"""
    One line in which every character can be seen.

    >>> plain("a\x1b[31m\u202eb\nc")
    'a\\x1b[31m\\u202eb\\nc'
    """
    return _UNSEEN.sub(_escaped, text)


def terminal(text: str) -> str:
    """One line of source for a terminal: as `plain`, but a tab stays white space."""
    return plain(text.replace("\t", "    "))


def markdown(text: str) -> str:
    """
    Text for a Markdown line or table cell, also inside raw HTML: entities can't be syntax.

    A zero-width space after @ and # keeps GitHub from mentioning people and linking issues in the rendered text.

    >>> markdown("<b>@ann *x*|")
    '&#60;b&#62;&#64;&#8203;ann &#42;x&#42;&#124;'
    """

    def entity(match: re.Match[str]) -> str:
        mark = match.group()
        return _ENTITY[mark] + ("&#8203;" if mark in "@#" else "")

    return _MARKS.sub(entity, plain(" ".join(text.split())))


def code(text: str) -> str:
    """
    A code span that holds in tables and HTML too, and that no backtick ends.

    >>> code("a`|<b>")
    '<code>a&#96;&#124;&#60;b&#62;</code>'
    """
    return f"<code>{_CODE_MARKS.sub(lambda match: _ENTITY[match.group()], plain(text))}</code>"


def fence(text: str, language: str = "python") -> str:
    """A Markdown block of several lines, its fence longer than any run of backticks inside."""
    lines = [plain(line.replace("\t", "    ")) for line in re.split(r"\r\n|\r|\n", text)]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    marks = "`" * max(3, longest + 1)
    return "\n".join([marks + language, *lines, marks])


def html(text: str) -> str:
    """Text for HTML, in elements and in quoted attributes."""
    return _html.escape(plain(text), quote=True)


def _bytes(path: str) -> bytes:
    """The bytes of a file name as the system has them."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "replace")


def name(path: str) -> str:
    """A path for a machine to read: valid Unicode, nothing else changed."""
    return _bytes(path).decode("utf-8", "replace")


def uri(path: str) -> str:
    """
    A path from the repository's root as a relative URI reference, percent-encoded.

    >>> uri("a b/ü#.py")
    'a%20b/%C3%BC%23.py'
    """
    return quote(_bytes(path), safe="/-._~").removeprefix("./")


def command_data(text: str) -> str:
    """The message of a workflow command (runner: ActionCommand.cs)."""
    lines = (plain(line) for line in text.split("\n"))
    return "\n".join(lines).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """A property of a workflow command: also `:` and `,`. A file's name must stay itself: nothing is made visible."""
    escapes = {"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"}
    return "".join(escapes.get(character, character) for character in name(text))

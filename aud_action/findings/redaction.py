"""Secrets of the scanned code don't leave it: what reports show of a line has them masked, letter for letter."""

from __future__ import annotations

import re
from typing import Final

from schema.formats import FORMATS

_NAMED: Final = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|credentials?|api_?key|[a-z]_?key|_key|salt|authorization|auth(?!or))\w{0,40}[\"']?\]?\s{0,20}"
    r"(?::\s{0,20}[\w\[\], .|]{1,80}?\s{0,20}(?==))?(?:[=!]=|=|:|,)\s{0,20}(?:[rbuf]{0,2})"
    r"(?P<quote>[\"'])(?P<value>(?:\\.|(?!(?P=quote)).)+)"
)
_URL: Final = re.compile(r"(?<=://)([^\s/@:\"']*):(?P<value>[^\s/@\"']+)(?=@)")
_BLOCK: Final = re.compile(r"^[\s\"'+]*(?P<value>[A-Za-z0-9+/]{40,}={0,2})(?:\\n)?[\"']?\s*[)\\+,]*$")
_HEADER: Final = re.compile(r"(?i)\b(?:bearer|basic)\s+(?P<value>[A-Za-z0-9+/=_.\-]{12,})")
_TEXT: Final = r"[rbuf]{0,2}(?P<quote>[\"'])(?P<value>(?:\\.|(?!(?P=quote)).){4,200})(?P=quote)"
_PAIR: Final = re.compile(rf"(?i)auth\s{{0,9}}=\s{{0,9}}\([^(),]{{1,80}},\s{{0,9}}{_TEXT}")
_LAST: Final = re.compile(
    r"\b(?:set_password\(|(?:create_user|create_superuser|login|connect|\w{0,20}BasicAuth|PlainCredentials)\([^()]{1,200}?,)\s{0,9}"
    rf"{_TEXT}\s{{0,9}}\)"
)
_KEYED: Final = re.compile(
    rf"\b(?:jwt|jws|jose)\w{{0,20}}\.(?:encode|decode|sign|verify)\([^()\"']{{1,80}},\s{{0,9}}{_TEXT}"
)
_FIRST: Final = re.compile(
    rf"\b(?:Fernet|hmac\.\w{{1,10}}|(?:AES|DES3?|ARC4|Blowfish|ChaCha20|HMAC)\.new|\w{{0,40}}Serializer|\w{{0,20}}Signer)\(\s{{0,9}}{_TEXT}"
)
_ANSWERS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "none", "null"})
_PLACE: Final = re.compile(r"%\w|%\(\w+\)\w")
_SHOWN: Final = 3  #: letters of a masked value that stay, where it is long enough
_PATTERNS: Final = (
    _NAMED,
    _PAIR,
    _LAST,
    _KEYED,
    _FIRST,
    _URL,
    _BLOCK,
    _HEADER,
    *(re.compile(pattern.decode()) for _, _, pattern in FORMATS),
)


def _mask(match: re.Match[str]) -> str:
    named = "value" in match.re.groupindex
    value = match["value"] if named else match.group()
    if (value.startswith("{") and value.endswith("}")) or value.lower() in _ANSWERS or _PLACE.fullmatch(value):
        return match.group()
    shown = value[:_SHOWN] if len(value) >= 4 * _SHOWN else ""
    start = match.start("value") - match.start() if named else 0
    text = match.group()
    return text[:start] + shown + "*" * (len(value) - len(shown)) + text[start + len(value) :]


def redacted(line: str) -> str:
    """
    A line with every value that looks like a secret masked; it keeps its length, so that columns still hold.

    >>> redacted('password = "Tr0ub4dor&3"; name = "shop"')
    'password = "***********"; name = "shop"'
    >>> redacted("connect('postgresql://shop:k3j-d83.Q@db/shop')")
    "connect('postgresql://shop:*********@db/shop')"
    >>> redacted('headers["Access-Control-Allow-Credentials"] = "true"')
    'headers["Access-Control-Allow-Credentials"] = "true"'
    >>> redacted('f"Authorization: Bearer {token}"; request.form["password"]')
    'f"Authorization: Bearer {token}"; request.form["password"]'
    >>> redacted("where author = 'Astrid'; token = '%s'; auth = 'k3j-d83.Q'")
    "where author = 'Astrid'; token = '%s'; auth = '*********'"
    """
    for pattern in _PATTERNS:
        line = pattern.sub(_mask, line)
    return line

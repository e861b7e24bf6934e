"""Secrets don't get into the database: in every column their letters are masked, and lengths stay as they were."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

_SHOWN: Final = 3  #: letters that stay of a long secret; of a short one only the first
_LONG: Final = 12
_WORD: Final = re.compile(r"(?!(?=.*\d).{10})\w+")  #: could be a name: short, or without a digit
Row = tuple[Any, ...]


def masked(secret: str) -> str:
    """
    As many characters, of which only the first can be read.

    >>> masked("hunter2hunter2"), masked("short")
    ('hun***********', 's****')
    """
    shown = _SHOWN if len(secret) >= _LONG else 1
    return secret[:shown] + "*" * (len(secret) - shown)


def _pattern(secrets: Collection[str]) -> re.Pattern[str]:
    """The secrets where they stand: those that could be names only between quotes, or alone."""
    parts = []
    for secret in sorted(secrets, key=len, reverse=True):
        text = re.escape(secret)
        parts.append(rf"(?<=[\"'/:@ ]){text}(?=[\"'/:@ ])|\A{text}\Z" if _WORD.fullmatch(secret) else text)
    return re.compile("|".join(parts))


def redact(tables: dict[str, list[Row]], secrets: Collection[str]) -> None:
    """Mask the secrets in every row of a file, in texts and in packed facts alike."""
    pattern = _pattern(secrets)

    def hidden(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(lambda match: masked(match.group()), value)
        if isinstance(value, bytes):
            for secret in secrets:
                value = _packed(value, secret)
        return value

    first = re.compile("|".join(re.escape(secret) for secret in secrets))
    for rows in tables.values():
        for number, row in enumerate(rows):
            if any((value.__class__ is str and first.search(value)) or value.__class__ is bytes for value in row):
                rows[number] = tuple(hidden(value) for value in row)


def _packed(value: bytes, secret: str) -> bytes:
    """The bytes with a secret masked; one that could be a name only as a whole text, told by its length in front."""
    text, mask = secret.encode(), masked(secret).encode()
    if not _WORD.fullmatch(secret):
        return value.replace(text, mask)
    size = len(text)
    for head in ([bytes([0xA0 | size])] if size < 32 else []) + [
        bytes([0xC4, size & 255]),
        bytes([0xD9, size & 255]),
    ]:  # msgpack's short text
        value = value.replace(head + text, head + mask)
    return value

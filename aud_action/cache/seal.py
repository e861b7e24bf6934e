"""How a kept thing shows that it is what we wrote: a keyed digest when AUD_CACHE_KEY is set, else a checksum."""

from __future__ import annotations

import hmac
import os
from typing import Final

KEY: Final = "AUD_CACHE_KEY"
WIDTH: Final = 32
"""Bytes of a seal."""


def key() -> bytes:
    """The secret of whoever shares a cache; empty when there is none."""
    return os.environb.get(KEY.encode(), b"")


def seal(content: bytes) -> bytes:
    """The seal of some bytes. Without a key it shows damage, not malice."""
    return hmac.digest(key() or b"aud", content, "sha256")


def sealed(content: bytes) -> bytes:
    """The bytes with their seal in front."""
    return seal(content) + content


def unsealed(content: bytes) -> bytes | None:
    """The bytes behind their seal; None when the seal is not ours."""
    body = content[WIDTH:]
    return body if hmac.compare_digest(content[:WIDTH], seal(body)) else None

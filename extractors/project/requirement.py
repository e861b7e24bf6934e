"""One requirement: a line of a file, or a string of a manifest, as a row."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from schema.project import Dependency, DependencyIndex

_NAME: Final = re.compile(r"[-_.]+")
_VCS: Final = ("git+", "hg+", "svn+", "bzr+", "git://")
_EGG: Final = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?")
_LIMIT: Final = 2000
_COMMIT: Final = re.compile(r"@[0-9a-f]{40}(?:$|[#&])")
_PIN: Final = re.compile(r"={2,3}\s*([^,*\s]+)")


def normal(name: str) -> str:
    """
    A distribution's name as the index compares it (PEP 503).

    >>> normal("Flask_SQLAlchemy.Ext")
    'flask-sqlalchemy-ext'
    """
    return _NAME.sub("-", name).lower()


def pinned(specifier: str) -> str | None:
    """
    The one version a specifier allows.

    >>> pinned("==1.2"), pinned("===1"), pinned("==1.*"), pinned(">=1"), pinned("==1,!=2")
    ('1.2', '1', None, None, None)
    """
    found = _PIN.fullmatch(specifier.strip())
    return found[1] if found else None


def dependency(text: str, group: str, kind: str, *, editable: bool = False, hashed: bool = False) -> Dependency | None:
    """A requirement as PEP 508 writes it, or as pip reads it: an address or a path. None for what is neither."""
    text = text.strip()[:_LIMIT]
    if not text:
        return None
    if text.startswith((*_VCS, ".", "/")) or "://" in text.partition("@")[0]:
        return _addressed(text, group, kind, editable, hashed)
    from packaging.requirements import InvalidRequirement, Requirement  # as dear as all extractors, and seldom needed

    try:
        found = Requirement(text)
    except (InvalidRequirement, RecursionError):
        return None
    specifier = str(found.specifier)
    source = "index" if not found.url else "vcs" if found.url.startswith(_VCS) else "url"
    version = pinned(specifier)
    return Dependency(
        name=normal(found.name),
        specifier=specifier or None,
        version=version,
        group_name=group,
        kind=kind,
        extras=",".join(sorted(found.extras)) or None,
        marker=str(found.marker) if found.marker else None,
        source="editable" if editable else source,
        is_pinned=version is not None or bool(found.url and _COMMIT.search(found.url)),
        has_hash=hashed,
        is_direct=True,
    )


def _addressed(text: str, group: str, kind: str, editable: bool, hashed: bool) -> Dependency:
    address, _, marker = text.partition(" ; ")
    egg = _EGG.search(address)
    plain = address.partition("#")[0].partition("?")[0].rstrip("/")
    last = plain.rpartition("/")[2].partition("@")[0]
    name = egg[1] if egg else last.removesuffix(".git").partition("[")[0]
    source = "vcs" if text.startswith(_VCS) else "url" if "://" in text else "path"
    extras = egg[2] if egg else None
    is_pinned = source == "vcs" and bool(_COMMIT.search(address))
    return Dependency(
        normal(name) if any(map(str.isalnum, name)) else name or ".",
        None,
        None,
        group,
        kind,
        extras,
        marker.strip() or None,
        "editable" if editable else source,
        is_pinned,
        hashed,
        True,
    )


def index(kind: str, address: str, *, extra: bool) -> DependencyIndex:
    """A source of packages: only its host, because an address may hold a password."""
    try:
        host = urlsplit(address.strip("'\"")).hostname
    except ValueError:
        host = None
    if host is None and kind == "trusted-host":
        host = address.partition(":")[0].strip()
    return DependencyIndex(kind, host, extra, kind == "trusted-host")

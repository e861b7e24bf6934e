"""Licences: what manifests, installed metadata and bills of materials state, and texts that are recognised."""

from __future__ import annotations

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from typing import Any, Final

from extractors.context import Context
from extractors.project.requirement import normal
from extractors.project.setup import SETUPS
from extractors.registry import extracts
from extractors.texts import Text, reads
from schema.licenses import License

Rows = Iterator[tuple[int, License]]
_WORDS: Final = {
    "Apache-2.0": "apache apache2 apache-2 apache2.0 apachelicense apachelicense2.0 apachelicenseversion2.0 apachesoftwarelicense asl2.0",
    "MIT": "mit mitlicense expat themitlicense",
    "BSD-3-Clause": "bsd-3-clause bsd3-clause newbsd newbsdlicense modifiedbsd 3-clausebsd 3-clausebsdlicense bsd3 revisedbsd",
    "BSD-2-Clause": "bsd2-clause simplifiedbsd 2-clausebsd 2-clausebsdlicense bsd2",
    "ISC": "isc isclicense",
    "MPL-2.0": "mpl2.0 mpl-2 mpl2 mozillapubliclicense2.0",
    "GPL-2.0-only": "gplv2 gpl2 gpl-2.0 gnugplv2",
    "GPL-3.0-only": "gplv3 gpl3 gpl-3.0 gnugplv3",
    "GPL-2.0-or-later": "gplv2+ gpl-2.0+",
    "GPL-3.0-or-later": "gplv3+ gpl-3.0+",
    "LGPL-2.1-only": "lgplv2.1 lgpl-2.1",
    "LGPL-3.0-only": "lgplv3 lgpl3 lgpl-3.0",
    "LGPL-3.0-or-later": "lgplv3+ lgpl-3.0+",
    "AGPL-3.0-only": "agplv3 agpl3 agpl-3.0 gnuagplv3",
    "AGPL-3.0-or-later": "agplv3+ agpl-3.0+",
    "Unlicense": "theunlicense",
    "PSF-2.0": "psf psfl pythonsoftwarefoundationlicense",
    "CC0-1.0": "cc0 cc01.0",
}
_KNOWN: Final = {word: name for name, words in _WORDS.items() for word in [*words.split(), name.lower()]} | {
    name.lower(): name
    for name in "0BSD Zlib BSL-1.0 EPL-2.0 EUPL-1.2 Artistic-2.0 LGPL-2.1-or-later MIT-0 Python-2.0 BSD-4-Clause WTFPL MIT-CMU".split()
}
"""What people write, in small letters without blanks, and what SPDX calls it."""
_CLASSIFIED: Final = {
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "The Unlicense (Unlicense)": "Unlicense",
    "Python Software Foundation License": "PSF-2.0",
    "zlib/libpng License": "Zlib",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
}
_TEXTS: Final = (
    ("Apache-2.0", ("apache license version 2.0",)),
    ("AGPL-3.0-only", ("gnu affero general public license version 3",)),
    ("LGPL-3.0-only", ("gnu lesser general public license version 3",)),
    ("LGPL-2.1-only", ("gnu lesser general public license version 2.1",)),
    ("GPL-3.0-only", ("gnu general public license version 3",)),
    ("GPL-2.0-only", ("gnu general public license version 2",)),
    ("MPL-2.0", ("mozilla public license version 2.0",)),
    ("Unlicense", ("this is free and unencumbered software released into the public domain",)),
    ("CC0-1.0", ("cc0 1.0 universal",)),
    ("BSD-3-Clause", ("redistribution and use in source and binary forms", "neither the name")),
    ("BSD-2-Clause", ("redistribution and use in source and binary forms",)),
    ("ISC", ("permission to use, copy, modify, and", "distribute this software for any purpose with or without fee")),
    ("MIT", ("permission is hereby granted, free of charge, to any person obtaining a copy", "without restriction")),
)
"""What the beginning of a licence's text holds; the first that holds all of it."""
_OPERATORS: Final = re.compile(r"\s+(?:AND|OR|WITH)\s+|[()]")
_PREFIX: Final = "License :: "
_HEAD: Final = 4_000
_ENDS: Final = ("txt", "md", "rst", "LESSER")
_LONGEST: Final = 120


def expression_of(stated: str) -> str | None:
    """
    What SPDX calls what is stated; an expression of such names as it is.

    >>> expression_of("Apache License 2.0"), expression_of("MIT OR (Apache-2.0 AND BSD-2-Clause)"), expression_of("BSD")
    ('Apache-2.0', 'MIT OR (Apache-2.0 AND BSD-2-Clause)', None)
    """
    known = _KNOWN.get(re.sub(r"[\s,]|\bversion\b|\bv(?=\d)", "", stated.lower()))
    if known is not None:
        return known
    parts = [part.strip() for part in _OPERATORS.split(stated[: _LONGEST * 4]) if part.strip()]
    names = re.compile(r"[A-Za-z0-9.+-]+(?:-[0-9.]+)[A-Za-z0-9.+-]*|LicenseRef-[\w.-]+")
    is_one = len(parts) > 1 or "-" in stated
    if is_one and all(part.lower() in _KNOWN or names.fullmatch(part) for part in parts):
        return stated.strip()
    return None


def stated(package: str | None, text: str, source: str) -> License:
    """A licence by what a manifest calls it."""
    found = expression_of(text)
    shown = text.strip().partition("\n")[0][:_LONGEST]
    return License(package, found, "declared" if found else "unknown", source, shown)


def classified(package: str | None, classifiers: Iterable[Any], source: str) -> Iterator[tuple[str, License]]:
    """Each classifier that names a licence."""
    for text in classifiers:
        if isinstance(text, str) and text.strip().startswith(_PREFIX) and text.strip() != "License :: OSI Approved":
            found = _CLASSIFIED.get(text.rpartition(" :: ")[2].strip())
            yield text, License(package, found, "classified" if found else "unknown", source, text.strip()[:_LONGEST])


def _name(value: Any) -> str | None:
    return normal(value) if isinstance(value, str) else None


@reads("pyproject.toml")
def pyproject_license(text: Text) -> Rows:
    """What a pyproject.toml states: an expression (PEP 639), a text, classifiers; Poetry's too."""
    data = tomllib.loads(text.text)
    tool = data.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    for table in (data.get("project"), poetry):
        if isinstance(table, dict):
            name, given = _name(table.get("name")), table.get("license")
            given = given.get("text") if isinstance(given, dict) else given
            if isinstance(given, str) and given.strip():
                yield text.line_of("license"), stated(name, given, "pyproject")
            classifiers = table.get("classifiers")
            for found, row in classified(name, classifiers if isinstance(classifiers, list) else (), "pyproject"):
                yield text.line_of(found), row


@reads("setup.cfg")
def setup_cfg_license(text: Text) -> Rows:
    """What the metadata of a setup.cfg states."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text.text)
    name, given = (parser.get("metadata", key, fallback=None) for key in ("name", "license"))
    if given and given.strip():
        yield text.line_of("license", "[metadata]"), stated(_name(name), given, "setup.cfg")
    lines = parser.get("metadata", "classifiers", fallback="") or parser.get("metadata", "classifier", fallback="")
    for found, row in classified(_name(name), lines.splitlines(), "setup.cfg"):
        yield text.line_of(found.strip()), row


@extracts(ast.Call, callee={"setup"}, when=("setuptools", "distutils"))
def setup_license(node: ast.Call, context: Context) -> Iterator[License]:
    """
    What a call of `setup` states.

    >>> rows(setup_license, "from setuptools import setup\\nsetup(name='A_b', license='MIT', classifiers=['License :: OSI Approved :: MIT License', 'X'])")
    License(package='a-b', expression='MIT', status='declared', source='setup.py', stated='MIT')
    License(package='a-b', expression='MIT', status='classified', source='setup.py', stated='License :: OSI Approved :: MIT License')
    """
    if context.name(node.func) in SETUPS:
        name = _name(context.string(context.keyword(node, "name")))
        given = context.string(context.keyword(node, "license"))
        if given and given.strip():
            yield stated(name, given, "setup.py")
        classifiers = context.constant(context.keyword(node, "classifiers"))
        for _, row in classified(name, classifiers if isinstance(classifiers, tuple) else (), "setup.py"):
            yield row


@reads("LICEN[CS]E", "COPYING", *(f"{name}.{end}" for name in ("LICEN[CS]E", "COPYING") for end in _ENDS), prose=True)
def license_text(text: Text) -> Rows:
    """The licence that a text is."""
    head = " ".join(re.sub(r"[^a-z0-9.,()-]+", " ", text.text[:_HEAD].lower()).replace(", version", " version").split())
    found = next((name for name, marks in _TEXTS if all(mark in head for mark in marks)), None)
    first = next((line.strip() for line in text.text.split("\n") if line.strip()), "")
    yield 1, License(None, found, "recognised" if found else "unknown", "text", first[:_LONGEST])


@reads("*.dist-info/METADATA", "*.egg-info/PKG-INFO", prose=True)
def metadata_license(text: Text) -> Rows:
    """What the metadata of an installed or vendored distribution states."""
    from email.parser import HeaderParser  # 25 modules, for files that few repositories hold

    message = HeaderParser().parsestr(text.text)
    name = _name(str(message.get("Name") or ""))
    given = message.get("License-Expression") or message.get("License")
    if given and str(given).strip() not in {"", "UNKNOWN"}:
        yield text.line_of("License"), stated(name, str(given), "metadata")
    for found, row in classified(name, map(str, message.get_all("Classifier") or ()), "metadata"):
        yield text.line_of(found), row


@reads("bom.json", "*.cdx.json")
def sbom_license(text: Text) -> Rows:
    """The licences of each component of a bill of materials (CycloneDX)."""
    data = json.loads(text.text)
    components = data.get("components") if isinstance(data, dict) else None
    for one in components if isinstance(components, list) else ():
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            for entry in one.get("licenses") or ():
                inner = entry.get("license") if isinstance(entry.get("license"), dict) else entry
                given = inner.get("id") or inner.get("expression") or inner.get("name")
                if isinstance(given, str):
                    yield text.line_of(f'"{one["name"]}"'), stated(_name(one["name"]), given, "sbom")

"""What a configuration of pytest asks of all tests."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from extractors.texts import Text, reads
from schema.testing import PytestFixtureUse

_SECTIONS: Final = {"setup.cfg": "tool:pytest"}  #: elsewhere its own
Rows = Iterator[tuple[int, PytestFixtureUse]]


def _uses(text: Text, names: list[str]) -> Rows:
    for name in names:
        yield text.line_of(name, "usefixtures"), PytestFixtureUse("", name, "ini")


@reads("pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg")
def configured_fixture_use(text: Text) -> Rows:
    """Each fixture that all tests use by a section of pytest's."""
    if "usefixtures" in text.text:
        parser = configparser.RawConfigParser(strict=False)
        parser.read_string(text.text)
        section = _SECTIONS.get(text.name, "pytest")
        yield from _uses(text, parser.get(section, "usefixtures", fallback="").split())


@reads("pyproject.toml", "pytest.toml", ".pytest.toml")
def declared_fixture_use(text: Text) -> Rows:
    """Each fixture that all tests use by a table of pytest's."""
    data: Any = tomllib.loads(text.text) if "usefixtures" in text.text else {}
    for table in ("tool", "pytest") if text.name == "pyproject.toml" else ("pytest",):
        data = data.get(table) if isinstance(data, dict) else None
    own = data if isinstance(data, dict) else {}
    older = own.get("ini_options")
    given = own.get("usefixtures", older.get("usefixtures") if isinstance(older, dict) else None)
    names = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
    yield from _uses(text, [name for name in names if isinstance(name, str)])

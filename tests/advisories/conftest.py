"""A repository with a list of advisories beside it."""

import json
import sys
from pathlib import Path

import pytest

for _folder in (Path(__file__).parent, Path(__file__).parents[1] / "cache"):
    sys.path.append(str(_folder))  # importlib mode: tests are no package

from aud_action.pipeline import scan  # noqa: E402
from aud_action.settings import Settings  # noqa: E402


class Repository:
    """A folder, and what a scan of it says."""

    def __init__(self, root: Path):
        self.root = root
        self.write("app.py", "x = 1\n")

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def give(self, *records) -> None:
        """Give the repository a list."""
        self.write(".aud/advisories.jsonl", "".join(json.dumps(one) + "\n" for one in records))

    def scan(self, database: Path | None = None, **settings):
        wanted = Settings(root=self.root, jobs=1, select=("vulnerable-dependency",), **settings)
        return scan(wanted, database)

    def told(self, **settings) -> list[str]:
        """Place and message of each finding."""
        found = self.scan(**settings).findings
        return [f"{one.location.path}:{one.location.line} {one.message}" for one in found]


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")

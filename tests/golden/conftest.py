"""Golden files: what a fixture application gives, readable in a diff. `pytest tests/golden --update` writes them anew."""

from pathlib import Path

import pytest

from aud_action.pipeline import index
from aud_action.settings import Settings

HERE = Path(__file__).parent
FIXTURES = HERE.parents[1] / "fixtures"


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="write the golden files instead of comparing with them")


def told(application, tables, folder):
    """The rows of some tables as text: one heading per table, one line per row, with its place."""
    store, _, _ = index(Settings(root=FIXTURES / application, jobs=1), folder / "aud.db")
    lines = []
    for table in tables:
        view = table.removeprefix("python_")
        found = sorted(map(tuple, store.rows(f"SELECT * FROM {view}")), key=repr)
        lines += [
            f"## {table}",
            *("  ".join(map(str, row[:-1])).replace("\n", "\\n") for row in found),
            "",
        ]  # the last column is the site
    store.close()
    return "\n".join(lines)


@pytest.fixture
def golden(request, tmp_path):
    """Compares what an application gives with its golden file."""

    def compare(application, *tables):
        path = HERE / f"{application}.txt"
        text = told(application, tables, tmp_path)
        if request.config.getoption("--update", default=False):
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")

    return compare

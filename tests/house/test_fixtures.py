"""The fixture applications: exactly the marked lines are reported, and a safe twin is silent."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aud_action.cli import app

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
APPLICATIONS = sorted(path for path in FIXTURES.iterdir() if (path / "README.md").is_file())


def marked(application):
    """(path, line) of each line that ends in `# finding`."""
    for path in sorted(application.rglob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.rstrip().endswith("# finding"):
                yield str(path.relative_to(application)), number


def reported(application, tmp_path):
    """(path, line) of each result in the SARIF of a scan."""
    sarif = tmp_path / "aud.sarif"
    done = CliRunner().invoke(
        app, ["scan", str(application), "--fail-on", "never", "--sarif", str(sarif), "--jobs", "1"]
    )
    assert done.exit_code == 0, done.output
    for result in json.loads(sarif.read_text("utf-8"))["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        yield place["artifactLocation"]["uri"], place["region"]["startLine"]


@pytest.mark.parametrize("application", APPLICATIONS, ids=lambda path: path.name)
def test_exactly_the_marked_lines_are_reported(application, tmp_path):
    assert sorted(set(reported(application, tmp_path))) == sorted(marked(application))

"""Real projects, read whole. `make proof` runs these; they need `make corpora`."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from floor import floor, measured

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = sorted(path for path in (ROOT / "corpora").glob("*") if path.is_dir())
AUD = [sys.executable, "-I", "-m", "aud_action"]

pytestmark = pytest.mark.proof


@pytest.fixture(scope="module", params=PROJECTS, ids=lambda path: path.name)
def scanned(request, tmp_path_factory):
    """One project's SARIF and database."""
    folder = tmp_path_factory.mktemp(request.param.name)
    outputs = ["--sarif", folder / "aud.sarif", "--db", folder / "aud.db", "--fail-on", "never"]
    done = subprocess.run([*AUD, "scan", request.param, *outputs], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return request.param, json.loads((folder / "aud.sarif").read_text("utf-8")), sqlite3.connect(folder / "aud.db")


def test_no_extractor_fails_on_it(scanned):
    _, _, database = scanned
    known = "('read', 'decode', 'parse', 'limit')"
    failed = database.execute(
        f"SELECT extractor, kind, message FROM python_extraction_errors WHERE extractor NOT IN {known}"
    )
    assert failed.fetchall() == []


def test_every_python_file_is_in_the_database(scanned):
    top, _, database = scanned
    on_disk = {str(path.relative_to(top)) for path in top.rglob("*.py") if path.is_file() and not path.is_symlink()}
    known = {path for (path,) in database.execute("SELECT path FROM files")}
    assert on_disk - known == set()


def test_every_finding_points_into_its_file(scanned):
    top, sarif, _ = scanned
    for result in sarif["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        lines = (top / place["artifactLocation"]["uri"]).read_text("utf-8", errors="replace").splitlines()
        assert 1 <= place["region"]["startLine"] <= len(lines)


def test_django_s_index_costs_at_most_three_floors_and_no_process_passes_150_mb(tmp_path):
    django = next((path for path in PROJECTS if path.name.startswith("django-")), None)
    if django is None:
        pytest.skip("run `make corpora`")
    command = [*AUD, "index", str(django), "--db", str(tmp_path / "aud.db"), "--jobs", "2"]
    rounds = [(floor(str(django)), measured(command)) for _ in range(4)][1:]
    assert sorted(index.cpu / base.cpu for base, index in rounds)[1] <= 3.0
    assert max(index.mb for _, index in rounds) <= 150

"""The wheel: all it needs is inside, and all four names are ours."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"aud_action", "extractors", "schema", "templates"}
OWNERS = """
import json
from importlib.metadata import distributions
owners = {}
for distribution in distributions():
    for file in distribution.files or ():
        owners.setdefault(file.parts[0], set()).add(distribution.name)
print(json.dumps({name: sorted(names) for name, names in owners.items()}))
"""


def run(*command, cwd):
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """A fresh environment with the wheel and exactly what the lock file names."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", folder, cwd=ROOT)
    pip = [folder / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock", cwd=ROOT)
    run(*pip, "--no-deps", wheel, cwd=ROOT)
    return folder / "bin"


def test_the_wheel_holds_every_file_of_the_four_packages(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for name in NAMES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and path.suffix in {".py", ".md", ".toml", ".j2", ".typed", ".json", ".txt", ".css"}
    }
    assert wanted - inside == set()
    assert {name.split("/")[0] for name in inside if ".dist-info/" not in name} == NAMES


@pytest.mark.slow
def test_the_installed_wheel_works_from_any_folder_and_shares_no_name(environment, tmp_path):
    """One test, because the environment takes its time and test workers don't share it."""
    (tmp_path / "app.py").write_text("import pickle, sys\npickle.loads(sys.stdin.buffer.read())\n")
    run(environment / "aud", "scan", ".", "--fail-on", "never", "--sarif", "out.sarif", "--db", "out.db", cwd=tmp_path)
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "out.db").stat().st_size > 0
    assert run(environment / "python", "-I", "-m", "aud_action", "rules", cwd=tmp_path)

    owners = json.loads(run(environment / "python", "-I", "-c", OWNERS, cwd=tmp_path))
    assert {name: owners[name] for name in NAMES} == {name: ["aud-action"] for name in NAMES}
    assert "No broken requirements" in run(environment / "python", "-m", "pip", "check", cwd=tmp_path)

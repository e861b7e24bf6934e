"""Start-up: only our own packages, and nothing of the folder we stand in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aud_action import startup

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "from pathlib import Path\nPath({marker!r}).write_text('this ran')\n"


@pytest.fixture
def installed(tmp_path):
    """A copy of what an installation holds, free to be spoilt."""
    home = tmp_path / "site"
    (home / "aud_action").mkdir(parents=True)
    for name in ("__init__.py", "__main__.py", "startup.py"):
        shutil.copy(ROOT / "aud_action" / name, home / "aud_action")
    for package in startup.PACKAGES:
        (home / package).mkdir()
        shutil.copy(ROOT / package / "__init__.py", home / package)
    return home


def start(home):
    code = f"import sys; sys.path.insert(0, {str(home)!r}); from aud_action.__main__ import main; main()"
    return subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=home, capture_output=True, text=True, check=False, env={}
    )


def test_our_own_packages_are_not_foreign():
    assert startup.foreign() == []


@pytest.mark.parametrize("package", startup.PACKAGES)
def test_an_overwritten_package_ends_the_start_with_one_clear_line(package, installed):
    (installed / package / "__init__.py").write_text("class Schema:\n    'Somebody else.'\n")
    done = start(installed)
    assert done.returncode == 3
    assert f"`{package}`" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_shadowed_package_ends_the_start_with_one_clear_line(installed, tmp_path):
    shutil.rmtree(installed / "schema")
    done = start(installed)
    assert done.returncode == 3
    assert "`schema`" in done.stderr


def test_the_folder_we_stand_in_is_never_imported(tmp_path):
    marker = tmp_path / "ran"
    repository = tmp_path / "repository"
    for name in ("aud_action", "schema", "extractors", "templates", "typer", "msgspec"):
        (repository / name).mkdir(parents=True)
        (repository / name / "__init__.py").write_text(HOSTILE.format(marker=str(marker)))
    for name in ("signal.py", "json.py", "sitecustomize.py", "usercustomize.py"):
        (repository / name).write_text(HOSTILE.format(marker=str(marker)))
    (repository / "app.py").write_text("import os\nos.system(input())\n")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    # `-I` leaves PYTHONPATH out, so an uninstalled checkout is named here as an installation would be.
    code = f"import sys; sys.path.append({str(ROOT)!r}); sys.argv = ['aud', 'scan', '.', '--fail-on', 'never']; import runpy; runpy.run_module('aud_action', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=repository, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert not marker.exists()


def test_children_are_told_to_leave_the_current_folder_alone(monkeypatch):
    monkeypatch.setenv("PYTHONSAFEPATH", "")  # set, so that it is put back as it was
    startup.check()
    assert os.environ["PYTHONSAFEPATH"] == "1"

"""What the repository must not say: where packages come from, and which machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Put together here, so that this file does not find itself.
INDEX_HOSTS = re.compile(
    "|".join(re.escape(f"{name}.{end}") for name, end in (("py" + "pi", "org"), ("python" + "hosted", "org")))
)
MACHINE_PATHS = re.compile(
    "|".join(
        ("/" + "root/", "/" + r"work/(?:wt|main|shared|venv|rigs|home)\b", "/" + r"tmp/bash", r"\.\./" + "shared/")
    )
)


def tracked():
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    if not names:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def lines_with(pattern):
    for path in tracked():
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if match := pattern.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: {match.group()}"


def test_no_package_index_is_named():
    assert list(lines_with(INDEX_HOSTS)) == []


def test_no_path_of_a_machine_is_named():
    assert list(lines_with(MACHINE_PATHS)) == []


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-build.lock", "requirements-graphene.lock", "requirements-test.lock"]
)
def test_every_locked_package_has_a_version_and_a_hash_and_no_address(name):
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    packages = re.split(r"\n(?=\S)", text.strip())
    assert [
        package for package in packages if not re.match(r"[\w.-]+==\S+.*--hash=sha256:[0-9a-f]{64}", package, re.DOTALL)
    ] == []


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/*.md")), ids=lambda page: page.name)
def test_every_link_inside_the_repository_leads_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []

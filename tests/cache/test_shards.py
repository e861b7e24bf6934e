"""A repository read in parts by several processes is the same as one read at once."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from equal import differences
from typer.testing import CliRunner

from aud_action.cli import app
from aud_action.files import find
from aud_action.pipeline import index, scan
from aud_action.settings import WrongInput
from aud_action.sharding import Part, of_part, parsed

ROOT = Path(__file__).resolve().parents[2]


def parts(project, count):
    """One database for each part."""
    paths = []
    for number in range(1, count + 1):
        path = project.top / f"{number}.db"
        store, incomplete, _ = index(project.settings, path, shard=f"{number}/{count}")
        store.close()
        assert incomplete == []
        paths.append(path)
    return paths


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_merged_shards_equal_one_run(project, count):
    whole = scan(project.settings, project.top / "whole.db")
    paths = parts(project, count)
    merged = scan(project.settings, project.top / "merged.db", shards=paths[::-1])
    assert differences(project.top / "merged.db", project.top / "whole.db") == []
    assert (merged.findings, merged.unanalysed, merged.tables) == (whole.findings, whole.unanalysed, whole.tables)
    assert merged.incomplete == ()


def test_a_part_with_a_cache_reads_only_what_it_has_not_seen(project):
    settings = replace(project.settings, cache_dir=str(project.cache))

    def part(name, settings):
        store, incomplete, metrics = index(settings, project.top / name, shard="1/2")
        store.close()
        assert incomplete == []
        return int(metrics.get("files_from_cache", 0))

    size = len(of_part(find(project.settings), Part(1, 2)))
    for path in ("", "shop/shell.py", "other.py", "shop/app.py"):
        if path:
            project.write(path, (project.root / path).read_text() + "x = 1\n")
        part("cold.db", project.settings)
        assert part("warm.db", settings) in ({0} if not path else {size - 1, size})
        assert differences(project.top / "warm.db", project.top / "cold.db") == []
    assert part("warm.db", settings) == size
    paths = parts(project, 2)
    whole = scan(project.settings, project.top / "whole.db")
    merged = scan(project.settings, project.top / "merged.db", shards=[project.top / "warm.db", paths[1]])
    assert differences(project.top / "merged.db", project.top / "whole.db") == []
    assert merged.findings == whole.findings


def test_a_part_knows_what_a_whole_run_has_seen(project):
    settings = replace(project.settings, cache_dir=str(project.cache))
    scan(settings)
    store, _, metrics = index(settings, project.top / "part.db", shard="2/2")
    store.close()
    assert metrics["files_from_cache"] == len(of_part(find(project.settings), Part(2, 2)))
    assert scan(settings).metrics["files_from_cache"] == 4


@pytest.mark.parametrize("count", [1, 2, 3, 5, 100])
def test_each_file_is_in_one_part(project, count):
    files = find(project.settings)
    dealt = [of_part(files, Part(number, count)) for number in range(1, count + 1)]
    assert sorted(file.number for part in dealt for file in part) == sorted(file.number for file in files)


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/0", "-1/2", "1/2/3"])
def test_a_part_that_is_none(text):
    with pytest.raises(WrongInput, match="--shard"):
        parsed(text)


def test_a_missing_shard_is_an_incomplete_run(project):
    first, *_ = [path for path in parts(project, 2) if path]
    result = scan(project.settings, project.top / "merged.db", shards=[first])
    assert "not reached" in result.incomplete[0]


def test_a_shard_given_twice(project):
    first, second = parts(project, 2)
    with pytest.raises(WrongInput, match="same file"):
        scan(project.settings, project.top / "merged.db", shards=[first, second, second])


def test_shards_of_another_commit(project):
    paths = parts(project, 2)
    project.write("other.py", "x = 1\n")
    with pytest.raises(WrongInput, match="another content"):
        scan(project.settings, project.top / "merged.db", shards=paths)
    (project.root / "other.py").unlink()
    with pytest.raises(WrongInput, match="not in"):
        scan(project.settings, project.top / "merged.db", shards=paths)


def test_what_is_no_shard(project):
    whole = project.top / "whole.db"
    scan(project.settings, whole)
    for path in (whole, project.root / "other.py", project.top / "absent.db"):
        with pytest.raises(WrongInput, match="shard"):
            scan(project.settings, project.top / "merged.db", shards=[path])
    with pytest.raises(WrongInput, match="other limits"):
        scan(replace(project.settings, max_file_size=99), project.top / "merged.db", shards=parts(project, 2))


def test_the_command_line(project):
    options = ["--repo", str(project.root), "--db", str(project.top / "merged.db"), "--format", "json"]
    runner = CliRunner()
    for number in (1, 2):
        done = runner.invoke(
            app, ["index", str(project.root), "--shard", f"{number}/2", "--db", str(project.top / f"{number}.db")]
        )
        assert done.exit_code == 0, done.output
    done = runner.invoke(app, ["merge", *(str(project.top / f"{number}.db") for number in (1, 2)), *options])
    assert done.exit_code == 1, done.output
    scan(project.settings, project.top / "whole.db")
    assert differences(project.top / "merged.db", project.top / "whole.db") == []


@pytest.mark.proof
def test_four_processes_read_three_projects_as_one_repository(tmp_path):
    """Django, Celery and pytest as one repository, from `make corpora`."""
    corpora = [
        path for path in sorted((ROOT / "corpora").glob("*")) if path.name.startswith(("django", "celery", "pytest"))
    ]
    if len(corpora) < 3:
        pytest.skip("needs `make corpora`")
    for path in corpora:
        shutil.copytree(path, tmp_path / "one" / path.name, symlinks=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    aud = [sys.executable, "-c", "from aud_action.__main__ import main; main()"]
    running = [
        subprocess.Popen(
            [*aud, "index", "one", "--shard", f"{number}/4", "--db", f"{number}.db", "--jobs", "1"],
            cwd=tmp_path,
            env=environment,
        )
        for number in range(1, 5)
    ]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    common = ["--db", "merged.db", "--fail-on", "never", "--format", "none"]
    shards = [f"{number}.db" for number in range(1, 5)]
    subprocess.run([*aud, "merge", *shards, "--repo", "one", *common], cwd=tmp_path, env=environment, check=True)
    common[1] = "whole.db"
    subprocess.run([*aud, "scan", "one", *common], cwd=tmp_path, env=environment, check=True)
    assert differences(tmp_path / "merged.db", tmp_path / "whole.db") == []

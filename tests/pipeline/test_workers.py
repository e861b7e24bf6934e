"""The process pool: any number of processes, files that hang or kill, and still every other fact."""

import ast
import os
import sqlite3
import time

import pytest

from aud_action import workers
from aud_action.pipeline import index
from aud_action.settings import Settings
from extractors import registry

SOURCES = {f"m{n}.py": f"def f{n}(x):\n    return g(x, {n}, key='{n}')\n" * (n % 7 + 1) for n in range(40)}


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    for name, text in SOURCES.items():
        (folder / name).write_text(text)
    return folder


def content(database):
    """Every row of every table but what was measured."""
    db = sqlite3.connect(database)
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    kept = sorted(name for name in names if name not in {"file_metrics", "run_metrics"})
    return {name: sorted(db.execute(f'SELECT * FROM "{name}"'), key=repr) for name in kept}


def indexed(repository, database, **options):
    store, incomplete, _ = index(Settings(root=repository, **options), database)
    store.close()
    return content(database), incomplete


def test_one_process_or_many_give_the_same_database(repository, tmp_path):
    one, _ = indexed(repository, tmp_path / "one.db", jobs=1)
    for jobs in (2, 3, 8):
        many, _ = indexed(repository, tmp_path / f"{jobs}.db", jobs=jobs)
        assert many == one


@pytest.fixture
def hostile(monkeypatch):
    """Makes one file's extraction do something: the hook stands where a parser's bug would strike."""

    def install(action):
        real = workers.extract

        def extract(raw, path, *rest):
            if path == "m7.py":
                action()
            return real(raw, path, *rest)

        monkeypatch.setattr(workers, "extract", extract)

    return install


def hang():
    while True:
        time.sleep(0.01)


def hang_in_c():
    import signal

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(60)


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (hang, "took longer than 1 s"),
        (hang_in_c, "took longer than 1 s"),
        (lambda: os.kill(os.getpid(), 9), "SIGKILL"),
        (lambda: os._exit(7), "exit code 7"),
    ],
    ids=["hangs", "hangs in C", "is killed", "ends"],
)
def test_a_file_that_hangs_or_kills_its_worker_is_one_row(repository, tmp_path, hostile, action, reason):
    hostile(action)
    rows, incomplete = indexed(repository, tmp_path / "aud.db", jobs=2, file_timeout=1)
    assert [row[-2] for row in rows["python_extraction_errors"]] == [
        reason if "longer" in reason else f"ended its worker ({reason})"
    ]
    assert len(rows["files"]) == len(SOURCES)
    assert len({row[2] for row in rows["python_functions"]}) == len(SOURCES) - 1
    assert incomplete == []


def test_a_run_that_is_cut_short_says_so(repository, tmp_path, hostile):
    hostile(hang)
    _, incomplete = indexed(repository, tmp_path / "aud.db", jobs=2, file_timeout=30, timeout=1)
    assert any("time limit" in reason for reason in incomplete)


def test_an_extractor_that_hangs_costs_the_file_and_is_not_taken_for_its_own_error(repository, tmp_path, monkeypatch):
    def stuck(_node, context):
        while context.path == "m7.py":
            time.sleep(0.01)
        return []

    entry = registry.Registration(stuck, (ast.Module,), frozenset(), frozenset(), decorated=False)
    monkeypatch.setattr(registry, "REGISTRATIONS", [*registry.REGISTRATIONS, entry])
    registry.dispatch.cache_clear()
    rows, incomplete = indexed(repository, tmp_path / "aud.db", jobs=2, file_timeout=1)
    registry.dispatch.cache_clear()
    assert [row[-2] for row in rows["python_extraction_errors"]] == ["took longer than 1 s"]
    assert incomplete == []

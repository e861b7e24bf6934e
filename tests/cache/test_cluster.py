"""The same extraction on a Dask cluster: equal to a run of processes, though a worker is killed in the middle."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from equal import differences

from aud_action import commands
from aud_action.pipeline import scan
from aud_action.settings import WrongInput

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers, each a process of its own; the scheduler's address and the workers' processes."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "5"}
    start = {"env": environment, "cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    options = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(tmp_path / "scheduler.json")]
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", *options, "--port", "0"], **start
    )
    for _ in range(300):
        if (tmp_path / "scheduler.json").exists():
            break
        time.sleep(0.1)
    import json

    address = json.loads((tmp_path / "scheduler.json").read_text())["address"]
    command = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        address,
        "--no-nanny",
        "--nthreads",
        "1",
        "--no-dashboard",
    ]
    workers = [subprocess.Popen(command, **start, start_new_session=True) for _ in range(2)]
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


@pytest.mark.proof
def test_a_cluster_of_two_of_which_one_is_killed(project, cluster, monkeypatch):
    from distributed import Client

    monkeypatch.setattr("aud_action.cluster._TASK", 20_000)
    for number in range(120):
        project.write(f"many/m{number}.py", f"import os\ndef f{number}(x):\n    os.system(x)\n" * 60)
    address, workers = cluster
    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)

    done = []

    def watch(phase, count):
        if phase == "file" and not done:
            os.killpg(workers[0].pid, signal.SIGKILL)
        done.extend([count] if phase == "file" else [])

    cold = scan(project.settings, project.top / "cold.db")
    far = scan(project.settings, project.top / "far.db", watch, scheduler=address)
    assert workers[0].wait(10) == -signal.SIGKILL
    assert len(done) > 5
    assert workers[1].poll() is None
    assert differences(project.top / "far.db", project.top / "cold.db") == []
    assert far.findings == cold.findings
    assert far.incomplete == ()


def test_no_scheduler_is_wrong_input(project, monkeypatch):
    monkeypatch.setattr("aud_action.cluster.PATIENCE", "1s")
    with pytest.raises(WrongInput, match="no Dask scheduler"):
        scan(project.settings, scheduler="tcp://127.0.0.1:1")


def test_without_the_extra_is_wrong_input(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(WrongInput, match=r"install aud-action\[dask\]"):
        scan(project.settings, scheduler="tcp://127.0.0.1:1")


@pytest.mark.parametrize("words", [("dask", ""), ("processes", "tcp://a:1"), ("ray", "")])
def test_options_that_do_not_go_together(words):
    with pytest.raises(WrongInput, match="--executor"):
        commands.cluster(*words)


def test_one_task_is_done_as_here(project):
    """What a worker of a cluster does, without one."""
    from aud_action.cluster import jobs, perform
    from aud_action.files import find
    from aud_action.indexing import limits
    from aud_action.workers import Forms

    left = []
    made = jobs(find(project.settings), limits(project.settings), Forms(parcels=True), left)
    assert left == []
    (job, share), *rest = made
    assert rest == []
    assert len(share) == 4
    done = perform(job)
    assert done.keys() == {"shard", "parcels"}
    assert done["shard"][:15] == b"SQLite format 3"
    with pytest.raises(RuntimeError, match="another version"):
        perform(job._replace(program="another"))

"""
Extraction on an existing Dask cluster: the same workers, elsewhere. Needs the extra `dask`.

The content of the files travels with the task, so the cluster needs no shared disk; what comes back are shards. On the
cluster each task runs in a clean process of its own, with the limits of any other run. A task whose worker dies is
given to another by Dask; one that fails for good is done here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aud_action.cache import identity
from aud_action.files import SourceFile
from aud_action.settings import WrongInput
from aud_action.workers import Extraction, Forms, Limits, Progress, run

if TYPE_CHECKING:
    from distributed import Client

PATIENCE: Final = "10s"
"""How long the scheduler may take to answer."""
_TASK: Final = 4_000_000
"""Bytes of source in one task."""
_RETRIES: Final = 2


class Job(NamedTuple):
    """One task: files with their content, and what they may cost."""

    files: list[tuple[int, str, int, str, bool]]
    contents: list[bytes]
    limits: tuple[int, int, list[str]]
    forms: Forms
    program: str


def extract(
    address: str,
    files: Sequence[SourceFile],
    folder: str,
    limits: Limits,
    progress: Progress,
    deadline: float | None,
    forms: Forms,
) -> Extraction:
    """Extract every file on the cluster into shards or parcels below `folder`. Raises WrongInput when there is no cluster."""
    result = Extraction()
    here: list[SourceFile] = []
    with _client(address) as client:
        waiting = {
            client.submit(perform, job, retries=_RETRIES, pure=False): share
            for job, share in jobs(files, limits, forms, here)
        }
        for number, (future, share) in enumerate(waiting.items()):
            try:
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                contents = future.result(timeout=left)
            except TimeoutError:
                result.incomplete.append("time limit reached while extracting")
                client.cancel(list(waiting))
                return result
            except Exception:  # noqa: BLE001  # a cluster can fail in any way; the files are here
                here += share
                continue
            for form, content in contents.items():
                path = os.path.join(folder, f"cluster-{number}.{form}")
                with open(path, "wb") as file:
                    file.write(content)
                (result.shards if form == "shard" else result.parcels).append(path)
            progress(len(share))
    if here:
        own = run(here, folder, 1, limits, progress, deadline, forms)
        result.shards += own.shards
        result.parcels += own.parcels
        result.incomplete += own.incomplete
    return result


def _client(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise WrongInput("--executor dask needs the extra: install aud-action[dask]") from error
    try:
        return Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call] # distributed declares no types for it
    except (OSError, ValueError) as error:
        raise WrongInput(f"--scheduler: no Dask scheduler answers at {address}: {error}") from error


def jobs(
    files: Sequence[SourceFile], limits: Limits, forms: Forms, here: list[SourceFile]
) -> list[tuple[Job, list[SourceFile]]]:
    """Tasks of neighbours by number. A file that can't be sent, or that is over its limit, goes to `here`."""
    made: list[tuple[Job, list[SourceFile]]] = []
    size = _TASK
    for file in sorted(files, key=lambda file: file.number):
        content = _content(file, limits.size)
        if content is None:
            here.append(file)
            continue
        if size >= _TASK:
            bounds = limits.size, limits.seconds, sorted(limits.features)
            made.append((Job([], [], bounds, forms, identity.program()), []))
            size = 0
        job, share = made[-1]
        job.files.append((file.number, file.path, len(content), file.module, file.is_package))
        job.contents.append(content)
        share.append(file)
        size += len(content) + 500
    return made


def _content(file: SourceFile, limit: int) -> bytes | None:
    try:
        with open(os.open(file.real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            content = stream.read(limit + 1)
    except OSError:
        return None
    return content if len(content) <= limit else None


def perform(job: Job) -> dict[str, bytes]:
    """On the cluster: the shard and the parcels of one task, made in a process of its own, as forking a threaded one is not safe."""
    with tempfile.TemporaryDirectory(prefix="aud-") as folder:
        for number, content in enumerate(job.contents):
            with open(os.path.join(folder, str(number)), "wb") as file:
                file.write(content)
        task = json.dumps([folder, job.files, job.limits, job.forms, job.program])
        code = "from aud_action.cluster import child; child()"
        done = subprocess.run([sys.executable, "-P", "-c", code], input=task.encode(), capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode("utf-8", "replace")[-500:])
        wanted = [form for form, is_wanted in zip(("shard", "parcels"), job.forms, strict=True) if is_wanted]
        return {form: Path(folder, f"0.{form}").read_bytes() for form in wanted}


def child() -> None:
    """The process of one task: reads it from its input."""
    folder, files, (size, seconds, features), forms, program = json.loads(sys.stdin.buffer.read())
    if program != identity.program():
        raise SystemExit("this worker of the cluster has another version of aud, or another Python")
    sources = [_source(folder, number, about) for number, about in enumerate(files)]
    run(sources, folder, 1, Limits(size, seconds, frozenset(features)), lambda _count: None, forms=Forms(*forms))


def _source(folder: str, number: int, about: Sequence[Any]) -> SourceFile:
    identifier, path, size, module, is_package = about
    return SourceFile(identifier, path, os.fsencode(os.path.join(folder, str(number))), size, module, is_package)

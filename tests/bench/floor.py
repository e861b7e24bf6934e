"""
The floor: read every .py file and parse it, in forked processes, garbage collection off. What any reader of trees pays.

A cost is stated as a multiple of it, in CPU seconds of the whole process tree: the ratio survives another machine.
"""

from __future__ import annotations

import gc
import os
import sys
from _ast import PyCF_ONLY_AST
from collections.abc import Iterator
from typing import NamedTuple


class Cost(NamedTuple):
    """What a command and everything it started cost; `mb` is the largest process."""

    cpu: float
    wall: float
    mb: float
    exit: int


def python_files(top: str) -> Iterator[tuple[int, str]]:
    """Size and path of each .py file; links are not followed."""
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            path = os.path.join(folder, name)
            if name.endswith(".py") and not os.path.islink(path):
                yield os.path.getsize(path), path


def hands(files: list[tuple[int, str]], processes: int) -> list[list[str]]:
    """The files dealt out, largest first, each to the process with the fewest bytes."""
    loads: list[int] = [0] * processes
    dealt: list[list[str]] = [[] for _ in range(processes)]
    for size, path in sorted(files, reverse=True):
        lightest = loads.index(min(loads))
        loads[lightest] += size
        dealt[lightest].append(path)
    return dealt


def parse(paths: list[str]) -> None:
    """Parse each file and forget the tree."""
    for path in paths:
        with open(path, "rb") as file:
            source = file.read()
        try:
            compile(source, path, "exec", PyCF_ONLY_AST, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue


def once(top: str, processes: int) -> None:
    """The floor itself; runs in an interpreter of its own."""
    gc.disable()
    for hand in hands(list(python_files(top)), processes):
        if os.fork() == 0:
            parse(hand)
            os._exit(0)
    for _ in range(processes):
        os.wait()


def measured(command: list[str], cwd: str | None = None) -> Cost:
    """
    One run of a command, its output dropped.

    A small process starts it: on Linux the memory of whoever starts a process counts as the process's own until it has used more.
    """
    import json
    import subprocess

    starter = [sys.executable, "-S", "-W", "ignore", os.path.abspath(__file__), "--", *command]
    done = subprocess.run(starter, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return Cost(*json.loads(done.stdout))


def started(command: list[str]) -> Cost:
    """One run of a command, started from here."""
    import time

    start = time.perf_counter()
    nothing = os.open(os.devnull, os.O_WRONLY)
    quiet = [(os.POSIX_SPAWN_DUP2, nothing, stream) for stream in (1, 2)]
    number = os.posix_spawnp(command[0], command, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(number, 0)
    code = os.waitstatus_to_exitcode(status)
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024, code)


def floor(top: str, processes: int = 2) -> Cost:
    """What the floor costs on this folder, now."""
    return measured([sys.executable, "-S", "-W", "ignore", os.path.abspath(__file__), top, str(processes)])


if __name__ == "__main__":
    if sys.argv[1] == "--":
        print(list(started(sys.argv[2:])))
    else:
        once(sys.argv[1], int(sys.argv[2]))

"""Asks a running framework: a fixture application is started in a process of its own, and answers in JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from aud_action.pipeline import index
from aud_action.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"


def answer(application, question, python=sys.executable):
    """What `question` (Python code that sets `answer`) finds out inside the running application."""
    code = f"import json, sys\n{question}\nsys.stdout.write('\\n' + json.dumps(answer))"
    done = subprocess.run(
        [python, "-W", "ignore", "-c", code],
        cwd=FIXTURES / application,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def facts(root, folder):
    """The database of a fixture application, or of any folder."""
    path = FIXTURES / root if isinstance(root, str) else root
    store, incomplete, _ = index(Settings(root=path, jobs=1), folder / "aud.db")
    assert incomplete == []
    errors = list(store.rows("SELECT * FROM python_extraction_errors"))
    assert errors == []
    return store


def database(folder, **files):
    """The database of the files given by name: `views` is views.py, `shop__views` is shop/views.py."""
    root = folder / "project"
    for name, text in files.items():
        path = root / (name.replace("__", "/", 1) + ".py" if not name.startswith("__") else name + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return facts(root, folder)


def rows(store, sql):
    """The rows of a query, as a sorted list."""
    return sorted(map(tuple, store.rows(sql)), key=repr)

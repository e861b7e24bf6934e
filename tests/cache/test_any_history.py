"""Law: whatever happens to a repository between runs, a run that remembers ends like one that doesn't."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
from equal import differences
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from aud_action.pipeline import index, scan
from aud_action.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PATHS = [
    "app.py",
    "shop/__init__.py",
    "shop/views.py",
    "shop/db.py",
    "lib/tools.py",
    "lib/__init__.py",
    "tests/test_app.py",
    "ünï.py",
]
TEXTS = [
    "",
    "import os\n\ndef run(command):\n    os.system(command)\n",
    "from flask import Flask, request\nfrom shop.db import find\napp = Flask(__name__)\n\n@app.route('/')\ndef show():\n    return find(request.args['q'])\n",
    "import sqlite3\n\ndef find(q):\n    return sqlite3.connect('x').execute('SELECT ' + q)\n",
    "def find(q):\n    return int(q)\n",
    "import hashlib\nx = hashlib.md5(b'x')  # aud: ignore[weak-hash] a checksum\n",
    "class A:\n    def f(self): return eval(self.x)\n\nclass B(A): ...\n",
    "def broken(:\n",
    "x = '\\udc80'\ny = 'é'\n",
    "password = 'hunter2hunter2'\nassert x\n",
    "from dataclasses import dataclass\nfrom app import A\n\n@dataclass\nclass Item(A):\n    name: str = str(1)\n",
    "from shop.db import find\nfrom shop.views import app as other\n\n@other.post('/more')\ndef more(q):\n    return find(q)\n",
]
REWRITES = [  # a body, a signature, an import, a base class, a global, a decorator, a name that comes to mean something
    ("    return ", "    x = 1\n    return "),
    ("def find(q):", "def find(q, more=str):"),
    ("return find(", "return 'x' or find("),
    ("import os\n", "import os as system\n"),
    ("from shop.db import find", "from lib.tools import find"),
    ("class B(A)", "class B"),
    ("class A:", "class A:\n    x = input()\n"),
    ("def run(command):\n", "def run(command):\n    global x\n    x = command\n"),
    ("@other.post('/more')\n", ""),
    ("def show", "def later(q):\n    return q\n\ndef show"),
    ("def find", "def run(command):\n    return eval(command)\n\ndef find"),
]
MODEL = '[[sink]]\nmatch = ["shop.db.find(0)"]\nclass = "command-injection"\n'
RULE = '# Any call\n\n```toml\nseverity = 5.0\nprecision = "high"\nmessage = "{callee}"\n```\n\nWhy.\n\n```sql\nSELECT site, callee FROM python_calls\n```\n'
CHANGES = [
    {},
    {"profile": "audit"},
    {"exclude": ("lib/",)},
    {"taint": False},
    {"select": ("weak-hash",)},
    {"threat_models": ("remote", "env", "file")},
    {"max_file_size": 90},
]
GIT = [
    "git",
    "-c",
    "user.name=a",
    "-c",
    "user.email=a@example.org",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "commit.gpgsign=false",
]


class History(RuleBasedStateMachine):
    """A repository, its cache, and somebody who works on it."""

    @initialize(paths=st.sets(st.sampled_from(PATHS), min_size=1), text=st.sampled_from(TEXTS), in_git=st.booleans())
    def begin(self, paths, text, in_git):
        self.top = Path(tempfile.mkdtemp(prefix="aud-test-"))
        self.root, self.branches, self.in_git = self.top / "repository", 0, in_git
        self.settings = Settings(root=self.root, jobs=1)
        for path in paths:
            self.put(path, text)
        if in_git:
            self.git("init", "-q", "-b", "b0")
            self.commit()
        self.runs()

    def put(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def git(self, *words):
        subprocess.run([*GIT, "-C", str(self.root), *words], check=True, capture_output=True)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")

    def here(self):
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*.py"))

    @rule(data=st.data(), rewrite=st.sampled_from(REWRITES), back=st.booleans())
    def rewrite(self, data, rewrite, back):
        """Other code in the place of some, where there is any."""
        old, new = reversed(rewrite) if back and rewrite[1] else rewrite
        texts = {path: (self.root / path).read_text("utf-8") for path in self.here()}
        if having := [path for path, text in texts.items() if old in text]:
            path = data.draw(st.sampled_from(having))
            self.put(path, texts[path].replace(old, new))

    @rule(there=st.booleans())
    def own_model(self, there):
        page = self.root / ".aud/models/own.toml"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.unlink(missing_ok=True)
        if there:
            page.write_text(MODEL)

    @rule(path=st.sampled_from(PATHS), text=st.sampled_from(TEXTS), keep_time=st.booleans())
    def edit(self, path, text, keep_time):
        file = self.root / path
        before = file.stat() if file.exists() else None
        self.put(path, text)
        if before and keep_time:
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    @rule(data=st.data(), above=st.booleans())
    def comment(self, data, above):
        path = data.draw(st.sampled_from(self.here()))
        text = (self.root / path).read_text("utf-8")
        self.put(path, f"# a line\n{text}" if above else f"{text}\n# a line\n")

    @rule(data=st.data(), path=st.sampled_from(PATHS))
    def rename(self, data, path):
        old = self.root / data.draw(st.sampled_from(self.here()))
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        old.rename(self.root / path)

    @precondition(lambda self: len(self.here()) > 1)
    @rule(data=st.data())
    def delete(self, data):
        (self.root / data.draw(st.sampled_from(self.here()))).unlink()

    @precondition(lambda self: self.in_git)
    @rule(data=st.data())
    def switch(self, data):
        self.commit()
        wanted = data.draw(st.integers(0, self.branches + 1))
        if wanted > self.branches:
            self.branches += 1
            self.git("checkout", "-q", "-b", f"b{self.branches}")
        else:
            self.git("checkout", "-q", f"b{wanted}")

    @rule(there=st.booleans())
    def own_rule(self, there):
        page = self.root / ".aud/rules/any-call.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.unlink(missing_ok=True)
        if there:
            page.write_text(RULE)

    @rule(changes=st.sampled_from(CHANGES))
    def other_settings(self, changes):
        self.settings = replace(Settings(root=self.root, jobs=1), **changes)

    @rule(delay=st.floats(0.2, 1.0))
    def killed(self, delay):
        command = [sys.executable, "-c", "from aud_action.__main__ import main; main()", "scan", str(self.root)]
        command += ["--cache-dir", str(self.top / "cache"), "--jobs", "1"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    @rule(name=st.sampled_from(["state", "answer", "database", "facts/cache.db"]), keep=st.floats(0, 0.99))
    def damaged(self, name, keep):
        path = self.top / "cache" / name
        if path.exists():
            os.truncate(path, int(path.stat().st_size * keep))

    @rule()
    def runs(self):
        self.agree()

    @rule()
    def runs_without_a_database(self):
        """Where nothing that is read has changed, none is made."""
        if self.kept_files():
            warm = scan(replace(self.settings, cache_dir=str(self.top / "cache")))
            cold = scan(self.settings)
            assert (warm.findings, warm.unanalysed, warm.tables) == (cold.findings, cold.unanalysed, cold.tables)

    @rule(number=st.integers(1, 3))
    def part(self, number):
        """A part of three that remembers is the part that doesn't."""
        if self.kept_files():
            for name, settings in (
                ("warm.db", replace(self.settings, cache_dir=str(self.top / "cache"))),
                ("cold.db", self.settings),
            ):
                store, incomplete, _ = index(settings, self.top / name, shard=f"{number}/3")
                store.close()
                assert incomplete == []
            assert differences(self.top / "warm.db", self.top / "cold.db") == []

    @rule(
        data=st.data(),
        where=st.floats(0, 1),
        line=st.sampled_from(["", "# a line", "x = 1", "import os", "def more(q): return q"]),
    )
    def line(self, data, where, line):
        """A blank line, a comment or a statement somewhere, though it may break what is around it."""
        path = data.draw(st.sampled_from(self.here()))
        lines = (self.root / path).read_text("utf-8").split("\n")
        at = int(where * len(lines))
        self.put(path, "\n".join([*lines[:at], line, *lines[at:]]))

    def agree(self):
        if not self.kept_files():
            return
        warm = scan(replace(self.settings, cache_dir=str(self.top / "cache")), self.top / "warm.db")
        cold = scan(self.settings, self.top / "cold.db")
        assert differences(self.top / "warm.db", self.top / "cold.db") == []
        assert (warm.findings, warm.unanalysed, warm.tables) == (cold.findings, cold.unanalysed, cold.tables)

    def kept_files(self):
        """Files that the settings leave in: a run over none is wrong input."""
        return [path for path in self.here() if not ("lib/" in self.settings.exclude and path.startswith("lib/"))]

    def teardown(self):
        if hasattr(self, "top"):
            self.agree()
            shutil.rmtree(self.top)


History.TestCase.settings = settings(
    max_examples=12, stateful_step_count=12, suppress_health_check=list(HealthCheck), print_blob=True
)
test_any_history = pytest.mark.slow(pytest.mark.timeout(900)(History.TestCase))

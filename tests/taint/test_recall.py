"""Law: a link that is left out would have found what the last one found, and would have looked at the same."""

from __future__ import annotations

import ast
import random
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from aud_action.taint.code.program import FileFacts, Members
from aud_action.taint.flow import Link
from aud_action.taint.linking import link
from aud_action.taint.moved import carried
from aud_action.taint.recall import recalled
from extractors.flow import lower

ROOT = Path(__file__).resolve().parents[2]
APP = """
import os
from flask import Flask, request
from shop.shell import run, quiet
from shop.forms import Form
import shop.state
app = Flask(__name__)
LIMIT = 3

@app.route("/ping")
def ping():
    return run(request.args["host"])

@app.route("/form")
def form():
    return Form(request.args["x"]).send()

@app.route("/state")
def state():
    return os.system(shop.state.COMMAND)

@app.route("/lost")
def lost():
    return quiet(request.args["y"])

def never(one, two=LIMIT):
    return one + two
"""
SHELL = """
import subprocess
from shop.clean import clean

def run(host):
    return subprocess.check_output("ping " + clean(host), shell=True)

class Unused:
    def method(self):
        return 1
"""
FORMS = """
import os
from shop.parent import Parent

class Form(Parent):
    def __init__(self, x):
        self.x = x

    def send(self):
        os.system(self.tidy(self.x))
"""
PARENT = """
class Parent:
    def tidy(self, text):
        return text
"""
STATE = """
COMMAND = "ls"

def change(text):
    global COMMAND
    COMMAND = text
"""
CLEAN = """
def clean(text):
    '''Old.'''
    return text
"""
PROJECT = {
    "shop/__init__.py": "",
    "shop/app.py": APP,
    "shop/shell.py": SHELL,
    "shop/forms.py": FORMS,
    "shop/parent.py": PARENT,
    "shop/state.py": STATE,
    "shop/clean.py": CLEAN,
    "shop/other.py": "from shop.state import change\nimport json\n\ndef other(data):\n    return json.loads(data)\n",
}
SUSPECT = re.compile(r"system\(|check_output\(|run\(|execute\(|eval\(|open\(")


def _files(texts):
    paths = sorted(texts)
    return [
        FileFacts(number, path, False, lower(ast.parse(texts[path]), texts[path].encode()))
        for number, path in enumerate(paths)
    ]


def _suspects(texts):
    return {
        number: [
            (line, flaw)
            for line, text in enumerate(texts[path].split("\n"), 1)
            if SUSPECT.search(text)
            for flaw in ("command-injection", "sql-injection", "code-injection")
        ]
        for number, path in enumerate(sorted(texts))
    }


def _compared(old, new):
    """Whether the link of some texts was told from that of older ones; what it says must be what a new one says."""
    last = link(_files(old), suspects=_suspects(old))
    return _told(last, old, new)


def _told(last, old, new):
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(last), type=Link)
    before = {one.file: one.facts for one in _files(old) if new.get(one.path) != old[one.path]}
    found = recalled(kept, before, _files(new), _suspects(new))
    if found is not None:
        assert found == link(_files(new), suspects=_suspects(new))
    return found is not None


def _edited(path, old, new):
    assert old in PROJECT[path]
    return {**PROJECT, path: PROJECT[path].replace(old, new)}


def test_the_project_has_flows():
    assert [flow.flaw for flow in link(_files(PROJECT)).flows] == ["xss", "command-injection", "command-injection"]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("shop/app.py", "LIMIT = 3", "LIMIT = 3\nchanged_0 = 0"),
        ("shop/app.py", "LIMIT = 3", "import decimal\nfrom typing import Any, TypeVar as T\nLIMIT = 3"),
        ("shop/app.py", "import os", "# a line\n\nimport os"),
        ("shop/app.py", "import os", '"""What it is."""\nimport os'),
        ("shop/app.py", "return one + two", "print(one)\n    return [lambda: one - two]"),
        ("shop/app.py", "def never", "def more(text: str = 'x'):\n    return text.upper()\n\ndef never"),
        ("shop/app.py", "def never(one, two=LIMIT):\n    return one + two\n", ""),
        ("shop/shell.py", "        return 1", "        def inner(): return self\n        return inner"),
        ("shop/shell.py", "import subprocess\n", "import subprocess\nOPTIONS: dict[str, int] = {'a': -1}\n"),
        ("shop/other.py", "json.loads(data)", "json.dumps(json.loads(data))"),
        (
            "shop/forms.py",
            "    def send",
            "    SPARE = (1, 'x')\n\n    def spare(self):\n        return 1\n\n    def send",
        ),
        ("shop/parent.py", "    def tidy", "    def spare(self):\n        return self.x\n\n    def tidy"),
        ("shop/parent.py", "class Parent:", 'class Parent:\n    """Says what it is."""\n'),
        ("shop/clean.py", "'''Old.'''", '"""New,\n    and longer."""'),
        ("shop/state.py", "    COMMAND = text", "    COMMAND = text.lower()"),
    ],
)
def test_what_nobody_looks_at_may_change(path, old, new):
    assert _compared(PROJECT, _edited(path, old, new))


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("shop/clean.py", "return text", "return int(text)"),  # a callee that sanitises
        ("shop/shell.py", "class Unused", "def quiet(text):\n    subprocess.call(text, shell=True)\n\nclass Unused"),
        ("shop/parent.py", "return text", "return 'x'"),
        ("shop/forms.py", "def send", "def tidy(self, text):\n        return 'x'\n\n    def send"),
        ("shop/forms.py", "class Form(Parent)", "class Form"),
        ("shop/forms.py", "    def send", "    def tidy(self, text):\n        return 'x'\n\n    def send"),
        ("shop/forms.py", "    def send", "    def spare(self):\n        self.x = 'x'\n\n    def send"),
        ("shop/forms.py", "    def send", "    send: str\n\n    def send"),
        ("shop/shell.py", "class Unused:", "@run\nclass Unused:"),
        ("shop/forms.py", "from shop.parent import Parent", "from shop.shell import Unused as Parent"),
        ("shop/parent.py", "class Parent:", "class Grand:\n    def send(self): ...\n\nclass Parent(Grand):"),
        ("shop/state.py", '"ls"', "input()"),
        (
            "shop/other.py",
            "def other(data):",
            "from flask import request\n\ndef other(data):\n    change(request.args)",
        ),
        ("shop/app.py", "def never", '@app.route("/never")\ndef never'),
        ("shop/app.py", "def never", "@ping\ndef never"),
        ("shop/app.py", '"/form"', '"/other"'),
        (
            "shop/other.py",
            "    return json",
            "    import shop.shell\n    shop.shell.run(data)\n    return json",
        ),  # one more caller
        ("shop/app.py", "import shop.state", "import shop.other as shop"),
        ("shop/app.py", "LIMIT = 3", "LIMIT = 3\nrun = str"),
        ("shop/app.py", "LIMIT = 3", "LIMIT = 3\nnever.app = app"),
        ("shop/app.py", "    return one + two", "    return os.system(request.args['z'])"),
        ("shop/app.py", "return one + two", "def made(): return os.system(request.args['z'])\n    return made"),
        ("shop/other.py", "    return json", "    open(data).read()\n    return json"),  # a pattern reports a call more
        ("shop/other.py", "def other", "def handler(event, context):\n    return event['x']\n\ndef other"),
        ("shop/app.py", "\n@app.route", "\ndef lost(): ...\n\n@app.route"),  # a name that is looked for means something
    ],
)
def test_what_is_looked_at_makes_a_new_link(path, old, new):
    assert not _compared(PROJECT, _edited(path, old, new))


STORING = {
    "shop/__init__.py": "",
    "shop/models.py": """
from django.db import models

class Note(models.Model):
    body = models.TextField()
    author = models.ForeignKey("Author", models.CASCADE)

class Author(models.Model):
    name = models.TextField()
""",
    "shop/views.py": """
from django.http import HttpResponse
from shop.models import Author, Note
from shop.more import old

def add(request):
    Note.objects.create(body=request.POST["body"])
    Author.objects.create(name=request.POST["name"])
    cursor.execute("INSERT INTO words (word) VALUES (%s)", [request.POST["word"]])

def show(request):
    return HttpResponse("<p>" + Note.objects.get().body + Note.objects.get().author.name)
""",
    "shop/more.py": """
import os
from shop.models import Note

def old():
    return 1

class Other:
    pass
""",
}


@pytest.mark.parametrize(
    ("old", "new", "is_told"),
    [
        ("return 1", "return 2", True),
        ("return 1", "os.system(Note.objects.get().body)", False),
        ("return 1", "os.system(cursor.execute('SELECT word FROM words').fetchone()[0])", False),
        ("class Other:", "from django.db import models\nclass Author(models.Model):", False),
    ],
)
def test_who_reads_what_is_stored_is_noticed(old, new, is_told):
    assert {flow.flaw for flow in link(_files(STORING)).flows} == {"xss"}
    path = "shop/more.py"
    assert _compared(STORING, {**STORING, path: STORING[path].replace(old, new)}) is is_told


def test_a_place_that_moves_in_more_than_its_line_makes_a_new_link():
    assert not _compared(PROJECT, _edited("shop/parent.py", "text):\n        return", "text): return"))
    assert not _compared(PROJECT, _edited("shop/forms.py", "os.system(self.tidy(", "os.system( self.tidy("))


def test_other_files_make_a_new_link():
    assert not _compared(PROJECT, {**PROJECT, "shop/quiet.py": ""})
    assert not _compared(PROJECT, {path: text for path, text in PROJECT.items() if path != "shop/other.py"})


def test_flows_stand_on_the_lines_of_now():
    last = link(_files(PROJECT), suspects=_suspects(PROJECT))
    texts = _edited("shop/app.py", "import os", "import decimal\n\n\nimport os")
    now = recalled(last, {one.file: one.facts for one in _files(PROJECT)}, _files(texts), _suspects(texts))
    assert [one.source.place.line for one in now.flows] == [one.source.place.line + 3 for one in last.flows]
    assert now == link(_files(texts), suspects=_suspects(texts))


def test_lines_that_move_are_carried():
    last = link(_files(PROJECT), suspects=_suspects(PROJECT))
    texts = {path: f"\n\n{text}" for path, text in PROJECT.items()}
    lines = {number: {line: line + 2 for line in range(1, 50)} for number in range(len(PROJECT))}
    assert carried(last, lines) == link(_files(texts), suspects=_suspects(texts))


@pytest.mark.parametrize(
    "through",
    [dict, list, sorted, set, dict.fromkeys, lambda one: {**one}, lambda one: one.keys(), lambda one: [*one.values()],
     lambda one: list(one.items())],
)  # fmt: skip
def test_who_goes_through_all_members_of_a_class_is_noticed(through):
    members = Members()
    members.update({"one": 1})
    assert not members.is_open
    through(members)
    assert members.is_open


@pytest.mark.parametrize("look", [lambda one: one.get("name"), lambda one: "name" in one, lambda one: one["name"]])
def test_who_looks_for_a_member_of_a_class_is_noticed(look):
    members = Members()
    members.update({"name": 1})
    look(members)
    assert members.asked == {"name"}
    assert not members.is_open


STATEMENTS = (
    'x_new = 1|import json|from os import path as path_of|return None|x_new = [1, 2]|"""text"""|# a comment|assert True|'
    "def added(a):\n{i}    return a.b(c)|y_new = x_new|print(1)|class Added: pass|x_new: int = 3|f_new = lambda q: q.x|raise q"
).split("|")


def _any_edit(text, chance):
    """Another text that is Python: a line more, less, elsewhere, or with another word."""
    for _ in range(50):
        lines = text.split("\n")
        at = chance.randrange(len(lines))
        kind = chance.choice(["insert", "insert", "delete", "swap", "rename"])
        if kind == "insert":
            indent = re.match(r"\s*", lines[at]).group()
            lines.insert(at, indent + chance.choice(STATEMENTS).replace("{i}", indent))
        elif kind == "delete":
            del lines[at]
        elif kind == "swap":
            lines[at - 1], lines[at] = lines[at], lines[at - 1]
        elif words := re.findall(r"\b[a-z_]{4,}\b", lines[at]):
            lines[at] = lines[at].replace(chance.choice(words), chance.choice(words) + "_x")
        new = "\n".join(lines)
        try:
            ast.parse(new)
        except SyntaxError:
            continue
        return new
    return text


@pytest.mark.parametrize("folder", ["flask_portal", "django_market", "fastapi_library", "small_frameworks"])
def test_after_any_edits_what_is_told_is_what_a_new_link_finds(folder):
    root, chance = ROOT / "fixtures" / folder, random.Random(folder)  # no secret
    texts = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in sorted(root.rglob("*.py"))}
    last, told = link(_files(texts), suspects=_suspects(texts)), 0
    for _ in range(25):
        new = dict(texts)
        for path in chance.sample(sorted(texts), min(2, len(texts))):
            new[path] = _any_edit(new[path], chance)
        if _told(last, texts, new):
            told += 1
            last, texts = link(_files(new), suspects=_suspects(new)), new
    assert told > 2


def test_lines_that_move_need_no_engine():
    engine = "import sys, aud_action.taint.moved; print('aud_action.taint.machine' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", engine], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"

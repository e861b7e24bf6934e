"""A run of a function serves every call that is equal in what it looks at; called in many ways, what it is given is widened, and the ways end."""

from __future__ import annotations

from aud_action.taint import link, prepared, roots
from tests.taint.harness import classes, facts

VIEW = "import os\nfrom flask import Flask, request\napp = Flask(__name__)\n"


def runs(source: str) -> dict[str, int]:
    """How often each function was run."""
    machine = prepared(facts({"app.py": source}))
    roots.run(machine)
    return {function.facts.qualified: count for function, count in machine.shapes.items()}


def test_a_method_runs_once_whatever_it_does_not_look_at() -> None:
    body = (
        VIEW
        + "class Job:\n    def said(self):\n        print(self.name)\n    def seen(self):\n        print(self.state)\n"
    )
    body += "@app.route('/')\ndef view():\n    job = Job()\n    job.name = 'x'\n"
    body += "".join(f"    job.state = {state}\n    job.said()\n    job.seen()\n" for state in ("1", "'x'", "[]"))
    found = runs(body)
    assert (found["Job.said"], found["Job.seen"]) == (1, 3)


def test_a_field_that_is_looked_at_makes_a_difference() -> None:
    body = VIEW + "class Job:\n    def run(self):\n        os.system(self.command)\n"
    body += "    def show(self):\n        other(self)\n"
    body += "@app.route('/')\ndef view():\n    job = Job()\n    job.note = ''\n    job.command = 'ls'\n    job.run()\n"
    safe = "    job.note = request.args['d']\n    job.run()\n"
    assert classes({"app.py": body + safe}) == []
    assert classes({"app.py": body + safe + "    job.command = request.args['d']\n    job.run()\n"}) == [
        "command-injection"
    ]


def test_a_field_that_was_not_there_is_found_when_it_is() -> None:
    body = VIEW + "class Job:\n    command = 'ls'\n    def run(self):\n        os.system(self.command)\n"
    body += "@app.route('/')\ndef view():\n    job = Job()\n    job.run()\n"
    assert classes({"app.py": body}) == []
    assert classes({"app.py": body + "    job.command = request.args['d']\n    job.run()\n"}) == ["command-injection"]


def test_what_a_method_leaves_alone_stays_as_the_caller_has_it() -> None:
    body = VIEW + "class Job:\n    def start(self):\n        self.started = True\n        return self\n"
    body += "@app.route('/')\ndef view():\n    job = Job()\n    job.command = {}\n    job.other = {}\n    os.system(job.start().command)\n"
    assert classes({"app.py": body.format("request.args['d']", "'ls'")}) == ["command-injection"]
    assert classes({"app.py": body.format("'ls'", "request.args['d']")}) == []


def test_an_object_in_an_unknown_call_passes_on_what_any_field_holds() -> None:
    body = VIEW + "class Job:\n    def run(self):\n        os.system(unknown.made(self))\n"
    body += "@app.route('/')\ndef view():\n    job = Job()\n    job.a = 'ls'\n    job.run()\n    job.b = {}\n    job.run()\n"
    assert classes({"app.py": body.format("request.args['d']")}) == ["command-injection"]
    assert classes({"app.py": body.format("'x'")}) == []


def many(last: str) -> str:
    """A machine of nine flags that is called in four hundred of their states."""
    flags = range(9)
    body = VIEW + "class Machine:\n    def step(self, command):\n        count = 0\n"
    body += "".join(f"        if self.flag{n}:\n            count += 1\n" for n in flags)
    body += "        os.system(command)\n@app.route('/')\ndef view():\n    machine = Machine()\n"
    body += "".join(f"    machine.flag{n} = False\n" for n in flags)
    for number in range(1, 400):
        flag = (number & -number).bit_length() - 1  # one more state of Gray's code
        body += f"    machine.flag{flag} = {bool((number >> (flag + 1)) % 2 == 0)}\n    machine.step('ls')\n"
    return body + f"    machine.step({last})\n"


def test_the_ways_in_which_a_method_is_called_come_to_an_end() -> None:
    linked = link(facts({"app.py": many("request.args['d']")}))
    assert (linked.incomplete, [flow.flaw for flow in linked.flows]) == ((), ["command-injection"])
    assert runs(many("'ls'"))["Machine.step"] < 100
    assert link(facts({"app.py": many("'ls'")})).flows == ()

"""What costs too much is cut short, and said; what was found before stands."""

from __future__ import annotations

import pytest

from aud_action.taint import budget, link, roots
from tests.taint.harness import facts

VIEW = """
import os
from flask import Flask, request
app = Flask(__name__)

@app.route("/")
def view():
    os.system(request.args["d"])
"""
LONG = "from flask import request\n\ndef long():\n    x = request.args['d']\n" + "    x = x + 'a'\n" * 2000


def test_a_function_that_takes_too_many_steps_is_named_and_harms_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "STEPS", 1000)
    linked = link(facts({"app.py": VIEW, "long.py": LONG}))
    assert [flow.flaw for flow in linked.flows] == ["command-injection"]
    assert linked.incomplete == ("long.py: more than 1000 steps behind one entry point",)


def test_a_module_body_that_takes_too_many_steps_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "STEPS", 1000)
    body = "from flask import request\nx = ''\n" + "x = x + 'a'\n" * 2000
    assert link(facts({"app.py": VIEW, "body.py": body})).incomplete == (
        "body.py: more than 1000 steps behind one entry point",
    )


def test_a_run_that_takes_too_long_says_so_and_keeps_what_it_has() -> None:
    linked = link(facts({"app.py": VIEW, "long.py": LONG}), seconds=0)
    assert linked.incomplete == ("the whole analysis took more than 0 s of CPU time",)
    assert [flow.flaw for flow in linked.flows] == ["command-injection"]


def test_many_short_functions_take_too_long_together() -> None:
    many = "from flask import request\n" + "".join(f"def f{n}():\n    return request.args['d']\n" for n in range(300))
    linked = link(facts({"app.py": VIEW, "many.py": many}), seconds=0)
    assert linked.incomplete == ("the whole analysis took more than 0 s of CPU time",)


def test_a_run_that_takes_too_much_memory_says_so_and_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MEGABYTES", -1)
    linked = link(facts({"app.py": VIEW, "long.py": LONG}))
    assert linked.incomplete == ("the whole analysis took more than -1 MB of memory",)
    assert [flow.flaw for flow in linked.flows] == ["command-injection"]


def test_within_its_budgets_a_run_is_complete() -> None:
    assert link(facts({"app.py": VIEW, "long.py": LONG})).incomplete == ()


def test_a_ring_of_calls_with_ever_longer_texts_ends() -> None:
    ring = "from flask import request\n" + "".join(
        f"def f{n}(x, y='a'):\n    return f{(n + 1) % 30}(x + y, y + 'b')\n" for n in range(30)
    )
    linked = link(facts({"app.py": VIEW, "ring.py": ring + "def start():\n    f0(request.args['d'])\n"}))
    assert linked.incomplete == ()
    assert len(linked.flows) == 1


ASKED = "import os\n\ndef ask(n: int):\n    x = 0\n" + "    x = x + 1\n" * 100 + "    os.system(f'kill {int(n)}')\n"


@pytest.mark.parametrize(("steps", "harmless"), [(1000, True), (50, False)])
def test_a_question_that_takes_too_long_stays_open_and_is_no_incomplete_run(
    monkeypatch: pytest.MonkeyPatch, steps: int, harmless: bool
) -> None:
    monkeypatch.setattr(roots, "_ENOUGH_STEPS", steps)
    linked = link(facts({"app.py": ASKED}), suspects={0: [(105, "command-injection")]})
    assert [flaw for flaw, _ in linked.settled] == (["command-injection"] if harmless else [])
    assert linked.incomplete == ()

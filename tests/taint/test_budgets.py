"""What costs too much is cut short, and said; what was found before stands."""

from __future__ import annotations

import pytest

from aud_action.taint.calling import invoke
from aud_action.taint.entries import roots
from aud_action.taint.flow import Link
from aud_action.taint.limits import budget
from aud_action.taint.linking import link
from tests.taint.harness import facts

VIEW = """
import os
from flask import Flask, request
app = Flask(__name__)

@app.route("/")
def view():
    os.system(request.args["d"])
"""


def told(linked: Link) -> list[str]:
    """Which limits were met."""
    assert linked.incomplete == ()
    return [reason for reason, _ in linked.gaps]


LONG = "from flask import request\n\ndef long():\n    x = request.args['d']\n" + "    x = x + 'a'\n" * 2000


def test_a_function_that_takes_too_many_steps_is_named_and_harms_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "STEPS", 1000)
    linked = link(facts({"app.py": VIEW, "long.py": LONG}))
    assert [flow.flaw for flow in linked.flows] == ["command-injection"]
    assert told(linked) == ["long takes more than 1,000 steps"]


def test_a_module_body_that_takes_too_many_steps_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "STEPS", 1000)
    body = "from flask import request\nx = ''\n" + "x = x + 'a'\n" * 2000
    assert told(link(facts({"app.py": VIEW, "body.py": body}))) == ["the module takes more than 1,000 steps"]


def test_a_few_dear_functions_leave_the_rest_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_ROUNDS", ((3000, 1000), (6000, 50)))
    files = {f"a{number}.py": LONG for number in range(6)}
    linked = link(facts({**files, "z.py": VIEW}))
    assert [flow.flaw for flow in linked.flows] == ["command-injection"]
    assert told(linked) == ["long takes more than 1,000 steps"] * 2 + ["long takes more than 50 steps"] * 2


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
        f"def f{n}(x, y='a'):\n    return f{(n + 1) % 15}(x + y, y + 'b')\n" for n in range(15)
    )
    linked = link(facts({"app.py": VIEW, "ring.py": ring + "def start():\n    f0(request.args['d'])\n"}))
    assert (linked.gaps, linked.incomplete) == ((), ())
    assert len(linked.flows) == 1


ASKED = "import os\n\ndef ask(n: int):\n    x = 0\n" + "    x = x + 1\n" * 100 + "    os.system(f'kill {int(n)}')\n"


@pytest.mark.parametrize(("steps", "harmless"), [(1000, True), (50, False)])
def test_a_question_that_takes_too_long_stays_open_and_is_no_incomplete_run(
    monkeypatch: pytest.MonkeyPatch, steps: int, harmless: bool
) -> None:
    monkeypatch.setattr(roots, "_ENOUGH_STEPS", steps)
    linked = link(facts({"app.py": ASKED}), suspects={0: [(105, "command-injection")]})
    assert [flaw for flaw, _ in linked.settled] == (["command-injection"] if harmless else [])
    assert (linked.gaps, linked.incomplete) == ((), ())


def chain(length: int, given: str) -> str:
    """A view that hands something down a chain of calls, at whose end it is run."""
    calls = "".join(f"def f{n}(x):\n    f{n + 1}(x)\n" for n in range(length))
    return VIEW.replace('request.args["d"]', "'x'") + f"    f0({given})\n{calls}def f{length}(x):\n    os.system(x)\n"


def test_what_is_handed_down_too_many_calls_is_said() -> None:
    linked = link(facts({"app.py": chain(12, "request.args['d']")}))
    assert (told(linked), [flow.flaw for flow in linked.flows]) == ([], ["command-injection"])
    said = told(link(facts({"app.py": chain(30, "request.args['d']")})))
    assert said == ["f19 is called more than 20 calls deep"]
    assert told(link(facts({"app.py": chain(30, "'x'")}))) == []


def test_a_function_with_more_flows_than_its_callers_are_told_of_is_named() -> None:
    def many(sinks: int) -> str:
        body = "".join(f"    os.system(x + '{number}')\n" for number in range(sinks))
        return VIEW + f"    all(request.args['d'])\ndef all(x):\n{body}"

    assert len(link(facts({"app.py": many(150)})).flows) == 151
    cut = link(facts({"app.py": many(250)}))
    assert told(cut) == ["all makes more than 200 flows"]
    assert len(cut.flows) == 201


def test_of_too_many_flows_some_of_each_class_are_passed_on() -> None:
    calls = "".join(f"    os.system(p + '{n}')\n" for n in range(250))
    program = (
        f"import os\nfrom flask import Flask, request\napp = Flask(__name__)\n\ndef all(p):\n{calls}    open(p)\n\n"
    )
    linked = link(facts({"app.py": program + "@app.route('/')\ndef view():\n    all(request.args['x'])\n"}))
    assert told(linked) == ["all makes more than 200 flows"]
    assert {flow.flaw for flow in linked.flows} == {"command-injection", "path-traversal"}


def test_a_function_called_again_and_again_by_one_that_is_too_is_told_in_no_time() -> None:
    tower = "def f0(x):\n    return x + 'a'\n" + "".join(
        f"def f{n}(x):\n" + f"    x = f{n - 1}(x)\n" * 20 + "    return x\n" for n in range(1, 12)
    )  # 20 ** 11 steps, if each was spelled out
    linked = link(facts({"app.py": VIEW.replace('request.args["d"]', 'f11(request.args["d"])') + tower}))
    assert (told(linked), [flow.flaw for flow in linked.flows]) == ([], ["command-injection"])
    path = linked.flows[0].path
    assert (len(path), path[0].kind, path[-1].kind) == (40, "source", "sink")


def test_what_was_forgotten_to_save_memory_is_found_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoke, "_MOST_OUTCOMES", 1)
    given = "".join(f"def given{n}():\n    return request.args['d{n}']\n" for n in range(5))
    used = "import os, far\ndef use():\n    os.system(far.given0())\n"
    linked = link(facts({"far.py": "from flask import request\n" + given, "used.py": used, "app.py": VIEW}))
    assert (told(linked), len(linked.flows)) == ([], 2)


def test_a_question_whose_answer_is_cut_short_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = "import os\ndef ask(x):\n    os.system(f'kill {int(f0(x))}')\n" + chain(12, "0").partition("f0(0)\n")[2]
    suspects = {0: [(3, "command-injection")]}
    assert [flaw for flaw, _ in link(facts({"app.py": deep}), suspects=suspects).settled] == ["command-injection"]
    monkeypatch.setattr(invoke, "DEEPEST", 8)
    cut = link(facts({"app.py": deep}), suspects=suspects)
    assert (cut.settled, cut.gaps) == ((), ())


@pytest.mark.parametrize("table", ["[{rows}]", "({rows},)", "{{{pairs}}}.values()"], ids=["list", "tuple", "dict"])
def test_what_stands_late_in_a_long_table_is_followed(table: str) -> None:
    """Of a table that is longer than anybody reads, data is left out, but nothing that is called or named."""
    rows = [*(str(one) for one in range(900)), "request.args['d']", *(f"f({one})" for one in range(300))]
    pairs = ", ".join(f"{one}: {row}" for one, row in enumerate(rows))
    made = table.format(rows=", ".join(rows), pairs=pairs)
    source = VIEW.replace('os.system(request.args["d"])', f"for one in {made}: os.system(one)")
    assert [flow.flaw for flow in link(facts({"app.py": source})).flows] == ["command-injection"]


TABLES = {
    "list": "TABLE = [{pairs}]\nfor path, view in TABLE:\n    app.add_url_rule(path, path, view)\n",
    "dict": "TABLE = {{}}\n{stores}for path, view in TABLE.items():\n    app.add_url_rule(path, path, view)\n",
    "appended": "TABLE = []\n{appended}for path, view in TABLE:\n    app.add_url_rule(path, path, view)\n",
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_function_of_a_table_that_a_loop_registers_is_an_entry(table: str) -> None:
    count = 150
    views = "".join(f"def v{one}(name):\n    os.system(name)\n" for one in range(count))
    pairs = [f"('/p{one}/<name>', v{one})" for one in range(count)]
    made = table.format(
        pairs=", ".join(pairs),
        stores="".join(f"TABLE['/p{one}/<name>'] = v{one}\n" for one in range(count)),
        appended="".join(f"TABLE.append({pair})\n" for pair in pairs),
    )
    source = f"import os\nfrom flask import Flask\napp = Flask(__name__)\n{views}{made}"
    assert len(link(facts({"app.py": source})).flows) == count


def test_every_route_of_a_long_list_is_an_entry() -> None:
    views = "".join(f"def v{one}(request, name):\n    os.system(name)\n" for one in range(300))
    paths = ", ".join(f"path('p{one}/<name>/', views.v{one})" for one in range(300))
    urls = f"from django.urls import path\nimport views\nurlpatterns = [{paths}]\n"
    linked = link(facts({"views.py": "import os\n" + views, "urls.py": urls}))
    assert len(linked.flows) == 300


HANDED_ON = """
import os
from flask import Flask, request
app = Flask(__name__)

def fetch(url, get=None, decode="utf-8"):
    os.system(decode)

def load(*args, **kwargs):
    return fetch(*args, **kwargs)

def call(url, **words):
    return load(url, get=words)
"""


@pytest.mark.parametrize("word", ["", ", decode=request.args['d']"])
def test_words_are_handed_on_by_name_however_often_a_function_is_called(word: str) -> None:
    views = [
        f"@app.route('/{at}')\ndef view{at}():\n    call('{at}', word{at}=request.args['q'])\n" for at in range(70)
    ]
    views.append(f"@app.route('/')\ndef view():\n    load('', get=request.args['q']{word})\n")
    linked = link(facts({"app.py": HANDED_ON + "".join(views)}))
    assert bool(linked.flows) is bool(word)

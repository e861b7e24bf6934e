"""What is called in many ways, or holds much, is followed to its end all the same."""

from __future__ import annotations

from itertools import combinations

import pytest

from aud_action.taint.code.labels import Labels
from aud_action.taint.entries import roots
from aud_action.taint.flaws.sources import fresh
from aud_action.taint.limits import budget
from aud_action.taint.linking import link, prepared
from aud_action.taint.values.trace import Place
from aud_action.taint.values.value import Value, all_taints
from tests.taint.harness import facts

TOP = "import os\nfrom flask import request\n"


def test_a_method_that_is_called_with_ever_other_fields_is_followed_and_each_field_told_apart() -> None:
    pairs = list(combinations(range(30), 2))
    views = "".join(
        f"def view{n}():\n    box = Box()\n    box.f{one} = request.args['a']\n    box.f{other} = request.args['b']\n    box.use()\n"
        for n, (one, other) in enumerate(pairs)
    )
    linked = link(facts({"app.py": TOP + "class Box:\n    def use(self):\n        os.system(self.f0)\n" + views}))
    assert linked.incomplete == ()
    assert len(linked.flows) == sum(1 for pair in pairs if 0 in pair)


def test_what_a_callee_does_not_touch_stays_what_the_caller_knows_of_it() -> None:
    touching = "class Box:\n    def touch(self, x):\n        self.last = x\n"
    calls = "".join(f"    box.touch(request.args['d{n}'])\n" for n in range(60))
    linked = link(
        facts(
            {
                "app.py": TOP
                + touching
                + f"def view():\n    box = Box()\n    box.command = 'ls'\n{calls}    os.system(box.command)\n"
            }
        )
    )
    assert (linked.gaps, linked.incomplete, linked.flows) == ((), (), ())


def test_lists_that_hold_one_another_twice_are_looked_at_once() -> None:
    doubled = "    x = [x, x]\n" * 30 + "    y = [y, y]\n" * 30
    body = f"def view():\n    x = request.args['d']\n    y = request.args['e']\n{doubled}    z = x if u else y\n    os.system(z[0])\n"
    linked = link(facts({"app.py": TOP + body}))
    assert (linked.gaps, {flow.flaw for flow in linked.flows}) == ((), {"command-injection"})


def test_values_that_are_looked_at_count_as_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = "{" + ", ".join(f"'k{n}': request.args['d{n}']" for n in range(40)) + "}"
    body = "def use(x):\n    return x\ndef view():\n" + f"    x = {wide}\n" + "    x = use(x)\n" * 20
    monkeypatch.setattr(budget, "STEPS", 150)
    assert link(facts({"app.py": TOP + body})).gaps[0][0] == "view takes more than 150 steps"
    monkeypatch.setattr(budget, "_LOOKS", 10**9)
    assert link(facts({"app.py": TOP + body})).incomplete == ()


def test_what_is_gone_is_gone_for_all_that_comes() -> None:
    many = "".join(f"def f{n}():\n    return request.args['d']\n" for n in range(300))
    linked = link(facts({"app.py": TOP + many + "def last():\n    os.system(request.args['d'])\n"}), seconds=0)
    assert (len(linked.incomplete), linked.flows) == (1, ())


def test_every_view_behind_one_decorator_is_followed() -> None:
    """A wrapper is another function for each that it wraps: after two dozen it forgot which."""
    maker = (
        "import functools\ndef checked(role):\n    def decorate(view):\n        @functools.wraps(view)\n"
        "        def inner(*args, **kwargs):\n            if request.headers['r'] != role:\n                raise ValueError\n"
        "            return view(*args, **kwargs)\n        return inner\n    return decorate\n"
    )
    views = "".join(
        f"@app.get('/v{n}/<name>')\n@checked('admin')\ndef v{n}(name):\n    os.system(name)\n" for n in range(60)
    )
    linked = link(facts({"app.py": TOP + maker + views}))
    assert (linked.gaps, len(linked.flows)) == ((), 60)


VIEWS = "".join(f"def v{n}(name):\n    os.system(name)\n" for n in range(150))
APP = "from flask import Flask\napp = Flask(__name__)\n"
REGISTER = "def register(path, view):\n    app.add_url_rule(path + '/<name>', view_func=view)\n"
WRAPPER = (
    "def checked(view):\n    def inner(*args, **kwargs):\n        return view(*args, **kwargs)\n    return inner\n"
    + REGISTER
)


@pytest.mark.parametrize(
    ("helper", "calls"),
    [
        (REGISTER, "".join(f"register('/v{n}', v{n})\n" for n in range(150))),
        (WRAPPER, "".join(f"register('/v{n}', checked(v{n}))\n" for n in range(150))),
        (
            REGISTER + "def both(path, view):\n    register(path, view)\n",
            "".join(f"both('/v{n}', v{n})\n" for n in range(150)),
        ),
        (
            "def register(table):\n    for path, view in table:\n        app.add_url_rule(path + '/<name>', view_func=view)\n",
            "register([" + "".join(f"('/v{n}', v{n}), " for n in range(150)) + "])\n",
        ),
    ],
    ids=["plain", "wrapped", "two helpers", "a table"],
)
def test_every_view_that_a_helper_registers_is_followed(helper: str, calls: str) -> None:
    linked = link(facts({"app.py": TOP + APP + VIEWS + helper + calls}))
    assert (linked.gaps, len(linked.flows)) == ((), 150)


def test_a_helper_knows_each_route_under_which_it_registers() -> None:
    """A number is no command: with the routes forgotten, all views would be given a text."""
    helper = "def register(path, view):\n    app.add_url_rule(path, view_func=view)\n"
    calls = "".join(f"register('/v{n}/<{'int:' if n % 2 else ''}name>', v{n})\n" for n in range(150))
    linked = link(facts({"app.py": TOP + APP + VIEWS + helper + calls}))
    assert (linked.gaps, len(linked.flows)) == ((), 75)


def test_every_function_that_a_helper_calls_is_followed() -> None:
    helper = "def run(function):\n    function(request.args['d'])\n"
    calls = "".join(f"    run(v{n})\n" for n in range(150))
    linked = link(facts({"app.py": TOP + APP + VIEWS + helper + f"@app.get('/')\ndef view():\n{calls}"}))
    assert (linked.gaps, len(linked.flows)) == ((), 150)


def test_who_hands_a_function_to_one_that_calls_it_with_input_is_followed() -> None:
    helper = "def run(function):\n    function(request.args['d'])\ndef safely(function):\n    function('ls')\n"
    calls = "def first():\n    run(v0)\ndef second():\n    safely(v1)\n"
    linked = link(facts({"app.py": TOP + VIEWS + helper + calls}))
    assert [flow.sink.line for flow in linked.flows] == [4]


def test_an_answer_that_an_application_keeps_twice_is_no_error() -> None:
    app = "from fastapi import FastAPI, Request\napp = FastAPI()\n"
    keep = "".join(
        f"@app.get('/p{n}/{{name}}')\ndef put{n}(name: str, request: Request):\n"
        "    request.app.state.plain = name.isalnum()\n    os.system(name)\n"
        for n in (1, 2)
    )
    linked = link(facts({"app.py": TOP + app + keep}))
    assert (linked.incomplete, len(linked.flows)) == ((), 2)


def test_views_beside_many_others_in_one_factory_are_looked_at_once() -> None:
    """What a view has captured is what it speaks of: a chain of four among sixty neighbours has 13 million ways."""
    views = "".join(f"    @app.get('/v{n}/<name>')\n    def v{n}(name):\n        os.system(name)\n" for n in range(60))
    linked = link(
        facts(
            {
                "app.py": TOP
                + f"from flask import Flask\ndef make():\n    app = Flask(__name__)\n{views}    return app\n"
            }
        )
    )
    assert (linked.gaps, len(linked.flows)) == ((), 60)


@pytest.mark.parametrize(("held", "sure"), [((), 45), (("another",), 100)])
def test_where_elements_are_not_told_apart_any_more_what_only_one_of_them_holds_is_less_sure(
    held: tuple[str, ...], sure: int
) -> None:
    first, second = (
        Value(tuple(fresh("remote", name, Place(0, 1, 1, 1, 1)) for name in names)) for names in (held, ("one",))
    )
    labels = Labels(coarse=4, heavy=0, harmless=1, shapes={})
    merged, _ = labels.abstract(Value(items={0: first, 1: second}, kind="list"))
    assert {one.confidence for one in all_taints(merged)} == {sure}


CHOSEN = """
from flask import request
def chosen():
    x = request.args["x"]
    if x in ("a", "b"):
        return x
def given():
    return request.args["x"]
def asks_for_chosen():
    return chosen()
def asks_for_given():
    return given()
"""


def test_who_asks_for_what_no_class_minds_is_not_run_for_it() -> None:
    machine = prepared(facts({"app.py": CHOSEN}))
    roots.run(machine)
    assert {one.facts.name for one in machine.returning} == {"given", "asks_for_given"}
    assert {one.facts.name for one in machine.started} == {"chosen", "given", "asks_for_given"}

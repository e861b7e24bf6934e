"""
What the analysis says of small programs is what happens when they run.

Recall: a client's text that is part of a command when the program runs is reported there. Precision: one that is never part of it, in a
program that takes the same way whatever the text, isn't. Each construct is held to this alone, and several put together at random.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from aud_action.taint.linking import link
from aud_action.taint.models import load
from tests.taint.execution import reached
from tests.taint.harness import facts
from tests.taint.programs import Construct, Program, Step, chosen, constructs, program

MODELS = load()
EVERY = list(constructs(Path(__file__).parent / "constructs"))
FOLLOWED = [one for one in EVERY if not one.missed]
_SWAPPED = ((0, 1), (1, 0))


def wrong(made: Program) -> str:
    """What was said of a program and isn't so; "" when all is."""
    linked = link(facts(made.files), models=MODELS)
    assert not linked.gaps
    assert not linked.incomplete
    said = {one.sink.line for one in linked.flows if one.flaw == "command-injection" and one.confidence >= 50}
    happens = reached(made.files)
    words = []
    for line in made.sinks:
        if line in happens and line not in said:
            words.append(f"app.py:{line}: not reported")
        if line in said and line not in happens and line not in made.loose:
            words.append(f"app.py:{line}: reported, but it doesn't happen")
    text = "\n".join(f"# file: {path}\n{text}" for path, text in made.files.items())
    return "\n".join([*words, text]) if words else ""


@pytest.mark.parametrize("construct", FOLLOWED, ids=lambda one: one.place)
def test_a_construct_does_what_is_said_of_it(construct: Construct) -> None:
    for picks in construct.ways:
        for inputs in _SWAPPED:
            assert not wrong(program([Step(construct, picks, inputs, 0, 0)]))


@pytest.mark.parametrize("construct", [one for one in EVERY if one.missed], ids=lambda one: one.place)
def test_what_is_called_missed_still_is(construct: Construct) -> None:
    found = [wrong(program([Step(construct, picks, inputs, 0, 0)])) for picks in construct.ways for inputs in _SWAPPED]
    assert any("not reported" in one for one in found), "take its word off"


@pytest.mark.parametrize("seed", range(12))
def test_constructs_put_together_do_what_is_said_of_them(seed: int) -> None:
    check(seed, 12)


@pytest.mark.proof
def test_of_thousands_more_nearly_all_are_judged_right() -> None:
    dice = random.Random(1000)  # the same programs each time
    found, ran = [], 0
    for _ in range(3000):
        made = program(chosen(FOLLOWED, dice.randrange))
        try:
            found.append(wrong(made))
        except (LookupError, NameError, TypeError, RecursionError):  # put together so that it doesn't run
            continue
        ran += 1
    words = [one for one in found if one]
    assert ran > 2700
    assert len(words) <= ran // 200, "\n\n".join(words)


def check(seed: int, count: int) -> None:
    """Hold so many programs to the law, each shrunk to the steps that it takes to break it."""
    dice = random.Random(seed)  # the same programs each time
    for _ in range(count):
        steps = chosen(FOLLOWED, dice.randrange)
        if wrong(program(steps)):
            pytest.fail(wrong(program(shrunk(steps))))


def shrunk(steps: list[Step]) -> list[Step]:
    """The fewest steps, as plain as they can be, of which something wrong is said."""
    for index, step in enumerate(steps):
        without = [later._replace(inputs=_renumbered(later.inputs, index)) for later in steps[index + 1 :]]
        plainer = [[*steps[:index], step._replace(**{name: 0}), *steps[index + 1 :]] for name in ("around", "home")]
        for fewer in ([*steps[:index], *without], *plainer):
            if fewer and fewer != steps and wrong(program(fewer)):
                return shrunk(fewer)
    return steps


def _renumbered(inputs: tuple[int, int], gone: int) -> tuple[int, int]:
    """Which texts are meant after a step was taken out."""
    left, right = (max(one - 1, 0) if one >= gone + 2 else one for one in inputs)
    return left, right

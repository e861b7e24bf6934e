"""A default is evaluated around the function's definition, wherever that is."""

from __future__ import annotations

import pytest

from tests.taint.harness import flows

HELPERS = "import os\nfrom flask import Flask, request\napp = Flask(__name__)\ndef made(x):\n    return x\ndef also(x):\n    return made(x)\n"
RUN = "os.system('ls ' + made(request.args['q']))"


@pytest.mark.parametrize(
    "around",
    [
        "class Shop:\n    def run(self, a=also(made({'k': made(1)}))):\n        {run}\n@app.route('/')\ndef view():\n    Shop().run()\n",
        "@app.route('/')\ndef view():\n    x = 1\n    def inner(a=also(made(also(2)))):\n        {run}\n    inner()\n",
        "@app.route('/')\ndef view(a=also(made(1))):\n    {run}\n",
        "class Shop:\n    def outer(self):\n        def inner(a=also(made(also(2)))):\n            {run}\n        inner()\n@app.route('/')\ndef view():\n    Shop().outer()\n",
    ],
    ids=["method", "nested", "module", "nested in a method"],
)
def test_a_call_in_a_default_does_not_stop_the_analysis(around):
    found = flows(HELPERS + around.replace("{run}", RUN))
    assert {flow.flaw for flow in found} == {"command-injection"}

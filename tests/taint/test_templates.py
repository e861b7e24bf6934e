"""t-strings are no texts: what takes one quotes what was put in."""

from __future__ import annotations

import sys

import pytest

from tests.taint.harness import flows

pytestmark = pytest.mark.skipif(sys.version_info < (3, 14), reason="PEP 750 is grammar since Python 3.14")
SETUP = """\
import html
import os
import psycopg
from string.templatelib import Interpolation, Template
from flask import Flask, request
app = Flask(__name__)
connection = psycopg.connect()
def plain(t: Template) -> str:
    return "".join(one if isinstance(one, str) else str(one.value) for one in t)
def escaped(t: Template) -> str:
    made = ""
    for one in t:
        match one:
            case str() as text:
                made += text
            case Interpolation(value=value):
                made += html.escape(str(value))
    return made
@app.get("/")
def view():
    x = request.args["x"]
"""


@pytest.mark.parametrize(
    ("line", "flaw"),
    [
        ('os.system(plain(t"ls {x}"))', "command-injection"),
        ('return plain(t"<b>{x}</b>")', "xss"),
        ('return t"<b>{x}</b>".values[0]', "xss"),
        ('connection.execute(f"SELECT {x}")', "sql-injection"),
        ('connection.execute(t"SELECT {x}")', None),
        ('return escaped(t"<b>{x}</b>")', None),
        ('return "".join(t"<b>{x}</b>".strings)', None),
    ],
)
def test_what_is_put_into_a_template_is_told_from_its_texts(line, flaw):
    found = flows(f"{SETUP}    {line}\n")
    assert {flow.flaw for flow in found} == ({flaw} if flaw else set())

"""An injection that begins where nobody is asked to log in is told to be graver, in an application that asks elsewhere."""

from aud_action.pipeline import scan
from aud_action.settings import Settings

TEXT = """
import os
from flask import Flask, request
from flask_login import login_required

app = Flask(__name__)


@app.route("/mine")
{guard}
def mine():
    os.system("ls " + request.args["folder"])


@app.route("/open")
def anybody():
    os.system("ls " + request.args["folder"])
"""


def severities(folder, guard):
    (folder / "shop.py").write_text(TEXT.format(guard=guard))
    result = scan(Settings(root=folder, select=("command-injection",), jobs=1))
    return [(finding.severity, "no log-in" in finding.message) for finding in result.findings]


def test_the_open_one_is_raised(tmp_path):
    assert severities(tmp_path, "@login_required") == [(9.8, False), (10.0, True)]


def test_none_is_raised_where_no_handler_asks(tmp_path):
    assert severities(tmp_path, "") == [(9.8, False), (9.8, False)]

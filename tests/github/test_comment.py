from __future__ import annotations

import json
import re
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from aud_action.github.api import Api, ApiError
from aud_action.github.change import difference
from aud_action.github.comment import publish
from aud_action.github.event import Event
from aud_action.github.git import Git

MARKER = "<!-- aud:comment v1 category= -->"


class GitHub(ThreadingHTTPServer):
    """As much of the API as a comment and a list of files need."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.comments, self.files, self.failures, self.calls = [], [], [], Counter()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def says(self, body, *, kind="Bot"):
        number = len(self.comments) + 1
        self.comments.append({"id": number, "body": body, "user": {"type": kind}, "html_url": f"#{number}"})


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body=None, **headers):
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(text)

    def handle_any(self):
        github = self.server
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        github.calls[self.command] += 1
        for failure in github.failures:
            method, status, headers, left = failure
            if method == self.command and left > 0:
                failure[3] -= 1
                return self.answer(status, {"message": "no"}, **headers)
        page = re.search(r"per_page=(\d+)&page=(\d+)", self.path)
        if page:
            size, number = map(int, page.groups())
            entries = github.files if "/files" in self.path else github.comments
            return self.answer(200, entries[size * (number - 1) : size * number])
        if self.command == "POST":
            github.says(body["body"])
            return self.answer(201, github.comments[-1])
        comment = github.comments[int(self.path.rsplit("/", 1)[1]) - 1]
        comment["body"] = body["body"]
        return self.answer(200, comment)

    do_GET = do_POST = do_PATCH = handle_any  # noqa: N815  # names that http.server calls


@pytest.fixture
def github():
    server = GitHub()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def waits():
    return []


@pytest.fixture
def api(github, waits):
    return Api(github.address, "token", "octo/repo", sleep=waits.append)


def test_the_same_comment_is_updated_in_place_and_left_alone_when_it_says_so_already(github, api):
    assert publish(api, 7, f"{MARKER}\none", MARKER).url == "#1"
    assert publish(api, 7, f"{MARKER}\ntwo", MARKER).url == "#1"
    assert [comment["body"] for comment in github.comments] == [f"{MARKER}\ntwo"]
    calls = Counter(github.calls)
    assert publish(api, 7, f"{MARKER}\ntwo\n", MARKER).url == "#1"
    assert github.calls - calls == Counter(GET=1)


def test_the_comment_is_found_behind_hundreds_of_others_and_a_person_s_copy_is_not_ours(github, api):
    github.says(f"{MARKER}\nby hand", kind="User")
    for n in range(250):
        github.says(f"talk {n}")
    github.says(f"{MARKER}\nold")
    assert publish(api, 7, f"{MARKER}\nnew", MARKER).url == "#252"
    assert github.comments[0]["body"].endswith("by hand")


def test_without_findings_a_comment_is_updated_but_none_is_made(github, api):
    assert publish(api, 7, f"{MARKER}\nclean", MARKER, only_update=True).url == ""
    assert github.comments == []
    github.says(f"{MARKER}\nfindings")
    publish(api, 7, f"{MARKER}\nclean", MARKER, only_update=True)
    assert github.comments[0]["body"] == f"{MARKER}\nclean"


def test_a_missing_permission_is_a_notice_that_names_the_line_to_add(github, api, waits):
    github.failures = [["POST", 403, {}, 9]]
    done = publish(api, 7, "x", MARKER)
    assert (done.url, waits) == ("", [])
    assert "add `pull-requests: write` to the job's `permissions`" in done.notice


def test_another_bot_s_comment_that_can_not_be_changed_is_followed_by_one_of_ours(github, api):
    github.says(f"{MARKER}\nold")
    github.failures = [["PATCH", 403, {}, 1]]
    assert publish(api, 7, f"{MARKER}\nnew", MARKER).url == "#2"


@pytest.mark.parametrize(
    ("status", "headers", "waited"),
    [(502, {}, [1.0]), (429, {"Retry_After": "3"}, [3.0]), (403, {"Retry_After": "2"}, [2.0])],
)
def test_a_short_limit_is_waited_out(github, api, waits, status, headers, waited):
    github.failures = [["GET", status, headers, 1]]
    assert publish(api, 7, f"{MARKER}\nx", MARKER).url == "#1"
    assert waits == waited


@pytest.mark.parametrize(("status", "headers"), [(503, {}), (429, {"Retry_After": "3600"}), (403, {}), (404, {})])
def test_what_does_not_pass_is_a_notice(github, api, status, headers):
    github.failures = [["GET", status, headers, 9]]
    assert f"({status} no)" in publish(api, 7, "x", MARKER).notice


def test_an_unreachable_api_is_a_notice(waits):
    done = publish(Api("http://127.0.0.1:1", "t", "o/r", sleep=waits.append), 7, "x", MARKER)
    assert "no usable answer" in done.notice


def test_the_token_follows_no_redirect(github, api):
    github.failures = [["GET", 302, {"Location": "http://127.0.0.1:1/steal"}, 1]]
    with pytest.raises(ApiError, match="302"):
        api("GET", "/x?per_page=1&page=1")


def test_a_shallow_checkout_asks_the_api_for_the_changed_lines(github, api, tmp_path):
    github.files = [
        {"filename": "a.py", "status": "modified", "changes": 1, "patch": "@@ -1,2 +1,2 @@\n a\n-b\n+c"},
        {"filename": "new name.py", "previous_filename": "old.py", "status": "renamed", "changes": 0},
        {"filename": "huge.py", "status": "modified", "changes": 90_000},
        {"filename": "gone.py", "status": "removed", "changes": 3},
        *({"filename": f"f{n}.py", "status": "added", "changes": 1, "patch": "@@ -0,0 +1 @@\n+x"} for n in range(150)),
    ]
    event = Event("pull_request", number=7, base="1" * 40)
    change, how, _ = difference(event, "", Git(tmp_path), api)
    assert how == "the pull request's list of files"
    assert change.files["a.py"].added == {2}
    assert change.files["huge.py"].whole
    assert not change.files["new name.py"].whole
    assert change.renames == {"new name.py": "old.py"}
    assert "gone.py" not in change.files
    assert len(change.files) == 153


def test_a_list_that_stops_at_github_s_limit_is_not_taken_for_the_whole(github, api, tmp_path):
    github.files = [{"filename": f"f{n}.py", "changes": 1, "patch": ""} for n in range(3000)]
    change, how, _ = difference(Event("pull_request", number=7), "", Git(tmp_path), api)
    assert change is None
    assert "3,000 files or more" in how

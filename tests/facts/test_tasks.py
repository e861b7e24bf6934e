"""What a running Celery says, and what our rows say."""

import pytest
from running import answer, facts, rows

pytest.importorskip("celery")
APP = "from store.worker import app\napp.loader.import_default_modules()\napp.finalize()\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("celery_store", tmp_path_factory.mktemp("celery"))


def told(question):
    return answer("celery_store", APP + question)


def test_every_task_and_no_other(store):
    names = told("answer = sorted(name for name in app.tasks if not name.startswith('celery.'))")
    assert [name for (name,) in rows(store, "SELECT name FROM python_celery_tasks")] == names


def test_what_a_task_is_bound_to(store):
    question = "answer = [[name, getattr(task, 'max_retries', None), task.rate_limit, task.time_limit] for name, task in app.tasks.items() if not name.startswith('celery.')]"
    ours = {
        row[0]: row[1:]
        for row in rows(store, "SELECT name, max_retries, rate_limit, time_limit FROM python_celery_tasks")
    }
    default = 3  # of Celery, where a task says nothing; the time limit is the application's
    for name, retries, rate, limit in told(question):
        assert (ours[name][0] or default, ours[name][1], ours[name][2] or 60) == (retries, rate, limit)
    assert rows(store, "SELECT function, arguments FROM python_celery_tasks WHERE is_bound") == [
        ("Receipt", 1),
        ("charge", 2),
    ]


def test_the_beat(store):
    beat = told("answer = {name: entry['task'] for name, entry in app.conf.beat_schedule.items()}")
    assert dict(rows(store, "SELECT name, task FROM python_task_schedules")) == beat
    assert rows(store, "SELECT kind FROM python_task_schedules ORDER BY name") == [("crontab",), ("interval",)]


def test_settings(store):
    assert rows(store, "SELECT key, constant FROM python_celery_settings WHERE key <> 'beat_schedule'") == [
        ("accept_content", "('json',)"),
        ("result_expires", "60"),
        ("task_serializer", "json"),
        ("task_time_limit", "60"),
    ]


def test_every_call_that_schedules(store):
    assert rows(store, "SELECT kind, task, arguments FROM python_task_calls WHERE task NOT LIKE '%Signature%'") == [
        ("apply_async", "chain", 0),
        ("apply_async", "store.mail.send", 1),
        ("chain", "chain", 2),
        ("delay", "store.tasks.charge", 2),
        ("group", "group", 2),
        ("send_task", "mail.send", 1),
        ("signature", "store.tasks.charge", 2),
        ("signature", "store.tasks.charge", 2),
        ("signature", "store.tasks.charge", 2),
        ("signature", "store.tasks.clean", 0),
    ]

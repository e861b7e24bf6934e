"""What a worker keeps of single files is what the database would hold of them; what may differ the next time doesn't last."""

import pytest

from aud_action.packed import unpacked
from aud_action.parcel import Parcels, parcels

FILE = (3, "a.py", "content", 10, 1, "parsed", None, False, False, "a")


def error(kind):
    return (3 << 24, 3 << 24, "walk", kind, "message", None)


def written(path, *files, lost=()):
    out = Parcels(str(path))
    for tables in files:
        out.add(tables)
    out.close(lost)
    return list(parcels(str(path)))


def test_rows_come_back_in_the_order_of_their_keys(tmp_path):
    """As the database would give them: an extractor may speak of a later place first."""
    (found,) = written(tmp_path / "p", {"files": [FILE], "python_calls": [(9, "b"), (7, "a")]})
    assert found.lasts
    assert unpacked(found.content)["python_calls"].rows == [(7, "a"), (9, "b")]


def test_text_that_has_no_utf_8_is_kept_as_the_database_has_it(tmp_path):
    (found,) = written(tmp_path / "p", {"files": [FILE], "python_calls": [(7, "\ud800")]})
    assert found.lasts
    assert unpacked(found.content)["python_calls"].rows == [(7, "\\ud800")]


@pytest.mark.parametrize(
    ("rows", "lost", "lasts"),
    [
        ([error("SyntaxError")], (), True),
        ([error("timeout")], (), False),
        ([error("MemoryError")], (), False),
        ([], (3,), False),
        ([], (4,), True),
        ([(3 << 24, 3 << 24, "walk", "kind", "message", 1 << 70)], (), False),
    ],
)
def test_what_may_be_another_the_next_time_does_not_last(tmp_path, rows, lost, lasts):
    (found,) = written(tmp_path / "p", {"files": [FILE], "python_extraction_errors": rows}, lost=lost)
    assert found.lasts is lasts


def test_a_lone_surrogate_in_a_changed_file(project):
    project.run()
    project.write("other.py", "x = call('\\ud800', y='\\udfff')\n")
    project.compare()
    project.compare()

"""Sources that once ended a file's extraction: whatever parses is read, without a gap."""

import pytest

from extractors.walk import extract


@pytest.mark.parametrize(
    "source",
    [
        "match x:\n    case {'a': 1, **rest}: y = rest\n",
        "match x:\n    case P(1, b=2, c=str()): pass\n",
        "match x:\n    case None | True: pass\n",
        "match x:\n    case [a, *b] if a: pass\n    case str() as s: pass\n    case _: pass\n",
        "x = 'a' ** 2\n",
        "x = 'a' << b'b'\n",
        "x = 2 ** 10 ** 10 ** 10\n",
        "x = 'a' * 10 ** 10\n",
        "x = '%9999999999d' % 1\n",
        "x = 1 % 0\n",
        "x = -'a'\n",
        "x = [1] * -1\n",
    ],
)
def test_whatever_parses_is_read_without_a_gap(source):
    facts = extract(source.encode(), "app.py", 1, "app", False)
    assert facts.tables.get("python_extraction_errors", []) == []

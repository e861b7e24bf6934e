"""That little is looked for in tests is said: a run over tests alone is never just clean."""

import pytest

from aud_action.pipeline import scan
from aud_action.report.sentence import coverage
from aud_action.settings import Settings

VIEW = "import os\nfrom flask import request\ndef view():\n    os.system(request.args['x'])\n"


@pytest.mark.parametrize(
    ("paths", "found", "said", "notes"),
    [
        (("app.py",), 1, "1 file analysed", 0),
        (("app.py", "tests/helper.py"), 1, "2 files analysed, 1 of them as tests", 0),
        (("test_app/views.py",), 0, "1 file analysed, 1 of them as tests", 1),
    ],
    ids=["code", "both", "tests"],
)
def test_how_many_files_are_tests(tmp_path, paths, found, said, notes):
    for path in paths:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(VIEW)
    for _ in ("cold", "warm"):
        result = scan(Settings(root=tmp_path, jobs=1, cache_dir=tmp_path.parent / f"{tmp_path.name}.cache"))
        flows = [one for one in result.findings if one.rule == "command-injection"]
        assert (len(flows), coverage(result), len(result.notes)) == (found, said, notes)

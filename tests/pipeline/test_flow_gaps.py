"""What the flow analysis leaves out is a gap of one file: listed and counted, and no reason for a check to fail."""

from aud_action.findings.threshold import exit_code
from aud_action.pipeline import index, scan
from aud_action.report.sentence import coverage
from aud_action.settings import Settings

DEEP = (
    "import os\nfrom flask import request\ndef view():\n    os.system(request.args['a'])\n    f0(request.args['b'])\n"
    + "".join(f"def f{n}(x):\n    f{n + 1}(x)\n" for n in range(30))
    + "def f30(x):\n    os.system(x)\n"
)


def test_a_limit_of_one_function_is_a_gap_in_its_file(tmp_path):
    (tmp_path / "app.py").write_text(DEEP)
    (tmp_path / "other.py").write_text("x = 1\n")
    cache = tmp_path.parent / f"{tmp_path.name}.cache"
    for _ in ("cold", "warm"):
        result = scan(Settings(root=tmp_path, jobs=1, cache_dir=cache, select=("command-injection",)))
        assert [one.location.line for one in result.findings] == [4]
        assert (result.incomplete, coverage(result)) == ((), "1 of 2 files not analysed")
        assert [(gap.path, gap.line, gap.reason) for gap in result.unanalysed] == [
            ("app.py", 44, "data flow: f19 is called more than 20 calls deep")
        ]
        assert exit_code(result, "never") == 0
        assert exit_code(result, "never", fail_on_unanalysed=True) == 1


def test_the_database_names_the_function(tmp_path):
    (tmp_path / "app.py").write_text(DEEP)
    store, incomplete, _ = index(Settings(root=tmp_path, jobs=1), tmp_path / "aud.db")
    assert incomplete == []
    assert list(store.rows("SELECT path, line, reason FROM flow_gaps")) == [
        ("app.py", 44, "f19 is called more than 20 calls deep")
    ]
    store.close()

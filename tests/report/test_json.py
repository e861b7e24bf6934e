from __future__ import annotations

import io
import json as standard

from aud_action.report import json


def test_the_document_holds_every_finding_with_its_state(result, rules):
    file = io.StringIO()
    json.write(result, rules, file)
    document = standard.loads(file.getvalue())
    assert document["version"] == 1
    assert [finding["state"] for finding in document["findings"]] == ["new", "out_of_scope", "suppressed"]
    assert document["counts"] == {"critical": 1, "high": 0, "medium": 1, "low": 0}
    assert document["findings"][0]["flow"][0]["line"] == 4
    assert document["unanalysed"] == [{"path": "bad\n.py", "line": 3, "reason": "invalid syntax"}]

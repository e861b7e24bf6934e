"""Handler classes of Tornado."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aud_action.derive import derives
from aud_action.derive.classes import program
from aud_action.derive.views import FRAMEWORKS, VERBS
from aud_action.settings import Settings
from aud_action.store import Store
from schema.webextras import TornadoHandler


@derives(TornadoHandler)
def tornado_handlers(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each class that descends from a handler of Tornado."""
    for owner, base in program(store).descending(*FRAMEWORKS["tornado"]):
        if not base.endswith("Handler"):
            continue
        verbs = [method for method in owner.methods if method.name in VERBS]
        row = TornadoHandler(
            name=owner.name,
            base=base,
            methods=len(verbs),
            uses_xsrf="false" if owner.method("check_xsrf_cookie", inherited=True) else "unknown",
            has_prepare=owner.method("prepare", inherited=True) is not None,
            overrides_current_user=owner.method("get_current_user", inherited=True) is not None,
            is_async=any(method.is_async for method in verbs),
        )
        yield owner.site, row

"""Signals of Django that a loop connects: `for signal in (post_save, post_delete): signal.connect(index)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aud_action.derive.arguments import Calls
from aud_action.derive.classes import Program
from aud_action.derive.expressions import dotted
from schema.django_classes import DjangoSignalConnection

SIGNALS: Final = (
    "django.dispatch.Signal",
    "django.db.models.signals.",
    "django.core.signals.",
    "django.contrib.auth.signals.",
    "django.test.signals.",
)
"""What the names of signals begin with."""
_CONNECTED: Final = """
SELECT c.site, c.receiver, o.name FROM python_calls c JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope
WHERE c.method = 'connect' AND coalesce(c.callee, '') = '' AND c.receiver <> '' ORDER BY c.site
"""


def connected_in_loops(known: Program) -> Iterator[tuple[int, DjangoSignalConnection]]:
    """Each connection in each round of the loop that binds the signal."""
    calls = Calls(known)
    for site, variable, scope in list(known.store.rows(_CONNECTED)):
        if variable not in calls.loops.of(scope, site):
            continue
        given = {word: calls.argument(site, (word,), at) for word, at in (("receiver", 0), ("sender", 1))}
        for handed in calls.loops.rounds(scope, site, [variable], None):
            name = known.names.resolve(calls.name(f"{scope}.{variable}", handed) or "", instances=False)
            if not known.names.resolve(name).startswith(SIGNALS):
                continue
            words = {word: dotted(node) or None for word, node in given.items()}
            named = {word: calls.name(f"{scope}.{text}", handed) for word, text in words.items() if text}
            receiver, sender = (
                _last(named.get(word)) if f"{scope}.{words[word]}" != named.get(word) else words[word]
                for word in ("receiver", "sender")
            )
            yield site, DjangoSignalConnection(_last(name) or "", receiver or "", sender, None, True)


def _last(name: str | None) -> str | None:
    return name.rpartition(".")[2] if name else None

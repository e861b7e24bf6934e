"""What works out a call of a library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.values.value import Value

Handler = Callable[[Frame, Env, list[Value], Named, Any], Value]
"""Where it stands, what is known there, positional and named arguments, and the lowered call → what it yields."""

"""How many examples a test draws: the profile's number, or fewer where each takes its time."""

from __future__ import annotations

from hypothesis import settings

FEWER = settings(max_examples=settings().max_examples * 2 // 5)

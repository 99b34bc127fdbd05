"""What tests of the reader share: a text that must be refused, its sentence looked over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from handcalc import InputError

__all__ = ["refusal"]


def refusal(door: Callable[..., Any], text: str, *asked: int) -> InputError:
    """The error of a text that must be refused; its message is a sentence."""
    with pytest.raises(InputError, match=r"(?s)^[A-Zπ\"&0-9].*\.$") as caught:
        door(text, *asked)
    return caught.value

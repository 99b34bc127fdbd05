"""The help of a public function tells of each argument, of what comes back, and an example."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

import exercises
import handcalc
import torchsim

FUNCTIONS = [
    pytest.param(function, id=f"{package.__name__}.{name}")
    for package in (handcalc, handcalc.plot, exercises, torchsim)
    for name in package.__all__
    if inspect.isfunction(function := getattr(package, name))
]


def parts(doc: str) -> dict[str, str]:
    """The sections of a docstring by their headings."""
    _, *found = re.split(r"^(Args|Returns|Raises|Examples):\n", doc, flags=re.MULTILINE)
    return dict(zip(found[::2], found[1::2], strict=True))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_public_function_tells_all_of_itself(function: Callable[..., Any]) -> None:
    told = parts(inspect.getdoc(function) or "")
    described = re.findall(r"^    \*{0,2}(\w+): ", told.get("Args", ""), flags=re.MULTILINE)
    assert described == list(inspect.signature(function).parameters)
    returns = inspect.signature(function).return_annotation
    assert ("Returns" in told) is (returns != "None")
    assert ">>> " in told["Examples"]


def test_every_public_function_was_looked_at() -> None:
    assert len(FUNCTIONS) >= 33

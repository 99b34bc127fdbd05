"""Lectures run with controls as a reader has set them."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import marimo as mo
from anywidget import AnyWidget

from handcalc.lectures.showing import asked_exercises

# what a program begins with that is to ask no other machine
OFFLINE = """
import socket
connect = socket.socket.connect
def refused(self, address):
    here = not isinstance(address, tuple) or address[0] in ("127.0.0.1", "::1", "localhost")
    if not here:
        raise AssertionError(f"a lecture asked {address}")
    return connect(self, address)
socket.socket.connect = refused
socket.getaddrinfo = lambda *names, **_: (_ for _ in ()).throw(AssertionError(f"asked {names}"))
"""


def notebook(name: str) -> Any:
    return importlib.import_module(f"handcalc.lectures.notebooks.{name.replace('-', '_')}")


def asks(name: str) -> Any:
    return importlib.import_module(f"handcalc.lectures.questions.{name.replace('-', '_')}")


def played(name: str, **controls: object) -> tuple[str, Mapping[str, Any]]:
    """All that a lecture shows, as text, with controls that a reader has set; what it defines."""
    fields = {
        key: mo.ui.text(value) if isinstance(value, str) else standing(value)
        for key, value in controls.items()
    }
    outputs, defined = notebook(name).app.run(defs=fields)
    return text_of(outputs), defined


def text_of(outputs: Iterable[object]) -> str:
    """All outputs of cells, as text."""
    return "\n".join(mo.as_html(each).text for each in outputs if each is not None)


@cache
def untouched(name: str) -> str:
    """All that a lecture shows before anything is changed."""
    return played(name)[0]


@cache
def opened(name: str) -> str:
    """All that a lecture shows with all answers open."""
    return played(name, answers=True)[0]


def standing(value: object) -> object:
    """A control that stands at a value; widgets, and what is kept by name, are some already."""
    is_one = isinstance(value, (AnyWidget, Mapping, mo.ui.dictionary))
    return value if is_one else Slid(value)


def answered(lecture: str, exercise: str, typed: str) -> dict[str, Any]:
    """The exercises of a lecture after an answer to one, which the lecture has by its own name."""
    asked = asked_exercises(asks(lecture).EXERCISES)
    asked[exercise].request = {"id": "1", "what": "grade", "typed": {"answer": typed}}
    return {"asked": asked, exercise.replace("-", "_"): asked[exercise].widget}


class Slid:
    """A slider or list that stands at a value."""

    def __init__(self, value: object) -> None:
        self.value = value


def refusals(shown: str) -> int:
    """How many refusals a page shows."""
    return len(re.findall("marimo-callout-output", shown))

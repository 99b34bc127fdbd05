"""What a notebook or ``print`` shows for a model or a result.

This module knows no view. The views of a package register themselves here, in its module
``registered_views``, which is imported when the first of the package's values is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import singledispatch
from importlib import import_module
from typing import Any

import sympy

from handcalc.numbers.exact import integer_text, to_text

_LONGEST = 240  # characters of a repr


class Displayed:
    """A value that Jupyter shows as Markdown with LaTeX, and ``print`` as the terminal does.

    >>> from handcalc.superposition.model.toy_model import ToyModel
    >>> "bmatrix" in ToyModel("1 0; 0 1")._repr_markdown_()
    True
    """

    __slots__ = ()

    def __str__(self) -> str:
        """What the terminal shows: print(handcalc.forward(model)) shows the steps."""
        _import_views(type(self))
        return _text(self)

    def _repr_markdown_(self) -> str:
        _import_views(type(self))
        return _markdown(self)


def register(  # noqa: PLR0913 - each is a medium
    kind: type[Any],
    *,
    text: Callable[[Any], str],
    markdown: Callable[[Any], str],
    latex: Callable[[Any], str] | None = None,
    plot: Callable[..., Any] | None = None,
    html: Callable[[Any], str | None] | None = None,
    pictured: Callable[[Any], Any] | None = None,
) -> None:
    """Show values of this kind by these views: plain text, 80 columns wide, Markdown, LaTeX.

    ``plot`` draws one with matplotlib, and answers with the axes; ``html`` is what a notebook
    shows in place of the Markdown; ``pictured`` is what ``handcalc.plot`` draws of one.
    """
    _text.register(kind, text)
    _markdown.register(kind, markdown)
    if latex is not None:
        _latex.register(kind, latex)
    if plot is not None:
        _plot.register(kind, plot)
    if html is not None:
        _html.register(kind, html)
    if pictured is not None:
        _pictured.register(kind, pictured)


def latex_of(shown: object) -> str:
    """The formulas of a value, as its package registered them."""
    _import_views(type(shown))
    return _latex(shown)


def plot_of(shown: object, *which: object, **how: object) -> Any:
    """The axes in which a value is drawn, as its package registered it."""
    _import_views(type(shown))
    return _plot(shown, *which, **how)


def html_of(shown: object) -> str | None:
    """What a notebook shows of a value in place of its formulas; None where it keeps to them."""
    _import_views(type(shown))
    return _html(shown)


def pictured_of(shown: object) -> Any:
    """What ``handcalc.plot`` draws of a value; None where that is a model, or nothing."""
    _import_views(type(shown))
    return _pictured(shown)


def abridged(text: str) -> str:
    """A repr whose middle is left out where it is long.

    >>> abridged("Forward(x=(1, 1/4, 1/2))")
    'Forward(x=(1, 1/4, 1/2))'
    >>> len(abridged("7" * 30_000))
    240
    """
    if len(text) <= _LONGEST:
        return text
    head = 2 * _LONGEST // 3
    return f"{text[:head]} … {text[head + 3 - _LONGEST :]}"


def fields_text(value: Any) -> str:
    """The repr that a data class has, for numbers of any length too.

    >>> from handcalc.superposition.loss.distribution import OneActive
    >>> fields_text(OneActive(3))
    'OneActive(n=3)'
    """
    shown = (f"{field.name}={_field(getattr(value, field.name))}" for field in fields(value))
    return abridged(f"{type(value).__name__}({', '.join(shown)})")


def _field(value: object) -> str:
    """A value of a field: numbers with all their digits, where Python's own repr has a limit."""
    if isinstance(value, tuple):
        cells = ", ".join(map(_field, value))
        return f"({cells},)" if len(value) == 1 else f"({cells})"
    if isinstance(value, sympy.Expr):
        return to_text(value)
    return integer_text(value) if type(value) is int else repr(value)


@singledispatch
def _text(shown: object) -> str:
    raise TypeError(f"No text is registered for a {type(shown).__name__}.")


@singledispatch
def _markdown(shown: object) -> str:
    raise TypeError(f"No Markdown is registered for a {type(shown).__name__}.")


@singledispatch
def _latex(shown: object) -> str:
    raise TypeError(f"No LaTeX is registered for a {type(shown).__name__}.")


@singledispatch
def _plot(shown: object, *_: object, **__: object) -> Any:
    raise TypeError(f"No plot is registered for a {type(shown).__name__}.")


@singledispatch
def _html(shown: object) -> str | None:
    raise TypeError(f"No HTML is registered for a {type(shown).__name__}.")


@singledispatch
def _pictured(shown: object) -> Any:
    del shown


def _import_views(kind: type) -> None:
    """Import the views of the package that ``kind``, or what it is made from, is defined in."""
    (home, *_) = (base for base in kind.__mro__ if Displayed in base.__bases__)
    import_module(f"{home.__module__.partition('.')[0]}.registered_views")

"""What is not shown before somebody asks: a value behind a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Sealed"]

Contents = TypeVar("Contents")


class Sealed(Generic[Contents]):
    """A value that a call gives, and that no repr, printer or list of attributes shows.

    Notebooks save what they print, and debuggers unfold all attributes: the contents are none.

    >>> hints = Sealed(("Which arrow?", "Row 3 is 0 -1."))
    >>> hints
    <sealed: call it to open it>
    >>> hints()[0]
    'Which arrow?'
    """

    __slots__ = ("_open",)

    def __init__(self, contents: Contents) -> None:
        self._open: Callable[[], Contents] = lambda: (
            contents
        )  # in the function's closure, where nothing looks

    def __call__(self) -> Contents:
        """The contents."""
        return self._open()

    def __repr__(self) -> str:
        return "<sealed: call it to open it>"

    def __eq__(self, other: object) -> bool:
        return self() == other() if isinstance(other, Sealed) else NotImplemented

    def __hash__(self) -> int:
        return hash(self())

    def __reduce__(self) -> tuple[type[Sealed[Contents]], tuple[Contents]]:
        return type(self), (self(),)

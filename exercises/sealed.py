"""What is not shown before somebody asks, or not here at all: a value behind a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from handcalc.errors import InputError

Contents = TypeVar("Contents")


class SealedValue(Generic[Contents]):
    """A value that a call gives, and that no repr, printer or list of attributes shows.

    Notebooks save what they print, and debuggers unfold all attributes: the contents are none.

    >>> hints = SealedValue(("Which arrow?", "Row 3 is 0 -1."))
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
        return self() == other() if isinstance(other, SealedValue) else NotImplemented

    def __hash__(self) -> int:
        return hash(self())

    def __reduce__(self) -> tuple[type[SealedValue[Contents]], tuple[Contents]]:
        return type(self), (self(),)


NOT_HERE = (
    "This exercise comes from a student edition, which has no hints, solutions and grades: type an "
    "answer to see how it is read, and your lecturer grades it."
)


class WithheldValue(SealedValue[Contents]):
    """A sealed value that is not here: whoever calls it is told where it is.

    >>> from handcalc.errors import InputError
    >>> try:
    ...     WithheldValue()()
    ... except InputError as error:
    ...     print(error.code)
    student_edition
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[arg-type]  # nothing is there, and nothing is given

    def __call__(self) -> Contents:
        """Nothing. Errors: ``InputError`` with code ``student_edition``."""
        raise InputError("student_edition", NOT_HERE)

    def __repr__(self) -> str:
        return "<withheld: your lecturer has it>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WithheldValue)

    def __hash__(self) -> int:
        return hash(WithheldValue)

    def __reduce__(self) -> tuple[type[SealedValue[Contents]], Any]:
        return type(self), ()

"""Which names a run can have."""

from __future__ import annotations

from collections.abc import Iterator

from handcalc.errors import InputError

_LONGEST = 64


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a run: it is typed, shown, and never taken for a path.

    Errors: ``name``.

    >>> check_name("first look, S = 1/2")
    Traceback (most recent call last):
    ...
    handcalc.errors.InputError: A name has no slashes, and the one given has.
    """
    wrong = next((why for why, holds in _wrong_names(name) if holds), None)
    if wrong is not None:
        raise InputError("name", wrong)


def _wrong_names(name: str) -> Iterator[tuple[str, bool]]:
    yield "A name has at least one character, and the one given is empty.", not name
    most = f"A name has at most {_LONGEST} characters"
    yield f"{most}, and the one given has {len(name)}.", len(name) > _LONGEST
    yield "A name has no slashes, and the one given has.", "/" in name or "\\" in name
    what = "A name has letters, digits, marks and blanks, and no characters that do not print."
    yield what, not name.isprintable()
    begins = "A name begins with a letter or a digit"
    yield f"{begins}, not with {name[:1]!r}.", not name[:1].isalnum()
    yield "A name does not end with a blank.", name != name.rstrip()

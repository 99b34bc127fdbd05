"""Figures as PNG and SVG files, the same file for the same figure."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from handcalc.errors import InputError
from handcalc.storage.files import write as write_whole
from torchsim.figures.themes import LIGHT, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["rendered", "write"]

_SUFFIXES = (".png", ".svg")


def write(figure: Figure, path: str | Path) -> None:
    """Write a figure as the suffix says, PNG or SVG: a whole file, or the old one stands.

    Errors: ``suffix``, and OSError where the file cannot be written.

    >>> from matplotlib.figure import Figure
    >>> try:
    ...     write(Figure(), "picture.gif")
    ... except InputError as error:
    ...     print(error.code, error.suggestion)
    suffix picture.png
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        named = path if path.name else path / "figure"
        raise InputError(
            "suffix",
            f"A figure is written to a file that ends in .png or .svg, not {path.name!r}.",
            suggestion=str(named.with_suffix(".png")),
        )
    write_whole(path, rendered(figure, suffix))


def rendered(figure: Figure, suffix: str) -> bytes:
    r"""The file of a figure, with its title and description inside.

    No date and no random name is in it; text is written as outlines, so that it looks the same
    without the font.

    >>> from matplotlib.figure import Figure
    >>> rendered(Figure(figsize=(1, 1)), ".png")[:4]
    b'\x89PNG'
    """
    suffix = suffix.lower()
    nameless = {"Software": None} if suffix == ".png" else {"Date": None, "Creator": None}
    words = {"Title": figure.get_suptitle().replace("\n", " "), "Description": figure.get_label()}
    file = BytesIO()
    with styled(LIGHT):
        figure.savefig(file, format=suffix[1:], metadata={**words, **nameless})
    return file.getvalue()

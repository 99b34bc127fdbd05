"""What a notebook or ``print`` shows for a model or a result.

The one upward edge of the house: views are imported inside these methods, when they are asked for.
"""

from __future__ import annotations

__all__ = ["Displayed"]


class Displayed:
    """A value that Jupyter shows as Markdown with LaTeX, and ``print`` as the terminal does.

    >>> from handcalc.superposition.toy_model import ToyModel
    >>> "bmatrix" in ToyModel("1 0; 0 1")._repr_markdown_()
    True
    """

    __slots__ = ()

    def __str__(self) -> str:
        """What the terminal shows: print(handcalc.forward(model)) shows the steps."""
        from handcalc.views import printed

        return printed.of(self)

    def _repr_markdown_(self) -> str:
        from handcalc.views import markdown

        return markdown.of(self)

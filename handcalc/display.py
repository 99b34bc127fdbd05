"""What a notebook shows for a model or a result.

The one upward edge of the house: views are imported inside these methods, when a notebook asks.
"""

from __future__ import annotations

__all__ = ["Displayed"]


class Displayed:
    """A value that Jupyter shows as Markdown with LaTeX, by the views.

    >>> from handcalc.superposition.toy_model import ToyModel
    >>> "bmatrix" in ToyModel("1 0; 0 1")._repr_markdown_()
    True
    """

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        from handcalc.views import markdown

        return markdown.of(self)

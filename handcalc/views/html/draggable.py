"""The figure as a widget of a notebook: what is dragged in the page is an exact model in Python."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import sympy

from handcalc.errors import require
from handcalc.inputs.arguments import Vector
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.model.forward_pass import forward
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.html.page import figure_data, module

if TYPE_CHECKING:
    from anywidget import AnyWidget


def widget(
    model: ToyModel | object,
    x: object = None,
    *,
    sparsity: object = "1/2",
    panels: object = None,
) -> AnyWidget:
    """The figure of ``model``, n ≤ 6 in the plane, for JupyterLab, VS Code, Colab and marimo.

    Its ``model`` is the ``ToyModel`` of the moment, exactly as the arrows and sliders stand, its
    ``x`` the input and its ``sparsity`` the S of the expected loss; ``observe(f, "state")`` calls
    ``f`` at every change. Numbers come as fractions or with their square root, never as floats. One
    that the figure can show only rounded stays as it was given until something is moved.

    Args:
        model: A model of up to six features in two dimensions, or W alone.
        x: Where the input begins, as ``forward`` takes it; zeros if left out.
        sparsity: Where S begins, from 0 to 1.
        panels: What stands beside the arrows: "forward", b and x with what comes out; "gram",
            W Wᵀ; "loss", S with the expected loss; "best", the best loss known beside it. A list of
            some, or [] for the arrows alone; all of them if left out.

    Returns:
        The widget, which a cell shows when it ends with it.

    Raises:
        InputError: ``not_drawn`` for other sizes, ``panels`` for other names, those of ``forward``
            and of ``SparseUniform``, and ``missing_extra`` without anywidget.

    Source: derived here.

    Examples:
        >>> shown = widget(ToyModel("1 0; 0 1; 0 -1"), "1 1/2 0")
        >>> shown.state = shown.state | {"W": [["1", "0"], ["1/2", "7/10"], ["0", "-1"]]}
        >>> shown.model == ToyModel("1 0; 1/2 7/10; 0 -1"), shown.x
        (True, (1, 1/2, 0))
    """
    require("lecture", "anywidget")
    model = ToyModel.of(model)
    S = SparseUniform(sparsity).blocks(1)[0].sparsity
    inputs = None if x is None else forward(model, x).x
    data = figure_data(model, inputs, sparsity=S, panels=panels)
    made: AnyWidget = _widget_class()(model, data)
    return made


@cache
def _widget_class() -> type[Any]:
    """The class; importing what it stands on costs a second, and only who asks for it pays."""
    import anywidget
    import traitlets

    class FigureWidget(anywidget.AnyWidget):
        """A figure and what its reader made of it."""

        _esm = module()
        data = traitlets.Dict().tag(sync=True)
        state = traitlets.Dict().tag(sync=True)

        def __init__(self, model: ToyModel, data: dict[str, Any]) -> None:
            super().__init__(data=data, state=data["state"])
            self._given = model

        @property
        def model(self) -> ToyModel:
            """The model as it stands."""
            first = self.data["state"]
            if all(self.state[name] == first[name] for name in ("W", "b", "relu")):
                return self._given
            W = [[_number(cell) for cell in row] for row in self.state["W"]]
            b = [_number(cell) for cell in self.state["b"]]
            return ToyModel(W, b, "relu" if self.state["relu"] else "linear")

        @property
        def x(self) -> Vector:
            """The input as its sliders stand."""
            return tuple(_number(cell) for cell in self.state["x"])

        @property
        def sparsity(self) -> sympy.Expr:
            """S as its slider stands."""
            return _number(self.state["S"])

    return FigureWidget


def _number(given: object) -> sympy.Expr:
    """A number as the figure writes it: "3/4", or ["1/4", "1/2", "3"] for 1/4 + √3/2."""
    if isinstance(given, list | tuple):
        a, b, d = map(sympy.Rational, given)
        return a + b * sympy.sqrt(d)
    return sympy.Rational(str(given))

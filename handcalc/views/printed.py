"""Models and results as plain text: what ``print`` shows, in Unicode, 80 columns wide."""

from __future__ import annotations

from functools import singledispatch
from io import StringIO

from rich.console import Console, RenderableType

from handcalc.superposition.embeddings import Embedding
from handcalc.superposition.expected_loss import ExpectedLoss
from handcalc.superposition.forward_pass import Forward
from handcalc.superposition.geometry import Geometry
from handcalc.superposition.gradient import LossGradient
from handcalc.superposition.optimisation import Optimum
from handcalc.superposition.phases.diagram import PhaseDiagram
from handcalc.superposition.phases.phase_map import PhaseMap
from handcalc.superposition.symmetry import Sameness
from handcalc.superposition.toy_model import ToyModel
from handcalc.views import diagram_text, phase_map_text, text
from handcalc.views.plain import UNICODE

__all__ = ["of"]

_WIDTH = 80


def of(shown: object) -> str:
    """The text of a model, a forward pass, a geometry, an embedding, a loss, an optimum.

    >>> print(of(ToyModel("1 0; 0 1")))
    W = ⎡ 1   0 ⎤   feature 1
        ⎣ 0   1 ⎦   feature 2
    b = (0, 0)
    x̂ = ReLU(z)   (ReLU model)
    """
    file = StringIO()
    Console(file=file, width=_WIDTH, color_system=None, highlight=False, markup=False).print(
        _renderable(shown)
    )
    return file.getvalue().rstrip("\n")


@singledispatch
def _renderable(shown: object) -> RenderableType:
    raise TypeError(f"There is no text for a {type(shown).__name__}.")


@_renderable.register
def _(shown: ToyModel) -> RenderableType:
    return text.model(shown, UNICODE)


@_renderable.register
def _(shown: Forward) -> RenderableType:
    return text.forward(shown, UNICODE)


@_renderable.register
def _(shown: Geometry) -> RenderableType:
    return text.geometry(shown, UNICODE)


@_renderable.register
def _(shown: Embedding) -> RenderableType:
    return text.embedding(shown, UNICODE)


@_renderable.register
def _(shown: ExpectedLoss) -> RenderableType:
    return text.loss(shown, UNICODE)


@_renderable.register
def _(shown: LossGradient) -> RenderableType:
    return text.gradient(shown, UNICODE)


@_renderable.register
def _(shown: Optimum) -> RenderableType:
    return text.optimum(shown, UNICODE)


@_renderable.register
def _(shown: PhaseMap) -> RenderableType:
    return phase_map_text.phase_map(shown, UNICODE)


@_renderable.register
def _(shown: PhaseDiagram) -> RenderableType:
    return diagram_text.diagram(shown, UNICODE)


@_renderable.register
def _(shown: Sameness) -> RenderableType:
    return shown.sentence

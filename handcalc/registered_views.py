"""The views of handcalc's results, registered with ``display``: a row for each kind of result."""

from __future__ import annotations

from handcalc.derivation import Derivation
from handcalc.superposition.distribution import Distribution
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
from handcalc.views import diagram_text, markdown, phase_map_text, phase_markdown, text
from handcalc.views.printed import register

register(ToyModel, text.model, markdown.model)
register(Forward, text.forward, markdown.forward)
register(Geometry, text.geometry, markdown.geometry)
register(Embedding, text.embedding, markdown.embedding)
register(Distribution, text.distribution, markdown.distribution)
register(ExpectedLoss, text.loss, markdown.loss)
register(LossGradient, text.gradient, markdown.gradient)
register(Derivation, text.derivation, markdown.derivation)
register(Optimum, text.optimum, markdown.optimum)
register(PhaseMap, phase_map_text.phase_map, phase_markdown.phase_map)
register(PhaseDiagram, diagram_text.diagram, phase_markdown.diagram)
register(Sameness, text.sameness, markdown.sameness)

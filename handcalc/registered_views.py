"""The views of handcalc's results, registered with ``display``: a row for each kind of result."""

from __future__ import annotations

from handcalc.derivation import Derivation
from handcalc.superposition.best.optimum import Optimum
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.loss.expected_loss import ExpectedLoss
from handcalc.superposition.loss.gradient import LossGradient
from handcalc.superposition.model.embeddings import Embedding
from handcalc.superposition.model.forward_pass import Forward
from handcalc.superposition.model.geometry import Geometry
from handcalc.superposition.model.same_model import Sameness
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.phases.diagram import PhaseDiagram
from handcalc.superposition.phases.phase_map import PhaseMap
from handcalc.views import latex, markdown, text
from handcalc.views.text import diagram, phase_map, register

register(ToyModel, text.model, markdown.model, latex.model)
register(Forward, text.forward, markdown.forward, latex.forward)
register(Geometry, text.geometry, markdown.geometry, latex.geometry)
register(Embedding, text.embedding, markdown.embedding, latex.embedding)
register(Distribution, text.distribution, markdown.distribution)
register(ExpectedLoss, text.loss, markdown.loss, latex.loss)
register(LossGradient, text.gradient, markdown.gradient, latex.gradient)
register(Derivation, text.derivation, markdown.derivation)
register(Optimum, text.optimum, markdown.optimum, latex.optimum)
register(PhaseMap, phase_map.phase_map, markdown.phase_map, latex.phase_map)
register(PhaseDiagram, diagram.diagram, markdown.diagram, latex.diagram)
register(Sameness, text.sameness, markdown.sameness, latex.sameness)

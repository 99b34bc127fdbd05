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
from handcalc.views import text
from handcalc.views.latex import formulas
from handcalc.views.markdown import phases
from handcalc.views.markdown import results as markdown
from handcalc.views.printed import register
from handcalc.views.text import diagram, phase_map

register(ToyModel, text.model, markdown.model, formulas.model)
register(Forward, text.forward, markdown.forward, formulas.forward)
register(Geometry, text.geometry, markdown.geometry, formulas.geometry)
register(Embedding, text.embedding, markdown.embedding, formulas.embedding)
register(Distribution, text.distribution, markdown.distribution)
register(ExpectedLoss, text.loss, markdown.loss, formulas.loss)
register(LossGradient, text.gradient, markdown.gradient, formulas.gradient)
register(Derivation, text.derivation, markdown.derivation)
register(Optimum, text.optimum, markdown.optimum, formulas.optimum)
register(PhaseMap, phase_map.phase_map, phases.phase_map, formulas.phase_map)
register(PhaseDiagram, diagram.diagram, phases.diagram, formulas.diagram)
register(Sameness, text.sameness, markdown.sameness, formulas.sameness)

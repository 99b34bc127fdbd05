"""The views of handcalc's results, registered with ``display``: a row for each kind of result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.composition import HeadCompositions
from handcalc.circuits.copying import Copying
from handcalc.circuits.corpus import Bigrams
from handcalc.circuits.exponential_sum import ExponentialSum
from handcalc.circuits.gallery.circuit import Circuit
from handcalc.circuits.head import Head
from handcalc.circuits.paths import PathExpansion
from handcalc.circuits.proving import Enumeration
from handcalc.circuits.run import CircuitRun
from handcalc.circuits.tables import SourceEffect, TokenTable
from handcalc.derivation import Derivation
from handcalc.directions.analogy import Analogy
from handcalc.directions.autoencoder import SparseAutoencoder
from handcalc.directions.best_code import BestCode
from handcalc.directions.closed_forms import SaeClosedForm
from handcalc.directions.coherence import Coherence
from handcalc.directions.decoding import ShortestInputs, SparseInputs
from handcalc.directions.fitting import DimensionsNeeded, Fitting, LeastCoherence
from handcalc.directions.readouts import Readouts, SparsestLoss
from handcalc.directions.recovery import Recovery
from handcalc.directions.sae_gradient import SaeGradient
from handcalc.directions.sae_loss import SaeLoss
from handcalc.directions.sets import DirectionSet
from handcalc.directions.ways_out import WaysOut
from handcalc.networks.gallery import NamedNetwork
from handcalc.networks.network_loss import NetworkLoss
from handcalc.networks.network_pass import NetworkPass
from handcalc.networks.relu_network import ReluNetwork
from handcalc.superposition.best.optimum import Optimum
from handcalc.superposition.certificates.certificate import Certificate
from handcalc.superposition.certificates.checked import Checked
from handcalc.superposition.certificates.proof import Proof
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
from handcalc.views import certificates, latex, markdown, text
from handcalc.views.circuits import corpora, formulas, models, named, results, runs
from handcalc.views.circuits import markdown as circuit_markdown
from handcalc.views.circuits import text as circuit_text
from handcalc.views.circuits.blocks import Page
from handcalc.views.directions import autoencoders, fitting, pages
from handcalc.views.directions import formulas as direction_formulas
from handcalc.views.html import beside
from handcalc.views.networks import formulas as network_formulas
from handcalc.views.networks import pages as network_pages
from handcalc.views.plots import circuits as plots
from handcalc.views.plots import dictionary, pictured
from handcalc.views.plots import directions as direction_plots
from handcalc.views.text import diagram, phase_map, proofs, register

register(ToyModel, text.model, markdown.model, latex.model, html=beside.model)
register(Forward, text.forward, markdown.forward, latex.forward, pictured=pictured.OnePass)
register(Geometry, text.geometry, markdown.geometry, latex.geometry)
register(
    Embedding, text.embedding, markdown.embedding, latex.embedding,
    html=beside.embedding, pictured=pictured.OneEmbedding,
)  # fmt: skip
register(Distribution, text.distribution, markdown.distribution)
register(ExpectedLoss, text.loss, markdown.loss, latex.loss, pictured=pictured.OneLoss)
register(LossGradient, text.gradient, markdown.gradient, latex.gradient)
register(Derivation, text.derivation, markdown.derivation)
register(Optimum, text.optimum, markdown.optimum, latex.optimum, pictured=pictured.OneBest)
register(Proof, proofs.proof, markdown.proof, latex.proof)
register(
    PhaseMap, phase_map.phase_map, markdown.phase_map, latex.phase_map,
    pictured=pictured.AlongSparsity,
)  # fmt: skip
register(
    PhaseDiagram, diagram.diagram, markdown.diagram, latex.diagram, pictured=pictured.ByImportance
)
register(Sameness, text.sameness, markdown.sameness, latex.sameness)


def _register_page(
    kind: type[Any],
    shown_on: Callable[[Any], Page],
    latex_view: Callable[[Any], str] | None = None,
    plot: Callable[..., Any] | None = None,
) -> None:
    """Show values of this kind by one page, which terminal and notebook each render."""
    register(
        kind,
        lambda shown, notation: circuit_text.rendered(shown_on(shown), notation),
        lambda shown: circuit_markdown.rendered(shown_on(shown)),
        latex_view,
        plot=plot,
    )


_register_page(AttentionOnly, models.model, formulas.model, plots.plot_stream)
_register_page(Head, models.head, formulas.head)
_register_page(CircuitRun, runs.run, formulas.run, plots.plot_run)
_register_page(PathExpansion, results.expansion, plot=plots.plot_paths)
_register_page(TokenTable, results.table, formulas.table, plots.plot_table)
_register_page(SourceEffect, results.source_effect, plot=plots.plot_effects)
_register_page(Copying, results.copying, plot=plots.plot_copying)
_register_page(HeadCompositions, results.composition, plot=plots.plot_composition)
_register_page(Bigrams, corpora.bigrams, formulas.bigrams, plot=plots.plot_counts)
_register_page(ExponentialSum, models.exponential_sum)
_register_page(Circuit, named.circuit)
_register_page(Enumeration, named.proof)

_register_page(Certificate, certificates.certificate, latex.certificate)
_register_page(Checked, certificates.checked)

_register_page(Coherence, pages.coherence, direction_formulas.coherence)
_register_page(Recovery, pages.recovery, direction_formulas.recovery, direction_plots.plot_recovery)
_register_page(SparseInputs, pages.sparse_inputs, direction_formulas.found_inputs)
_register_page(ShortestInputs, pages.shortest_inputs, direction_formulas.found_inputs)
_register_page(Readouts, pages.readouts, direction_formulas.readouts)
_register_page(SparsestLoss, pages.sparsest_loss, direction_formulas.sparsest_loss)
_register_page(DirectionSet, pages.direction_set, direction_formulas.direction_set)
_register_page(Analogy, pages.analogy, direction_formulas.analogy)
_register_page(Fitting, fitting.fitting)
_register_page(LeastCoherence, fitting.least_coherence)
_register_page(DimensionsNeeded, fitting.dimensions_needed)

_register_page(SparseAutoencoder, autoencoders.autoencoder)
_register_page(SaeLoss, autoencoders.loss, plot=dictionary.plot_dictionary)
_register_page(SaeGradient, autoencoders.gradient)
_register_page(BestCode, autoencoders.code)
_register_page(SaeClosedForm, autoencoders.closed_form)
_register_page(WaysOut, autoencoders.ways)

_register_page(ReluNetwork, network_pages.network, network_formulas.network)
_register_page(NetworkPass, network_pages.network_pass, network_formulas.network_pass)
_register_page(NetworkLoss, network_pages.loss, network_formulas.loss)
_register_page(NamedNetwork, network_pages.named, network_formulas.named)

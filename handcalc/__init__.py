"""An exact laboratory for toy models of superposition.

Every name below is imported when it is first used, so that ``import handcalc`` costs next to
nothing.

>>> import handcalc
>>> print(handcalc.parse_scalar("1/2 + 1/3"))
5/6
"""

from __future__ import annotations

from .lazy import importer

TYPE_CHECKING = (
    False  # type checkers take it as true; importing typing would cost more than all else
)
if TYPE_CHECKING:
    from . import plot as plot
    from .circuits.attention_only import AttentionOnly as AttentionOnly
    from .circuits.composition import composition as composition
    from .circuits.copying import copying as copying
    from .circuits.corpus import Bigrams as Bigrams
    from .circuits.corpus import best_bigrams as best_bigrams
    from .circuits.exponential_sum import ExponentialSum as ExponentialSum
    from .circuits.gallery.circuit import Circuit as Circuit
    from .circuits.gallery.listing import circuit as circuit
    from .circuits.gallery.listing import circuits as circuits
    from .circuits.head import Head as Head
    from .circuits.paths import PathExpansion as PathExpansion
    from .circuits.paths import path_expansion as path_expansion
    from .circuits.run import CircuitRun as CircuitRun
    from .circuits.run import run_circuit as run_circuit
    from .circuits.tables import bigram_table as bigram_table
    from .circuits.tables import ov_circuit as ov_circuit
    from .circuits.tables import qk_circuit as qk_circuit
    from .circuits.tables import skip_trigrams as skip_trigrams
    from .circuits.tables import source_effect as source_effect
    from .directions.analogy import Analogy as Analogy
    from .directions.analogy import analogy as analogy
    from .directions.autoencoder import SparseAutoencoder as SparseAutoencoder
    from .directions.best_code import BestCode as BestCode
    from .directions.best_code import best_code as best_code
    from .directions.closed_forms import SaeClosedForm as SaeClosedForm
    from .directions.closed_forms import sae_closed_form as sae_closed_form
    from .directions.coherence import Coherence as Coherence
    from .directions.coherence import coherence as coherence
    from .directions.decoding import basis_pursuit as basis_pursuit
    from .directions.decoding import sparsest as sparsest
    from .directions.fitting import dimensions_needed as dimensions_needed
    from .directions.fitting import how_many as how_many
    from .directions.fitting import least_coherence as least_coherence
    from .directions.readouts import readouts as readouts
    from .directions.readouts import sparsest_loss as sparsest_loss
    from .directions.recovery import Recovery as Recovery
    from .directions.recovery import recovery as recovery
    from .directions.sae_gradient import SaeGradient as SaeGradient
    from .directions.sae_gradient import sae_gradient as sae_gradient
    from .directions.sae_loss import SaeLoss as SaeLoss
    from .directions.sae_loss import sae_loss as sae_loss
    from .directions.sets import DirectionSet as DirectionSet
    from .directions.sets import direction_set as direction_set
    from .directions.sets import direction_sets as direction_sets
    from .directions.ways_out import WaysOut as WaysOut
    from .directions.ways_out import ways_out as ways_out
    from .errors import AuthorError as AuthorError
    from .errors import EngineError as EngineError
    from .errors import HandcalcError as HandcalcError
    from .errors import InputError as InputError
    from .inputs.arguments import equal as equal
    from .inputs.arguments import exact as exact
    from .inputs.arguments import sign as sign
    from .networks.gallery import NamedNetwork as NamedNetwork
    from .networks.gallery import network as network
    from .networks.gallery import networks as networks
    from .networks.network_loss import NetworkLoss as NetworkLoss
    from .networks.network_loss import network_loss as network_loss
    from .networks.network_pass import NetworkPass as NetworkPass
    from .networks.network_pass import network_pass as network_pass
    from .networks.relu_network import ReluNetwork as ReluNetwork
    from .parsing import parse_input as parse_input
    from .parsing import parse_matrix as parse_matrix
    from .parsing import parse_scalar as parse_scalar
    from .parsing import parse_vector as parse_vector
    from .superposition.best.optimum import Optimum as Optimum
    from .superposition.best.optimum import optimum as optimum
    from .superposition.certificates.certificate import Certificate as Certificate
    from .superposition.certificates.certificate import load_certificate as load_certificate
    from .superposition.certificates.certified import certify as certify
    from .superposition.certificates.certified import check_certificate as check_certificate
    from .superposition.certificates.checked import Checked as Checked
    from .superposition.certificates.proof import Proof as Proof
    from .superposition.loss.distribution import Anticorrelated as Anticorrelated
    from .superposition.loss.distribution import Correlated as Correlated
    from .superposition.loss.distribution import Distribution as Distribution
    from .superposition.loss.distribution import OneActive as OneActive
    from .superposition.loss.distribution import SparseUniform as SparseUniform
    from .superposition.loss.expected_loss import ExpectedLoss as ExpectedLoss
    from .superposition.loss.expected_loss import expected_loss as expected_loss
    from .superposition.loss.gradient import LossGradient as LossGradient
    from .superposition.loss.gradient import loss_gradient as loss_gradient
    from .superposition.loss.loss_steps import loss_steps as loss_steps
    from .superposition.model.embeddings import Embedding as Embedding
    from .superposition.model.embeddings import embedding as embedding
    from .superposition.model.embeddings import embeddings as embeddings
    from .superposition.model.forward_pass import Forward as Forward
    from .superposition.model.forward_pass import forward as forward
    from .superposition.model.geometry import Geometry as Geometry
    from .superposition.model.geometry import geometry as geometry
    from .superposition.model.same_model import same_model as same_model
    from .superposition.model.toy_model import ToyModel as ToyModel
    from .superposition.phases.diagram import PhaseDiagram as PhaseDiagram
    from .superposition.phases.diagram import phase_diagram as phase_diagram
    from .superposition.phases.phase_map import PhaseMap as PhaseMap
    from .superposition.phases.phase_map import phase_map as phase_map
    from .views.html.draggable import widget as widget

__version__ = "0.1.0"

__all__ = [
    "Analogy",
    "Anticorrelated",
    "AttentionOnly",
    "AuthorError",
    "BestCode",
    "Bigrams",
    "Certificate",
    "Checked",
    "Circuit",
    "CircuitRun",
    "Coherence",
    "Correlated",
    "DirectionSet",
    "Distribution",
    "Embedding",
    "EngineError",
    "ExpectedLoss",
    "ExponentialSum",
    "Forward",
    "Geometry",
    "HandcalcError",
    "Head",
    "InputError",
    "LossGradient",
    "NamedNetwork",
    "NetworkLoss",
    "NetworkPass",
    "OneActive",
    "Optimum",
    "PathExpansion",
    "PhaseDiagram",
    "PhaseMap",
    "Proof",
    "Recovery",
    "ReluNetwork",
    "SaeClosedForm",
    "SaeGradient",
    "SaeLoss",
    "SparseAutoencoder",
    "SparseUniform",
    "ToyModel",
    "WaysOut",
    "__version__",
    "analogy",
    "basis_pursuit",
    "best_bigrams",
    "best_code",
    "bigram_table",
    "certify",
    "check_certificate",
    "circuit",
    "circuits",
    "coherence",
    "composition",
    "copying",
    "dimensions_needed",
    "direction_set",
    "direction_sets",
    "embedding",
    "embeddings",
    "equal",
    "exact",
    "expected_loss",
    "forward",
    "geometry",
    "how_many",
    "least_coherence",
    "load_certificate",
    "loss_gradient",
    "loss_steps",
    "network",
    "network_loss",
    "network_pass",
    "networks",
    "optimum",
    "ov_circuit",
    "parse_input",
    "parse_matrix",
    "parse_scalar",
    "parse_vector",
    "path_expansion",
    "phase_diagram",
    "phase_map",
    "plot",
    "qk_circuit",
    "readouts",
    "recovery",
    "run_circuit",
    "sae_closed_form",
    "sae_gradient",
    "sae_loss",
    "same_model",
    "sign",
    "skip_trigrams",
    "source_effect",
    "sparsest",
    "sparsest_loss",
    "ways_out",
    "widget",
]

# the public names by the module that defines them, the same as the imports for type checkers above
_HOMES = {
    "": ("plot",),
    "circuits.corpus": (
        "Bigrams",
        "best_bigrams",
    ),
    "circuits.copying": ("copying",),
    "circuits.composition": ("composition",),
    "circuits.gallery.circuit": ("Circuit",),
    "circuits.gallery.listing": ("circuit", "circuits"),
    "circuits.tables": (
        "bigram_table",
        "ov_circuit",
        "qk_circuit",
        "skip_trigrams",
        "source_effect",
    ),
    "circuits.attention_only": ("AttentionOnly",),
    "circuits.head": ("Head",),
    "circuits.exponential_sum": ("ExponentialSum",),
    "circuits.run": (
        "CircuitRun",
        "run_circuit",
    ),
    "circuits.paths": (
        "PathExpansion",
        "path_expansion",
    ),
    "directions.analogy": (
        "Analogy",
        "analogy",
    ),
    "directions.coherence": (
        "Coherence",
        "coherence",
    ),
    "directions.decoding": (
        "basis_pursuit",
        "sparsest",
    ),
    "directions.fitting": (
        "dimensions_needed",
        "how_many",
        "least_coherence",
    ),
    "directions.readouts": (
        "sparsest_loss",
        "readouts",
    ),
    "directions.recovery": (
        "Recovery",
        "recovery",
    ),
    "directions.sets": (
        "DirectionSet",
        "direction_set",
        "direction_sets",
    ),
    "directions.autoencoder": ("SparseAutoencoder",),
    "directions.best_code": ("BestCode", "best_code"),
    "directions.closed_forms": ("SaeClosedForm", "sae_closed_form"),
    "directions.sae_gradient": ("SaeGradient", "sae_gradient"),
    "directions.sae_loss": ("SaeLoss", "sae_loss"),
    "directions.ways_out": ("WaysOut", "ways_out"),
    "inputs.arguments": ("equal", "exact", "sign"),
    "errors": ("AuthorError", "EngineError", "HandcalcError", "InputError"),
    "networks.gallery": ("NamedNetwork", "network", "networks"),
    "networks.network_loss": ("NetworkLoss", "network_loss"),
    "networks.network_pass": ("NetworkPass", "network_pass"),
    "networks.relu_network": ("ReluNetwork",),
    "parsing": ("parse_input", "parse_matrix", "parse_scalar", "parse_vector"),
    "superposition.certificates.certificate": ("Certificate", "load_certificate"),
    "superposition.certificates.certified": ("certify", "check_certificate"),
    "superposition.certificates.checked": ("Checked",),
    "superposition.certificates.proof": ("Proof",),
    "superposition.loss.distribution": (
        "Anticorrelated",
        "Correlated",
        "Distribution",
        "OneActive",
        "SparseUniform",
    ),
    "superposition.model.embeddings": ("Embedding", "embedding", "embeddings"),
    "superposition.loss.expected_loss": ("ExpectedLoss", "expected_loss"),
    "superposition.model.forward_pass": ("Forward", "forward"),
    "superposition.model.geometry": ("Geometry", "geometry"),
    "superposition.loss.gradient": ("LossGradient", "loss_gradient"),
    "superposition.loss.loss_steps": ("loss_steps",),
    "superposition.best.optimum": ("Optimum", "optimum"),
    "superposition.phases.diagram": ("PhaseDiagram", "phase_diagram"),
    "superposition.phases.phase_map": ("PhaseMap", "phase_map"),
    "views.html.draggable": ("widget",),
    "superposition.model.same_model": ("same_model",),
    "superposition.model.toy_model": ("ToyModel",),
}


if not TYPE_CHECKING:  # a type checker refuses a name that is not imported above
    __getattr__ = importer(__name__, _HOMES, globals())


def __dir__() -> list[str]:
    return sorted(__all__)

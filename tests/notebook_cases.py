"""A result for every public name of the three packages, made as a reader would make it.

The sources run as they stand: in this process, in a fresh Python, in IPython and in a notebook's
kernel. A new public name without a row fails the tests.
"""

from __future__ import annotations

import io
import logging
from contextlib import redirect_stdout

__all__ = [
    "CASES",
    "FIGURES",
    "LONG",
    "LONG_SETUP",
    "PLAIN",
    "SEARCHED",
    "SETUP",
    "SOURCES",
    "ways",
]

SETUP = """\
import exercises, handcalc, torchsim
model = handcalc.ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2")
sparse = handcalc.SparseUniform("9/10")
loss = handcalc.expected_loss(model, sparse)
spec = torchsim.TrainingSpec(
    (torchsim.ModelSpec.of(2, 1, "1/2"), torchsim.ModelSpec.of(2, 1, "9/10", "1 1/2")), restarts=2
)
run = torchsim.train(spec)
grid = torchsim.SweepGrid.of(2, 1, ["1/2", "9/10"], seed=range(2), restarts=2)
swept = torchsim.sweep(grid)
chain = torchsim.AttentionSpec(torchsim.TokenChain(3, 4), d_model=4, steps=2)
heads = torchsim.train(chain, restarts=1)
exercise = exercises.load("perfect-reconstruction")
one = handcalc.Head(W_Q="1; 1", W_K="1; 0", W_V="1; 2", W_O="1 -1")
small = handcalc.AttentionOnly(
    "1 0; 0 1; 1 1", "1 0 0; 0 1 0", [[one], [one]], vocabulary="a b <s>"
)
induction = handcalc.circuit("induction")
neural = torchsim.train(
    torchsim.NetworkSpec.of(3, 4, "absolute", "19/20", steps=5, batch=16), restarts=2
)
few = torchsim.train(torchsim.DatasetSpec.of(9, 2, 3, "2/3", steps=5), restarts=2)
coded = torchsim.sae("1; -1", 2, "1/5", "1/2", restarts=2, steps=5, batch=16)
tied = handcalc.SparseAutoencoder.of_dictionary("1 0; 0 1; 0 -1", "1/5")
proof = handcalc.certify(2, 1, "1/2")
"""

CASES: dict[str, dict[str, str]] = {
    "handcalc": {
        "Analogy": 'handcalc.analogy({"a": "1 0", "b": "1/2 1"}, "a - b + a")',
        "Coherence": 'handcalc.coherence("1 0; 0 1; 1 1")',
        "DirectionSet": 'handcalc.direction_set("two-bases")',
        "Recovery": 'handcalc.recovery("1 0; 0 1; 1 1; 1 -1")',
        "analogy": 'handcalc.analogy({"a": "1 0", "b": "0 0"}, "a - a")',
        "basis_pursuit": 'handcalc.basis_pursuit("1 0; 0 1; 1/2 1/2", "1/2 1/2")',
        "coherence": 'handcalc.coherence(handcalc.direction_set("twenty-eight").model)',
        "dimensions_needed": "handcalc.dimensions_needed(10_000, degrees=89)",
        "direction_set": 'handcalc.direction_set("icosahedron")',
        "how_many": 'handcalc.how_many(100, "1/10")',
        "sparsest_loss": 'handcalc.sparsest_loss("1 0; 0 1; 1 1")',
        "least_coherence": "handcalc.least_coherence(10_000, 100)",
        "readouts": 'handcalc.readouts("1 0; 0 1; 1 1", "1 1/2 0")',
        "recovery": 'handcalc.recovery("1 0; 0 1; 0 0")',
        "sparsest": 'handcalc.sparsest("1 0; 0 1; 1 1; 1 -1", "2 1")',
        "AttentionOnly": "small",
        "Bigrams": 'handcalc.best_bigrams("abaabcbaccacbbaa", add="1/2")',
        "Circuit": "induction",
        "CircuitRun": "induction.run()",
        "ExponentialSum": "handcalc.ExponentialSum.of({1: 1}, over={0: 1, 1: 1})",
        "Head": "one",
        "PathExpansion": 'handcalc.path_expansion(small, "a b <s>")',
        "best_bigrams": "handcalc.best_bigrams([[3, 1, 0], [1, 2, 1], [0, 1, 3]])",
        "bigram_table": "handcalc.bigram_table(small)",
        "circuit": 'handcalc.circuit("induction-compact")',
        "composition": "handcalc.composition(small)",
        "copying": "handcalc.copying(small, 1, 1)",
        "ov_circuit": "handcalc.ov_circuit(small, 1, 1)",
        "path_expansion": 'handcalc.path_expansion(induction.model, "a b c a")',
        "qk_circuit": "handcalc.qk_circuit(small, 1, 1)",
        "run_circuit": 'handcalc.run_circuit(small, "a b <s> a")',
        "source_effect": """handcalc.source_effect(small, "a", "b <s>", "a b", rest="b")""",
        "Anticorrelated": 'handcalc.Anticorrelated([[1, 2]], "1/2")',
        "Correlated": 'handcalc.Correlated([[1, 2]], "1/2")',
        "Distribution": "sparse",
        "Embedding": 'handcalc.embedding("triangle")',
        "ExpectedLoss": 'handcalc.expected_loss("1; -1")',
        "Forward": 'handcalc.forward(model, "1 1/4 x3")',
        "Geometry": 'handcalc.geometry(handcalc.ToyModel("1 0; -1/2 sqrt(3)/2; 2/7 0"))',
        "LossGradient": 'handcalc.loss_gradient(handcalc.ToyModel("1 0; 0 1; 0 0"), sparse)',
        "OneActive": "handcalc.OneActive(3)",
        "BestCode": 'handcalc.best_code(tied, "1/2 1/3")',
        "SaeClosedForm": 'handcalc.sae_closed_form("free-bias", 1, "1/2")',
        "SaeGradient": 'handcalc.sae_gradient(tied, "1 0; 0 1; 0 -1", "1/2")',
        "SaeLoss": 'handcalc.sae_loss(tied, "1 0; 0 1; 0 -1")',
        "SparseAutoencoder": "tied",
        "NamedNetwork": 'handcalc.network("asymmetric")',
        "NetworkLoss": 'handcalc.network_loss(handcalc.ReluNetwork("1; -1"), "identity", "9/10")',
        "NetworkPass": 'handcalc.network("turned").worked',
        "ReluNetwork": 'handcalc.ReluNetwork("1 -1 1/3", "1 1 0", b="-1/8")',
        "network": 'handcalc.network("one-neuron-each")',
        "network_loss": 'handcalc.network_loss(handcalc.ReluNetwork("1 -1", "1 1"), "absolute")',
        "network_pass": 'handcalc.network_pass(handcalc.ReluNetwork("1; -1"), "identity", "1/2 2")',
        "WaysOut": 'handcalc.ways_out("1 0; 0 1; 0 -1", "1/2")',
        "best_code": 'handcalc.best_code(tied, "1/2 1/3")',
        "sae_closed_form": 'handcalc.sae_closed_form("antipodal")',
        "sae_gradient": 'handcalc.sae_gradient(tied, "1 0; 0 1; 0 -1", "1/2", l1="1/10")',
        "sae_loss": 'handcalc.sae_loss(tied, "1 0; 0 1; 0 -1", "1/2")',
        "ways_out": 'handcalc.ways_out("1; -1", "9/10")',
        "Certificate": "proof.certificate",
        "Checked": "proof.checked",
        "Proof": "proof",
        "certify": "proof",
        "check_certificate": "handcalc.check_certificate(proof.certificate)",
        "Optimum": 'handcalc.optimum(2, 1, "1/2", restarts=4)',
        "PhaseDiagram": "handcalc.phase_diagram(2, 1, size=3, restarts=8)",
        "PhaseMap": "handcalc.phase_map(2, 1, points=3, restarts=8)",
        "SparseUniform": 'handcalc.SparseUniform("0 1/3")',
        "ToyModel": "model",
        "embedding": 'handcalc.embedding("antipodal")',
        "expected_loss": "handcalc.expected_loss(handcalc.ToyModel('1; 1/2; -1; 0'), sparse)",
        "forward": "handcalc.forward(model)",
        "geometry": "handcalc.geometry(model)",
        "loss_gradient": "handcalc.loss_gradient(model, sparse)",
        "loss_steps": "handcalc.loss_steps(loss)",
        "optimum": 'handcalc.optimum(2, 1, "1/2", restarts=4)',
        "phase_diagram": "handcalc.phase_diagram(2, 1, size=3, restarts=8)",
        "phase_map": "handcalc.phase_map(2, 1, points=3, restarts=8)",
        "same_model": 'handcalc.same_model(model, handcalc.ToyModel("0 1; 1 0; -1 0", model.b))',
    },
    "exercises": {
        "Exercise": "exercise",
        "Grade": 'exercises.grade(exercise, "1 0; 0 1; 0 0")',
        "Listing": "exercises.listing(no_state=True)",
        "answer": 'exercises.answer(7, "1/2", no_state=True)',
        "grade": 'exercises.grade(exercise, "1 0; 0 1; 0 -1", "0 0 1/2")',
        "listing": "exercises.listing(no_state=True)",
        "load": 'exercises.load("best-bias-sparse")',
    },
    "torchsim": {
        "AttentionComparison": "torchsim.compare(heads)",
        "AttentionPreset": 'torchsim.preset("induction")',
        "AttentionRun": "heads",
        "AttentionSpec": "chain",
        "AttentionTraining": "heads.spec",
        "Comparison": "torchsim.compare(run)",
        "DatasetComparison": "torchsim.compare(few)",
        "DatasetPreset": 'torchsim.preset("double-descent")',
        "DatasetRun": "few",
        "DatasetSpec": "few.spec.models[0]",
        "DatasetTraining": "few.spec",
        "ModelSpec": 'torchsim.ModelSpec.of(3, 2, "1/2")',
        "Preset": 'torchsim.preset("introduction")',
        "NetworkComparison": "torchsim.compare(neural)",
        "NetworkPreset": 'torchsim.preset("computation")',
        "NetworkRun": "neural",
        "NetworkSpec": "neural.spec.models[0]",
        "NetworkTraining": "neural.spec",
        "SaeComparison": "torchsim.compare(coded)",
        "SaePreset": 'torchsim.preset("sae-topk")',
        "SaeRun": "coded",
        "SaeSpec": "coded.spec.models[0]",
        "SaeTraining": "coded.spec",
        "sae": 'torchsim.sae("1; -1", 2, "1/5", "1/2", kind="topk", steps=5, batch=16)',
        "SweepGrid": "grid",
        "SweepRun": "swept",
        "Trained": "run.trained[0]",
        "TrainedAttention": "heads.trained[0]",
        "TrainedNetwork": "neural.trained[0]",
        "TrainedOnDataset": "few.trained[0]",
        "TrainedSae": "coded.trained[0]",
        "TrainingRun": "run",
        "TrainingSpec": "spec",
        "compare": "torchsim.compare(run).models[0]",
        "go_on": 'torchsim.go_on(run, trainer="exact")',
        "preset": 'torchsim.preset("by-hand")',
        "merge": "torchsim.merge([swept])",
        "sweep": "swept",
        "train": "run",
    },
}

SOURCES = sorted({source for cases in CASES.values() for source in cases.values()})
"""Each source once: it takes its time to run."""

SEARCHED = {CASES["handcalc"][name] for name in ("phase_map", "phase_diagram", "optimum")}
"""Those that search for seconds; a second Python does without them."""

# Numbers, texts, lists, errors and modules are shown by Python and by sympy, and not by a view of
# ours; what is kept in a folder and read from there is a run, or in a file a certificate. A widget
# shows itself.
PLAIN = {
    "handcalc": {
        "AuthorError", "EngineError", "HandcalcError", "InputError", "__version__", "embeddings",
        "direction_sets",
        "equal", "exact", "parse_input", "parse_matrix", "parse_scalar", "parse_vector", "sign",
        "circuits", "load_certificate", "networks", "plot", "skip_trigrams", "widget",
    },
    "exercises": {"Listed", "ask", "load_all"},
    "torchsim": {
        "Contexts", "ProbeRecord", "Repeats", "TokenChain", "figures", "load", "save",
        "save_weights",
    },
}  # fmt: skip

FIGURES = {
    "plots_map.figure({})": CASES["handcalc"]["phase_map"],
    "plots_diagram.figure({})": CASES["handcalc"]["phase_diagram"],
    "{}.plot(2, 1)": CASES["handcalc"]["CircuitRun"],
    "{}.plot()": CASES["handcalc"]["ov_circuit"],
    "handcalc.plot.arrows({})": CASES["handcalc"]["Optimum"],
    "handcalc.plot.gram({})": CASES["handcalc"]["ToyModel"],
    "handcalc.plot.losses({})": CASES["handcalc"]["expected_loss"],
    "handcalc.plot.phases({})": CASES["handcalc"]["phase_map"],
    "handcalc.plot.diagram({})": CASES["handcalc"]["phase_diagram"],
    "handcalc.plot.heatmap({})": CASES["torchsim"]["sweep"],
    "handcalc.plot.forward({})": CASES["handcalc"]["Forward"],
    'torchsim.figures.draw("attention", {})': CASES["torchsim"]["AttentionRun"],
    'torchsim.figures.draw("dictionary", {})': CASES["torchsim"]["SaeRun"],
    'torchsim.figures.draw("neurons", {})': CASES["torchsim"]["NetworkRun"],
    'torchsim.figures.draw("points", {})': CASES["torchsim"]["DatasetRun"],
    'torchsim.figures.draw("heatmap", {})': CASES["torchsim"]["SweepRun"],
    'torchsim.figures.draw("embeddings", {})': CASES["torchsim"]["train"],
}
"""How a result is drawn, and the source of the result."""

LONG = (
    "trained",
    "wide",
    "handcalc.forward(trained)",
    'handcalc.forward(trained, "1/2 0.12345678 1 0")',
    "handcalc.geometry(trained)",
    "handcalc.expected_loss(trained, sparse)",
    "handcalc.geometry(wide)",
)
"""Results with the long numbers of trained weights, and with many features."""
LONG_SETUP = """\
trained = handcalc.ToyModel.from_floats(
    [[0.98765432, -0.01234567], [-0.98761234, 0.0234], [1e-7, 1.0203040506], [0, -0.91827364]],
    [1e-9, 0.05555555, 0, -0.25],
)
wide = handcalc.ToyModel([[(7 * i * j) % 11 for j in range(14)] for i in range(20)])
"""


def ways(x: object) -> dict[str, str]:
    """The text of a value by every way in which Python asks for it."""
    printed, written, logged = io.StringIO(), io.StringIO(), io.StringIO()
    with redirect_stdout(printed):
        print(x)
    print(x, file=written)
    logger = logging.Logger("reader")
    logger.addHandler(logging.StreamHandler(logged))
    logger.warning("%s", x)
    return {
        "str": str(x),
        "print": printed.getvalue().removesuffix("\n"),
        "print to a file": written.getvalue().removesuffix("\n"),
        "f-string": f"{x}",
        "format": "{}".format(x),  # noqa: UP032  # it is one of the ways
        "percent": "%s" % x if not isinstance(x, tuple) else str(x),  # noqa: UP031  # as well
        "log": logged.getvalue().removesuffix("\n"),
    }

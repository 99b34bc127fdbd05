"""What the lecture on ways out works out: readouts, dictionaries, and what each way loses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import sympy

import handcalc
from handcalc.errors import InputError, require
from handcalc.inputs.arguments import Vector, exact
from handcalc.lectures.charting import plotted
from handcalc.lectures.showing import attempt, folded, formula, number, numbers, page, table, view
from handcalc.numbers.exact import to_float
from handcalc.views.plots.curves import Curves

if TYPE_CHECKING:
    from torchsim.autoencoders.run import TrainedSae
    from torchsim.comparison.autoencoders import SaeCompared

TRIANGLE = handcalc.direction_set("triangle").model
ANTIPODAL = handcalc.direction_set("antipodal").model
DICTIONARIES: Mapping[str, str] = {
    "the features themselves": "1 0; 0 1; 0 -1",
    "the two axes": "1 0; 0 1",
    "three directions beside them": "3/5 4/5; 3/5 -4/5; 1 0",
}
"""Dictionaries for the antipodal embedding."""
PRICE, SPARSITY = sympy.Rational(1, 10), sympy.Rational(1, 2)

HALF_THE_PRICE = formula(sympy.Symbol("lambda") / 2)
PANELS = ("forward", "loss")

_S = sympy.Symbol("S")
_STEPS = 40  # along S
_TRAINED_STEPS, _BATCH, _RESTARTS = 400, 256, 4  # few: a lecture does not wait


def weighed(loss: sympy.Expr) -> str:
    r"""A loss to be compared with others: exact where it reads at a glance, and a decimal.

    >>> print(weighed(sympy.Rational(3, 80)))
    $\frac{3}{80}$, about 0.0375
    """
    shown = number(loss)
    return shown if shown.startswith("about") else f"{shown}, about {to_float(loss):.4f}"


# -- what can be read back, and what a readout loses -----------------------------------------------


def read_back(found: handcalc.Recovery, h: str) -> object:
    """Which inputs come back, how many of them, and which inputs have an h."""
    with_any_signs = attempt(
        lambda: page(
            handcalc.sparsest(found.model, h, nonnegative=False),
            handcalc.basis_pursuit(found.model, h, nonnegative=False),
        )
    )
    return page(found, plotted(found), view(with_any_signs, page))


def lost_of_all() -> tuple[sympy.Expr, sympy.Expr]:
    """E[min²] of three features that are all on, and E[min]².

    With the density 3(1 − t)² of the least of them.

    >>> lost_of_all()
    (1/10, 1/16)
    """
    t = sympy.Symbol("t")
    square, mean = (sympy.integrate(t**k * 3 * (1 - t) ** 2, (t, 0, 1)) for k in (2, 1))
    return exact(square), exact(mean**2)


# -- dictionaries ----------------------------------------------------------------------------------


def dictionary_loss(W: str, rows: str, l1: str, sparsity: str) -> handcalc.SaeLoss:
    """The loss of a dictionary that is its own encoder. Errors: those of the SAE and of its loss.

    >>> dictionary_loss("1; -1", "1; -1", "1/5", "1/2").value
    14279/240000
    """
    sae = handcalc.SparseAutoencoder.of_dictionary(rows, l1=l1)
    return handcalc.sae_loss(sae, W, sparsity, l1=l1)


def told(found: handcalc.SaeLoss) -> object:
    """A dictionary beside the features, what it loses, and how it is worked out below."""
    rows = (
        (r"**loss** $L$", found.value),
        (r"of it $\mathbb{E}\|h - \hat h\|^2$", found.reconstruction),
        (r"of it $\lambda\, \mathbb{E} \sum_j f_j$", found.sparsity),
    )
    near = "" if found.mmcs is None else f"Mean max cosine similarity: {number(found.mmcs)}. "
    dead = f"Dead latents: {numbers(found.dead)}." if found.dead else "No latent is dead."
    short = f"Alone and fully on, the features come back short by {numbers(found.shrinkage)}."
    return page(
        plotted(found),
        table(("", "exactly"), rows),
        f"{near}{short} {dead}",
        folded({"Worked out, step by step": found}),
    )


def coded(x: str, l1: str) -> handcalc.BestCode:
    """The best code of what a triangle embeds, beside what its own encoder says.

    Errors: those of ``forward`` and of ``best_code``; ``symbolic`` for letters.

    >>> coded("9/10 1/2 0", "1/5").code
    (7/10, 3/10, 0)
    """
    sae = handcalc.SparseAutoencoder.of_features(TRIANGLE, l1)
    h: Vector = handcalc.forward(TRIANGLE, x).h
    if any(value.free_symbols for value in h):
        raise InputError(
            "symbolic", "An input is three numbers here, and no letters.", suggestion="1/2 0 1"
        )
    return handcalc.best_code(sae, h, l1=l1)


@lru_cache(maxsize=1)
def compared_dictionaries() -> Mapping[str, handcalc.SaeLoss]:
    """The losses of the dictionaries, by name."""
    return {
        name: dictionary_loss("1 0; 0 1; 0 -1", rows, str(PRICE), str(SPARSITY))
        for name, rows in DICTIONARIES.items()
    }


def dictionary_table() -> str:
    """Dictionaries with how near they are to the features, and what they lose."""
    rows = [
        (name, number(found.mmcs or 0), found.value, f"{to_float(found.value):.5f}")
        for name, found in compared_dictionaries().items()
    ]
    return table(("dictionary", "mean max cosine", "loss $L$", "about"), rows)


# -- where training goes ---------------------------------------------------------------------------


def tilted(hundredths: int) -> handcalc.SaeLoss:
    """The features of the antipodal pair as a dictionary, rows 2 and 3 tilted towards row 1.

    Their encoder stays; the half angle's tangent has so many hundredths.

    >>> tilted(2).value < tilted(0).value < tilted(5).value
    True
    """
    t = sympy.Rational(hundredths, 100)
    along, across = 2 * t / (1 + t**2), (1 - t**2) / (1 + t**2)
    rows = [[1, 0], [along, across], [along, -across]]
    sae = handcalc.SparseAutoencoder(ANTIPODAL.W, rows, (-PRICE / 2,))
    return handcalc.sae_loss(sae, ANTIPODAL, SPARSITY, l1=PRICE)


def leaning(found: handcalc.SaeLoss) -> object:
    """A tilted dictionary beside the features, and what it loses beside them."""
    return page(plotted(found), beside_true(found, tilted(0)))


def beside_true(found: handcalc.SaeLoss, true: handcalc.SaeLoss) -> str:
    """What a dictionary loses beside the features, each read along its own direction."""
    loss, other = map(to_float, (found.value, true.value))
    change = f", {_percent(loss / other - 1)}" if other else ""
    near = "" if found.mmcs is None else f" Mean max cosine similarity: {to_float(found.mmcs):.5f}."
    return f"It loses {loss:.6f}; the features themselves lose {other:.6f}{change}.{near}"


def _percent(change: float) -> str:
    rounded = round(100 * change, 2) + 0.0  # no sign where it is rounding
    return "just as much" if not rounded else f"{abs(rounded):.2f} % {_ORDER[rounded < 0]}"


_ORDER = {True: "less", False: "more"}


@dataclass(frozen=True, slots=True)
class TrainedDictionary:
    """Sparse autoencoders that were trained, and the best of them beside the true dictionary."""

    trained: TrainedSae
    compared: SaeCompared


@lru_cache(maxsize=32)  # a slider that comes back shows the same run
def train(W: str, latents: int, l1: str, sparsity: str) -> TrainedDictionary:
    """Sparse autoencoders trained in torch, a few restarts.

    Errors: ``missing_extra`` without torch, and those of ``torchsim.sae``.
    """
    require("sim", "torch", "safetensors")
    import torchsim

    run = torchsim.sae(
        W, latents, l1, sparsity, restarts=_RESTARTS, steps=_TRAINED_STEPS, batch=_BATCH
    )
    return TrainedDictionary(run.trained[0], torchsim.compare(run).models[0])


def trained_beside_true(found: TrainedDictionary) -> object:
    """Each restart with its loss on inputs; the best drawn, and beside the true dictionary."""
    losses = found.trained.columns()
    rows = [
        (str(k), f"{loss:.6f}", str(off))
        for k, (loss, off) in enumerate(zip(losses["loss"], losses["never on"], strict=True), 1)
    ]
    return page(
        table(("start", "loss on inputs", "latents never on"), rows),
        "The best of them, in fractions and worked out exactly:",
        found.compared,
        plotted(found.trained.exact_loss),
    )


# -- what each way out costs -----------------------------------------------------------------------


def along_sparsity(W: str, l1: str) -> Curves:
    """What each way loses of the features, along S; those that are known.

    Errors: those of ``ways_out``.

    >>> lines = along_sparsity("1 0; 0 1; 0 -1", "1/10").lines
    >>> round(dict(lines["no superposition"])[0.5], 12)  # 5/48
    0.104166666667
    """
    # each loss is a polynomial in S of degree n: it is worked out at n + 1 places, and no more
    n = handcalc.ToyModel(W).n
    nodes = [sympy.Rational(k, n + 2) for k in range(1, n + 2)]
    losses: dict[str, list[float]] = {}
    for S in nodes:
        for way in handcalc.ways_out(W, S, l1).ways:
            if way.loss is not None:
                losses.setdefault(way.title, []).append(to_float(way.loss))
    places = [k / _STEPS for k in range(_STEPS + 1)]
    lines = {}
    for title, values in losses.items():
        curve = sympy.Poly(sympy.interpolate([*zip(nodes, values, strict=True)], _S), _S)
        lines[title] = [(S, float(curve.eval(S))) for S in places]
    return Curves(
        lines,
        "sparsity S (dense → sparse)",
        "loss of the features",
        "What each way out loses of the features, along the sparsity, down to nothing at one.",
    )

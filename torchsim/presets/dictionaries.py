"""Sparse autoencoders on small toy models: where they find the features, and where not."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from handcalc.numbers.exact import to_float
from torchsim.autoencoders.specification import SaeSpec
from torchsim.presets.autoencoders import SaeExtent, SaePreset
from torchsim.presets.experiment import PresetClaim

if TYPE_CHECKING:
    from torchsim.autoencoders.run import SaeRun, TrainedSae
    from torchsim.comparison.autoencoders import SaeCompared

_ANTIPODAL = "1 0; 0 1; 0 -1"
_PENTAGON = "; ".join(["1 0", *(f"cos({2 * k}*pi/5) sin({2 * k}*pi/5)" for k in range(1, 5))])
_L1, _SPARSE = "1/10", "9/10"
_SAME = 0.5  # per cent of a loss
_FULL, _QUICK = 2000, 600  # steps
_NEAR, _FAR = 0.99, 0.9  # cosines
_SOURCE = "The loss is that of Bricken et al. 2023, Towards Monosemanticity"


def _steps(small: bool) -> int:
    return _QUICK if small else _FULL


def _along_S(
    W: str, latents: int, sparsities: tuple[str, ...], small: bool, seed: int
) -> tuple[SaeSpec, ...]:
    steps = _steps(small)
    return tuple(SaeSpec.of(W, latents, _L1, S, steps=steps, seed=seed) for S in sparsities)


def _compared(run: SaeRun) -> tuple[SaeCompared, ...]:
    from torchsim.comparison.autoencoders import compare_autoencoders

    return compare_autoencoders(run).models


def _density(model: SaeSpec) -> float:
    sparsity = model.inputs.blocks[0].sparsity
    return 1 - to_float(sparsity)


# -- three features in two dimensions --------------------------------------------------------------


def _antipodal_holds(run: SaeRun) -> bool:
    for trained, each in zip(run.trained, _compared(run), strict=True):
        gap = each.gap_percent
        if gap is None or gap > _SAME or (_density(trained.model) >= 0.5 and gap > -_SAME):
            return False
    return True


ANTIPODAL = SaePreset(
    name="sae-antipodal",
    title="An autoencoder finds the features of an antipodal pair",
    story=(
        "Three features in two dimensions, two of them back to back. Their own directions as the "
        "dictionary, each its own encoder, give the best code of every h, and its loss is known "
        "exactly. Trained from scratch, an autoencoder comes to the same where features are rare. "
        "Where they are often on together it comes below: a row that leans towards another "
        "feature pays one activation for both."
    ),
    source=f"{_SOURCE}; the exact losses are derived here",
    claim=PresetClaim(
        "The best start loses at most 0.5 % more than the features as the dictionary; at S = 1/2 "
        "it loses at least 0.5 % less.",
        _antipodal_holds,
    ),
    full=SaeExtent(
        lambda seed: _along_S(_ANTIPODAL, 3, ("1/2", "3/4", "9/10", "19/20"), False, seed), 8
    ),
    small=SaeExtent(lambda seed: _along_S(_ANTIPODAL, 3, ("1/2", "9/10"), True, seed), 4),
)


# -- five features in two dimensions ---------------------------------------------------------------


def _pentagon_holds(run: SaeRun) -> bool:
    from torchsim.comparison.true_dictionary import true_dictionary

    for trained in run.trained:
        true = true_dictionary(trained.model, is_exact=False)
        if true is None or not _misses(trained) or float(trained.loss.min()) > 0.99 * true.loss:
            return False
    return True


def _misses(trained: TrainedSae) -> bool:
    """Whether some feature has no latent near it."""
    return min(_cosines(trained)) < _NEAR


def _cosines(trained: TrainedSae) -> list[float]:
    """For each feature the cosine with the latent nearest to it."""
    import torch

    from torchsim.autoencoders.codes import features
    from torchsim.comparison.autoencoders import nearest_latents

    W = features(trained.model, torch.device("cpu"))
    return [cosine for _, cosine in nearest_latents(W, trained.W_dec[trained.best])]


PENTAGON = SaePreset(
    name="sae-pentagon",
    title="An autoencoder does not find the features of a pentagon",
    story=(
        "Five features in two dimensions, 72 degrees apart. A latent that reads along one of them "
        "hears its neighbours, too, so with the features as the dictionary even the best encoder "
        "pays for that. Training comes to another dictionary, which loses less. A low loss is no "
        "proof that the features were found."
    ),
    source=f"{_SOURCE}; the pentagon is that of Elhage et al. 2022; derived here",
    claim=PresetClaim(
        "The best start loses at least 1 % less than the features as the dictionary with the best "
        "encoder that a descent finds, and some feature has no latent near it (a cosine of 0.99).",
        _pentagon_holds,
    ),
    full=SaeExtent(lambda seed: _along_S(_PENTAGON, 5, ("1/2", "9/10", "19/20"), False, seed), 8),
    small=SaeExtent(lambda seed: _along_S(_PENTAGON, 5, ("1/2", "9/10"), True, seed), 4),
)


# -- more latents than features, and fewer ---------------------------------------------------------


def _latents(counts: tuple[int, ...], small: bool, seed: int) -> tuple[SaeSpec, ...]:
    steps = _steps(small)
    return tuple(
        SaeSpec.of(_ANTIPODAL, count, _L1, _SPARSE, steps=steps, seed=seed) for count in counts
    )


def _latents_hold(run: SaeRun) -> bool:
    for trained in run.trained:
        lowest = min(_cosines(trained))
        if trained.model.latents < trained.model.model.n and lowest > _FAR:
            return False
        if trained.model.latents >= trained.model.model.n and lowest < _NEAR:
            return False
    return True


LATENTS = SaePreset(
    name="sae-latents",
    title="Fewer latents than features, as many, and more",
    story=(
        "Three features in two dimensions, and a dictionary of two to twelve rows. Two rows lie "
        "between features and serve two each. From three on every feature has a row of its own; "
        "what is left over stays dead, doubles a row, or waits between two features for inputs "
        "that have both."
    ),
    source=f"{_SOURCE}; derived here",
    claim=PresetClaim(
        "With two latents some feature is further than a cosine of 0.9 from every row; with three "
        "and more each has a row nearer than 0.99.",
        _latents_hold,
    ),
    full=SaeExtent(lambda seed: _latents((2, 3, 4, 6, 12), False, seed), 8),
    small=SaeExtent(lambda seed: _latents((2, 3, 6), True, seed), 4),
)


# -- other kinds -----------------------------------------------------------------------------------


def _shrinkage(run: SaeRun) -> list[tuple[TrainedSae, float]]:
    """Of each model the most by which a feature comes back short."""
    compared = _compared(run)
    return [
        (trained, max(map(abs, each.shrinkage)))
        for trained, each in zip(run.trained, compared, strict=True)
    ]


def _topk(small: bool, seed: int) -> tuple[SaeSpec, ...]:
    steps = _steps(small)
    priced = SaeSpec.of(_ANTIPODAL, 3, _L1, _SPARSE, steps=steps, seed=seed)
    counted = (
        SaeSpec.of(_ANTIPODAL, 3, 0, _SPARSE, kind="topk", k=k, steps=steps, seed=seed)
        for k in (1, 2)
    )
    return priced, *counted


def _topk_holds(run: SaeRun) -> bool:
    return all(
        short < 0.01 if trained.model.kind == "topk" else 0.04 < short < 0.06
        for trained, short in _shrinkage(run)
    )


TOPK = SaePreset(
    name="sae-topk",
    title="TopK has no price, and nothing shrinks",
    story=(
        "The L1 price takes its half from every activation: alone and fully on, a feature comes "
        "back short by λ/2. TopK has no price; the k largest latents are on, and they say how "
        "large they are. With k = 1 two features that are on together cost what the smaller one "
        "brings; with k = 2 nothing is lost here, as h has two dimensions."
    ),
    source="TopK is that of Gao et al. 2024, Scaling and evaluating sparse autoencoders",
    claim=PresetClaim(
        "With the L1 price features come back short by 0.05, within a fifth of it; with TopK by "
        "less than 0.01.",
        _topk_holds,
    ),
    full=SaeExtent(lambda seed: _topk(False, seed), 8),
    small=SaeExtent(lambda seed: _topk(True, seed), 4),
)


def _jumprelu(prices: tuple[str, ...], small: bool, seed: int) -> tuple[SaeSpec, ...]:
    steps = _steps(small)
    return tuple(
        SaeSpec.of(_ANTIPODAL, 3, l1, _SPARSE, kind="jumprelu", steps=steps, seed=seed)
        for l1 in prices
    )


def _jumprelu_holds(run: SaeRun) -> bool:
    for trained, short in _shrinkage(run):
        best = sqrt(to_float(trained.model.l1))
        thresholds: list[float] = trained.weights()["threshold"].tolist()
        if short > 0.01 or any(abs(each / best - 1) > 0.15 for each in thresholds):
            return False
    return True


JUMPRELU = SaePreset(
    name="sae-jumprelu",
    title="JumpReLU pays for being on: its thresholds come to √λ",
    story=(
        "A latent is off below a threshold of its own, and above it says all. Off, an activation u "
        "costs u²; on, it costs λ, whatever it is. So the best threshold is √λ, and nothing "
        "shrinks. The step has no slope but at the threshold, where training takes the mean of a "
        "window in its place."
    ),
    source="JumpReLU is that of Rajamanoharan et al. 2024, Jumping Ahead; √λ is derived here",
    claim=PresetClaim(
        "Every threshold is within 15 % of √λ, and features come back short by less than 0.01.",
        _jumprelu_holds,
    ),
    full=SaeExtent(lambda seed: _jumprelu(("1/100", "1/50", "1/20"), False, seed), 8),
    small=SaeExtent(lambda seed: _jumprelu(("1/50", "1/20"), True, seed), 4),
)

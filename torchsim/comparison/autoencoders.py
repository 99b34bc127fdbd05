"""Trained sparse autoencoders beside what is exact: the true dictionary, best codes, shrinkage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from handcalc.directions.sae_loss import SaeLoss
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import Tabular
from handcalc.numbers.exact import to_float
from handcalc.wording import counted
from torchsim.autoencoders.codes import codes, features
from torchsim.autoencoders.run import SaeRun, TrainedSae
from torchsim.autoencoders.specification import SaeSpec
from torchsim.comparison.numbered import Numbered
from torchsim.comparison.true_dictionary import TrueDictionary, best_code_cost, true_dictionary


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SaeCompared(Displayed):
    """The best restart of one configuration, beside the features themselves as the dictionary.

    ``restart`` counts from 0, latents and features from 1. ``exact`` is the exact loss of the
    trained SAE in fractions, None for the kinds "topk" and "jumprelu", and where it is too much
    work; ``loss`` is that, or without it the mean on unseen inputs, with its ``standard_error``.
    ``true`` is the same of the true dictionary with its best encoder, None where W has no
    direction. ``sampled`` is the mean loss on unseen inputs, and ``best_code`` the mean cost of the
    best code of the trained dictionary on the same ones, where no encoder is below it: it is to be
    laid beside ``sampled``, not beside an exact loss. It is None of too many latents.
    ``nearest`` has for each feature the latent nearest to it and their cosine, and ``mmcs`` the
    mean of these; ``shrinkage`` how far ĥ falls short along each feature where that is on alone,
    at 1. ``dead`` latents are never on: proved where the loss is exact, else on unseen inputs.
    """

    model: SaeSpec
    restart: int
    loss: float
    standard_error: float | None
    sampled: float
    exact: SaeLoss | None
    true: TrueDictionary | None
    best_code: float | None
    nearest: tuple[tuple[int, float], ...]
    mmcs: float | None
    shrinkage: tuple[float, ...]
    dead: tuple[int, ...]
    on: tuple[float, ...]

    @property
    def beside_true(self) -> float | None:
        """The loss to lay beside the true dictionary's: exact as that is, or else both sampled."""
        if self.true is None:
            return None
        return self.sampled if self.true.exact is None else self.loss

    @property
    def gap_percent(self) -> float | None:
        """100·(loss − true)/true: below 0 where training found a better dictionary than W.

        Both are exact, or both means on the same unseen inputs.
        """
        ours = self.beside_true
        if self.true is None or ours is None or not self.true.loss:
            return None
        return 100 * (ours - self.true.loss) / self.true.loss

    @property
    def amortisation_percent(self) -> float | None:
        """How far the trained encoder is above the best code of its own dictionary, in per cent."""
        if not self.best_code:
            return None
        return max(100 * (self.sampled - self.best_code) / self.best_code, 0.0)

    def __repr__(self) -> str:
        gap = self.gap_percent
        beside = "" if gap is None else f", {gap:+z.2f} % beside the true dictionary"
        return f"<SaeCompared: {self.model.in_short}, loss {self.loss:.6g}{beside}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SaeComparison(Numbered, Displayed, Tabular):
    """Every model of a run, in the order of its specification, but those that ``failed``."""

    models: tuple[SaeCompared, ...]
    failed: Mapping[int, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        gaps = [each.gap_percent for each in self.models if each.gap_percent is not None]
        most = f", at most {max(gaps):+z.2f} % beside the true dictionary" if gaps else ""
        return f"<SaeComparison: {counted(len(self.models), 'model')}{most}>"

    def columns(self) -> dict[str, Sequence[object]]:
        """A row for each model: its loss beside that of the true dictionary, and what it found."""
        models = self.models
        return {
            "model": self.numbers,
            "kind": [each.model.kind for each in models],
            "latents": [each.model.latents for each in models],
            "loss": [each.loss for each in models],
            "exact": [each.exact is not None for each in models],
            "true": [None if each.true is None else each.true.loss for each in models],
            "gap_percent": [each.gap_percent for each in models],
            "sampled_loss": [each.sampled for each in models],
            "best_code": [each.best_code for each in models],
            "amortisation_percent": [each.amortisation_percent for each in models],
            "mmcs": [each.mmcs for each in models],
            "shrinkage": [_mean(each.shrinkage) for each in models],
            "dead": [len(each.dead) for each in models],
        }


def compare_autoencoders(
    run: SaeRun, on_progress: Callable[[int, int], None] | None = None
) -> SaeComparison:
    """For each model of a run, of its restarts the best, all that ``SaeCompared`` holds.

    ``on_progress`` hears how many of how many are done.

    >>> from torchsim.autoencoders.specification import SaeTraining
    >>> from torchsim.autoencoders.training import train
    >>> model = SaeSpec.of("1; -1", 2, "1/5", "1/2", steps=400, batch=256)
    >>> [found] = compare_autoencoders(train(SaeTraining((model,), restarts=4))).models
    >>> found.true.exact.value, abs(found.gap_percent) < 0.5, found.dead
    (14279/240000, True, ())
    """
    models = []
    for trained in run.trained:
        models.append(_compared(trained))
        if on_progress is not None:
            on_progress(len(models), len(run.trained))
    return SaeComparison(tuple(models))


def _compared(trained: TrainedSae) -> SaeCompared:
    """The best restart of one configuration."""
    model, best = trained.model, trained.best
    exact = exact_or_none(trained)
    sampled = float(trained.loss[best])
    own = {name: weight[None] for name, weight in trained.weights().items()}
    W = features(model, torch.device("cpu"))
    near = nearest_latents(W, own["W_dec"][0])
    return SaeCompared(
        model=model,
        restart=best,
        loss=sampled if exact is None else to_float(exact.value),
        standard_error=float(trained.standard_error[best]) if exact is None else None,
        sampled=sampled,
        exact=exact,
        true=true_dictionary(model, is_exact=exact is not None),
        best_code=best_code_cost(model, own["W_dec"][0], own["b_dec"][0]),
        nearest=near,
        mmcs=_mean([cosine for _, cosine in near]) if near else None,
        shrinkage=_shrinkage(model, own, W),
        dead=trained.dead if exact is None else exact.dead,
        on=tuple(trained.on[best].tolist()),
    )


def exact_or_none(trained: TrainedSae) -> SaeLoss | None:
    """The exact loss of the best restart, where it has one and that is not too much work."""
    if trained.model.kind != "l1":
        return None
    try:
        return trained.exact_loss
    except InputError:  # too_complicated
        return None


def nearest_latents(W: Tensor, rows: Tensor) -> tuple[tuple[int, float], ...]:
    """For each feature the latent, from 1, with the highest cosine, and that; () without direction.

    >>> nearest_latents(torch.eye(2), torch.tensor([[0.6, 0.8], [1.0, 0.0]]))[0]
    (2, 1.0)
    """
    lengths = W.norm(dim=1, keepdim=True)
    if not bool((lengths > 0).all()):
        return ()
    highest = ((W / lengths) @ rows.T).max(1)
    cosines = highest.values.clamp(-1, 1).tolist()
    return tuple((int(j) + 1, c) for j, c in zip(highest.indices, cosines, strict=True))


def _shrinkage(model: SaeSpec, weights: dict[str, Tensor], W: Tensor) -> tuple[float, ...]:
    """(h − ĥ)·Wᵢ/‖Wᵢ‖ at h = Wᵢ; 0 for a feature of length 0."""
    _, _, f = codes(model, weights, W[None])
    short = W - (f[0] @ weights["W_dec"][0] + weights["b_dec"][0])
    lengths = W.norm(dim=1)
    found = (short * W).sum(1) / lengths.clamp(min=1e-300)
    return tuple(torch.where(lengths > 0, found, 0.0).tolist())


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)

"""What experiments claim, judged on weights that are written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.optimize import brentq, minimize

from handcalc.numbers.exact import to_float
from handcalc.superposition.numeric import expected_losses_and_gradients
from tests.preset_runs import PAIR, Rows, polygon, written
from torchsim.presets import preset
from torchsim.presets.experiment import density
from torchsim.presets.phase_change import phase_grids
from torchsim.specification import ModelSpec


def by_hand_weights(model: ModelSpec, change: float = 0.478) -> Rows:
    return polygon(3) if 1 - to_float(density(model)) < change else PAIR


def test_the_claim_of_by_hand() -> None:
    known = preset("by-hand")
    spec = known.spec()
    assert known.claim.holds(written(spec, by_hand_weights))
    assert not known.claim.holds(written(spec, lambda model: by_hand_weights(model, 0.38)))
    assert not known.claim.holds(written(spec, lambda model: by_hand_weights(model, 0.52)))
    assert not known.claim.holds(written(spec, lambda _: polygon(3)))
    assert not known.claim.holds(written(spec, lambda _: PAIR))


CROSS = [[1.0, 0.0], [0.0, 1.0], [0.0, -1.0], [-1.0, 0.0], [0.0, 0.0]]
TOP = [[1.0, 0.0], [0.0, 1.0], *[[0.0, 0.0]] * 3]


@pytest.mark.parametrize(
    ("first", "between", "last", "holds"),
    [
        (TOP, CROSS, polygon(5), True),
        (TOP, polygon(5), polygon(5), False),
        (TOP, CROSS, CROSS, False),
        (CROSS, CROSS, polygon(5), False),
        ([TOP[2], *TOP[:2], *TOP[3:]], CROSS, polygon(5), False),  # not the most important ones
        ([[1.0, 0.0], [0.8, 0.6], *TOP[2:]], CROSS, polygon(5), False),  # not at right angles
    ],
)
def test_the_claim_of_introduction(first: Rows, between: Rows, last: Rows, holds: bool) -> None:
    known = preset("introduction")
    weights = {to_float(density(m)): between for m in known.full.models(0)}
    weights |= {1.0: first, 0.05: last}
    run = written(known.spec(), lambda model: weights[to_float(density(model))])
    assert known.claim.holds(run) is holds


def demonstrating_weights(linear: int, relu: dict[float, int]) -> object:
    """The first features held, as many as are asked for, each on an axis, some on the same one."""

    def weights(model: ModelSpec) -> Rows:
        p = to_float(density(model))
        count = linear if model.activation == "linear" else relu[p]
        m = model.hidden
        return [[float(i < count and i % m == j) for j in range(m)] for i in range(model.features)]

    return weights


@pytest.mark.parametrize(
    ("linear", "counts", "holds"),
    [
        (5, (5, 7, 20), True),
        (5, (5, 5, 6), True),
        (5, (5, 5, 5), False),  # nothing rises
        (5, (5, 8, 7), False),  # it falls again
        (4, (5, 7, 20), False),
        (6, (5, 7, 20), False),
    ],
)
def test_the_claim_of_demonstrating(linear: int, counts: tuple[int, int, int], holds: bool) -> None:
    known = preset("demonstrating")
    relu = dict(zip((1.0, 0.1, 0.01), counts, strict=True))
    run = written(known.spec(True), demonstrating_weights(linear, relu))  # type: ignore[arg-type]  # a function of the model
    assert known.claim.holds(run) is holds


def phase_weights(model: ModelSpec) -> Rows:
    """What the textbook's cheapest candidate is."""
    from handcalc.superposition.phases.candidates import cheapest, textbook_candidates

    p = density(model)
    candidate = cheapest(textbook_candidates(model.features, model.hidden), model.importance[-1], p)
    return [list(map(float, row)) for row in candidate.model(p).W]


def test_the_claim_of_phase_change() -> None:
    known = preset("phase-change")
    run = written(known.spec(True), phase_weights)
    assert known.claim.holds(run)
    for fixed in (PAIR, [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]):
        one = written(
            known.spec(True),
            lambda model, W=fixed: phase_weights(model) if model.features == 2 else W,  # type: ignore[misc]  # the same for each
        )
        assert not known.claim.holds(one)


FIVE = polygon(5)
DIGONS = [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0], [0.0, 0.0]]


@pytest.mark.parametrize(("change", "holds"), [(0.269, True), (0.2, False), (0.35, False)])
def test_the_claim_of_non_uniform(change: float, holds: bool) -> None:
    known = preset("non-uniform")
    run = written(known.spec(), lambda m: DIGONS if to_float(density(m)) < change / 20 else FIVE)
    assert known.claim.holds(run) is holds


def test_the_crossing_of_non_uniform_by_another_route() -> None:
    """Both kinds of minimum, followed to where they lose the same."""
    five = np.array([*np.ravel(FIVE), *[-0.2] * 5])
    order = [0, 1, 3, 4, 2]  # the rarer feature is the last row
    five[:10] = five[:10].reshape(5, 2)[order].ravel() * 1.15
    digons = np.array([*np.ravel(DIGONS), *[0.001] * 4, 0.007])

    def lowest(start: np.ndarray, relative: float) -> tuple[float, np.ndarray]:
        S = np.array([[0.95] * 4 + [1 - 0.05 * relative]])

        def value(x: np.ndarray) -> tuple[float, np.ndarray]:
            L, by_W, by_b = expected_losses_and_gradients(
                x[:10].reshape(1, 5, 2), x[None, 10:], sparsity=S
            )
            return 1e3 * L[0], 1e3 * np.concatenate([by_W.ravel(), by_b.ravel()])

        found = minimize(value, start, jac=True, method="BFGS", options={"gtol": 1e-9})
        return found.fun / 1e3, found.x

    for relative in np.linspace(1, 0.28, 13):
        _, five = lowest(five, relative)

    def apart(relative: float) -> float:
        return lowest(five, relative)[0] - lowest(digons, relative)[0]

    assert brentq(apart, 0.26, 0.28, xtol=1e-6) == pytest.approx(0.26908, abs=2e-5)


def correlated_weights(model: ModelSpec, fold: float = 0.75) -> Rows:
    """Sets that fold into one direction where they are common, else bases of opposite sign."""
    sets, p = model.distribution.sets, to_float(density(model))  # type: ignore[attr-defined] # it has sets
    W = [[0.0] * model.hidden for _ in range(model.features)]
    for k, features in enumerate(sets):
        for place, i in enumerate(features):
            along = k if 1 - p < fold else place
            W[i - 1][along] = 0.7 if 1 - p < fold else (-1.0) ** k
    return W


def test_the_claims_of_correlated_sets() -> None:
    for name in ("correlated", "correlated-large"):
        known = preset(name)
        assert known.claim.holds(written(known.spec(), correlated_weights))
        assert not known.claim.holds(written(known.spec(), lambda m: correlated_weights(m, 1.1)))
    known = preset("correlated")
    assert not known.claim.holds(written(known.spec(), lambda m: correlated_weights(m, 0)))


def test_the_claim_of_anticorrelated_sets() -> None:
    known = preset("anticorrelated")

    def back_to_back(model: ModelSpec) -> Rows:
        return DIGONS[:4] if model.hidden == 2 else [[1.0, 0.0, 0.0]] * 6

    def judged(weights: Callable[[ModelSpec], Rows], loss: float = 0.0) -> bool:
        run = written(known.spec(), weights)
        losses = torch.full((run.spec.restarts,), loss, dtype=torch.float64)
        return known.claim.holds(
            replace(run, trained=tuple(replace(each, exact_loss=losses) for each in run.trained))
        )

    assert judged(back_to_back)
    assert not judged(back_to_back, loss=1e-3)
    others = [DIGONS[0], DIGONS[2], DIGONS[1], DIGONS[3]]  # the pairs across the sets
    assert not judged(lambda model: others if model.hidden == 2 else back_to_back(model))


def test_the_claim_of_geometry() -> None:
    known = preset("geometry")

    def paired(model: ModelSpec, three: int = 2) -> Rows:
        """So many features in each dimension, by turns one way and the other; the rest dropped."""
        k, m = round(1 / to_float(density(model)), 2), model.hidden
        each = three if k == 3 else (1 if k < 3 else 4 if k < 4 else 6)
        grown = 1 + 0.01 * k
        W = [[0.0] * m for _ in range(model.features)]
        for i in range(min(m * each, model.features)):
            W[i][i % m] = (-1.0) ** (i // m) * (1 if k in (1, 3) else grown)
        return W

    assert known.claim.holds(written(known.spec(), paired))
    assert not known.claim.holds(written(known.spec(), lambda m: paired(m, 3)))
    assert not known.claim.holds(written(known.spec(), lambda m: paired(m, 1)))


def test_the_claim_of_one_active() -> None:
    known = preset("one-active")
    best = {4: DIGONS[:4], 5: polygon(5), 6: polygon(6)}
    run = written(known.spec(trainer="sampled"), lambda model: best[model.features])
    assert known.claim.holds(run)
    worse = best | {6: polygon(5, extra=1)}
    other = written(known.spec(trainer="sampled"), lambda model: worse[model.features])
    assert not known.claim.holds(other)
    # on the exact loss these lengths are no stationary points
    assert not known.claim.holds(written(known.spec(), lambda model: best[model.features]))


def test_the_grids_of_phase_change() -> None:
    two, three = phase_grids(written(preset("phase-change").spec(True), phase_weights))
    assert (two.features, two.hidden, three.features, three.hidden) == (2, 1, 3, 2)
    assert len(two.importances) == len(two.densities) == 6
    assert two.fates[0][-1] == "not represented"  # the least important, where inputs are dense
    assert two.fates[-1][-1] == three.fates[-1][-1] == "dedicated dimension"
    assert {row[0] for row in two.fates} == {"superposition"}

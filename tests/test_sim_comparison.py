"""Trained models beside what is known of them: gaps, names, dead outputs, and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import cos, sin, tau
from typing import Any

import numpy as np
import pytest
import torch

from handcalc import ToyModel, forward, sign
from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.distribution import Anticorrelated, OneActive
from torchsim.comparison import Comparison, compare, dead_outputs
from torchsim.comparison.named_shapes import shapes
from torchsim.comparison.rounding import ConfigurationLoss
from torchsim.run import History, Trained, TrainingRun
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.views.comparisons import comparison_data

Rows = Sequence[Sequence[float]]


def trained(model: ModelSpec, restarts: Sequence[tuple[Rows, Sequence[float]]]) -> Trained:
    """A configuration with these restarts, and their losses."""
    W, b = (np.asarray(part, dtype=np.float64) for part in zip(*restarts, strict=True))
    losses = torch.tensor(ConfigurationLoss(model).losses(W, b)) if model.features <= 9 else None
    sampled = torch.full((len(b),), 0.5, dtype=torch.float64)
    history = History((0,), sampled[None])
    return Trained(model, torch.tensor(W), torch.tensor(b), losses, sampled, sampled / 100, history)


def compared(*models: Trained, within: float = 0.01) -> Comparison:
    spec = TrainingSpec(tuple(each.model for each in models), "sampled", len(models[0].b))
    return compare(TrainingRun(spec, models, 1.0, "cpu"), within)


def polygon(k: int, length: float) -> list[list[float]]:
    return [[length * cos(tau * i / k), length * sin(tau * i / k)] for i in range(k)]


PAIR = [[1, 0], [0, 0.96897], [0, -0.96897]], [0, 0.0976827, 0.0976827]


def test_an_antipodal_pair_among_worse_restarts() -> None:
    model = ModelSpec.of(3, 2, "1/2")
    worse = polygon(3, 0.95), [0.1] * 3
    found = compared(trained(model, [worse, PAIR, worse])).models[0]
    assert found.restart == 1
    assert found.exact_loss == found.loss == pytest.approx(0.0762824470, abs=1e-9)
    assert found.best is not None
    assert found.best.loss == pytest.approx(0.0762824470, abs=1e-9)
    assert found.gap_percent == pytest.approx(0, abs=1e-5)
    assert (found.nearest, found.family.name) == ("antipodal", "antipodal")
    assert found.distance == pytest.approx(2**0.5 * (1 - 0.96897), abs=1e-12)
    assert (found.dead, found.dropped, found.turned) == ((), (), ())
    assert found.by_hand is not None
    assert found.by_hand.model.W == ToyModel("1 0; 0 1; 0 -1").W
    assert "found, not proved" in found.sentence
    assert "Antipodal: Features 2 and 3 are an antipodal pair" in found.sentence
    assert "antipodal, its arrows at distance 0.044." in found.sentence


def test_a_triangle_and_a_pentagon_have_their_names_and_gaps() -> None:
    triangle = trained(ModelSpec.of(3, 2, "1/5"), [(polygon(3, 0.9), [0.35] * 3)])
    pentagon = trained(ModelSpec.of(5, 2, "9/10"), [(polygon(5, 1.1131), [-0.2073] * 5)])
    found = compared(triangle, pentagon)
    assert [each.nearest for each in found.models] == ["triangle", "pentagon"]
    assert [each.family.name for each in found.models] == ["triangle", "pentagon"]
    for each in found.models:
        assert each.best is not None
        assert each.gap_percent == 100 * (each.loss - each.best.loss) / each.best.loss
    assert found.models[0].gap_percent > 0.5
    assert "% above the best known" in found.models[0].sentence
    assert found.tolerance == 0.1


def test_dropped_features_and_dead_outputs_are_told_apart() -> None:
    model = ModelSpec.of(4, 2, "1/2", "1 1 1/100 1/100")
    rows = [[1, 0], [0, 1], [0.01, 0.01], [0, 0]]
    found = compared(trained(model, [(rows, [0, 0, 0.25, -0.3])])).models[0]
    assert found.dropped == (3, 4)
    assert found.dead == (4,)
    assert found.nearest == "orthogonal"
    assert found.sentence.endswith("Output 4 is 0 for every input.")


def test_a_linear_model_is_beside_the_closed_form() -> None:
    """v(p) = p/3 − p²/4 for the one feature that has no dimension."""
    model = ModelSpec.of(3, 2, "1/2", "1 1 1/2", activation="linear")
    rows = [[0.999, 0.01], [-0.01, 1.001], [0.002, 0.003]]
    found = compared(trained(model, [(rows, [0.001, -0.002, 0.2496])])).models[0]
    assert found.best is not None
    assert found.best.loss == pytest.approx((1 / 6 - 1 / 16) / 2, rel=1e-12)
    assert found.best.proved
    assert found.by_hand is not None
    assert found.by_hand.model == ToyModel("1 0; 0 1; 0 0", "0 0 1/4", "linear")
    assert to_float(found.by_hand.loss) == pytest.approx(found.best.loss, rel=1e-12)
    assert found.nearest == "orthogonal"
    assert "above the best there is" in found.sentence


@pytest.mark.parametrize(
    ("off", "gap", "said"), [(0.0, 0.0, "the best there is."), (0.01, None, "loses nothing.")]
)
def test_where_the_best_loses_nothing(off: float, gap: float | None, said: str) -> None:
    model = ModelSpec.of(2, 2, "1/2")
    found = compared(trained(model, [([[1, 0], [0, 1 + off]], [0, 0])])).models[0]
    assert found.best is not None
    assert found.best.loss == 0
    assert found.gap_percent == gap
    assert said in found.sentence


def test_nine_features_have_a_bound_instead_of_a_best() -> None:
    model = ModelSpec.of(9, 2, "1/2")
    found = compared(trained(model, [(np.eye(9, 2).tolist(), [0.0] * 2 + [0.25] * 7)])).models[0]
    assert found.best is None
    assert found.gap_percent is None
    assert found.linear_best == pytest.approx(7 * (1 / 6 - 1 / 16), rel=1e-12)
    assert found.exact_loss == pytest.approx(found.linear_best, rel=1e-12)
    assert (found.nearest, found.distance, found.by_hand) == (None, None, None)
    assert found.family.name == "orthogonal"
    assert "0.00 % above what the best linear model loses; no best is known, as" in found.sentence
    assert "beyond 8 features (optimum searches for it up to 10)" in found.sentence
    assert "simple exact weights are sought for up to 8 features." in found.sentence


def test_eleven_features_have_no_best_to_be_searched_for() -> None:
    model = ModelSpec.of(11, 2, "1/2")
    found = compared(trained(model, [(np.eye(11, 2).tolist(), [0.0] * 11)])).models[0]
    assert "best linear model loses; no best is known. " in found.sentence


def test_what_is_no_number_is_not_taken_for_the_best() -> None:
    model = ModelSpec.of(3, 2, "1/2")
    lost = replace(trained(model, [PAIR]), exact_loss=torch.tensor([float("nan")]))
    found = compared(lost)
    assert found.models[0].gap_percent is not None
    assert np.isnan(found.models[0].gap_percent)
    assert (
        "loss nan; the best known (found, not proved) loses 0.0762824." in found.models[0].sentence
    )
    model_of = comparison_data(found)["models"][0]  # type: ignore[index]  # JSON
    assert [model_of[name] for name in ("loss", "exact_loss", "gap_percent")] == [None] * 3


def test_without_an_exact_loss_the_sampled_one_stands() -> None:
    model = ModelSpec.of(13, 1, "1/2")
    found = compared(trained(model, [(np.eye(13, 1).tolist(), [0.0] * 13)])).models[0]
    assert (found.exact_loss, found.loss) == (None, 0.5)
    assert found.sentence.startswith("Sampled loss 0.5 ± 0.005, ")


def test_an_arrow_that_may_be_turned_is_turned_and_said() -> None:
    W = np.asarray(polygon(3, 0.8217))
    G = W @ W.T
    bias = 0.4988 + np.asarray([G[0, 1] + G[0, 2], G[0, 1], G[0, 2]])
    rows = (W * [[-1], [1], [1]]).tolist()
    found = compared(trained(ModelSpec.of(3, 2, 0), [(rows, bias.tolist())])).models[0]
    assert (found.family.name, found.nearest, found.turned) == ("triangle", "triangle", (2, 3))
    assert "with the arrows of features 2 and 3 turned round, at the same loss" in found.sentence


def test_dead_outputs_are_those_that_no_input_wakes() -> None:
    """Every corner of the inputs, by the exact forward pass; a maximum lies in a corner."""
    generator = np.random.default_rng(5)
    seen = set()
    for _ in range(12):
        rows = generator.integers(-2, 3, (3, 2)).tolist()
        bias = generator.integers(-4, 2, 3).tolist()
        model = ToyModel(rows, bias)
        outputs = [forward(model, list(x)).output for x in product((0, 1), repeat=3)]
        dead = tuple(i + 1 for i in range(3) if all(sign(x[i]) == 0 for x in outputs))
        W, b = np.asarray(rows, dtype=float), np.asarray(bias, dtype=float)
        assert dead_outputs(W, b, ModelSpec.of(3, 2, "1/2")) == dead
        seen.add(len(dead))
    assert seen == {0, 1, 2, 3} or len(seen) >= 3


def test_only_what_is_active_together_wakes_an_output() -> None:
    W, b = np.asarray([[1.0], [1.0], [1.0]]), np.asarray([-0.5, -1.5, -2.5])
    assert dead_outputs(W, b, ModelSpec.of(3, 1, "1/2")) == ()
    assert dead_outputs(W, b, ModelSpec.of(3, 1, distribution=OneActive(3))) == (2, 3)
    pair = Anticorrelated([(1, 2)], "1/2")
    assert dead_outputs(W, b, ModelSpec.of(3, 1, distribution=pair)) == (3,)
    assert dead_outputs(W, b, ModelSpec.of(3, 1, "0 1 1")) == (2, 3)
    linear = ModelSpec.of(3, 1, "1/2", activation="linear")
    assert dead_outputs(W, b, linear) == ()
    assert dead_outputs(np.asarray([[1.0], [0], [0]]), np.asarray([0.0, 0, 1]), linear) == (2,)


def test_more_leave_makes_a_simpler_model_that_loses_more() -> None:
    model = trained(ModelSpec.of(3, 2, "1/5"), [(polygon(3, 0.8523), [0.3866] * 3)])
    strict, loose = (compared(model, within=within) for within in (0.001, 0.05))
    assert (strict.within, loose.within) == (0.001, 0.05)
    assert strict.models[0].by_hand is not None
    assert loose.models[0].by_hand is not None
    assert sign(loose.models[0].by_hand.loss - strict.models[0].by_hand.loss) > 0
    with pytest.raises(InputError, match="above 0 and at most 1, not 2"):
        compared(model, within=2)


def test_every_model_up_to_eight_features_has_a_name() -> None:
    for n, m in product(range(1, 9), (1, 2, 3)):
        assert shapes(n, m)[0].name == "orthogonal"


def test_a_large_gap_is_written_out() -> None:
    found = compared(trained(ModelSpec.of(2, 1, "1/2"), [([[0.0], [0.0]], [0.0, 0.0])]))
    gap = found.models[0].gap_percent
    assert gap is not None
    assert gap > 100
    assert f"{float(f'{gap:.2g}'):.0f} % above the best known" in found.models[0].sentence
    assert "e+" not in str(found)


def test_what_is_no_run_is_refused() -> None:
    taken: Any = "by-hand"
    with pytest.raises(InputError, match=r"TrainingRun or a SweepRun, .* not 'by-hand'") as caught:
        compare(taken)
    assert caught.value.code == "run"
    assert caught.value.suggestion == "torchsim.compare(torchsim.train('by-hand'))"

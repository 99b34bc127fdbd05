"""Trained autoencoders beside the features as the dictionary, and beside best codes."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations
from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import nnls

import handcalc
import torchsim
from torchsim import SaeSpec
from torchsim.autoencoders.codes import features, initial
from torchsim.autoencoders.judging import judge, unseen
from torchsim.comparison.autoencoders import SaeCompared, SaeComparison
from torchsim.comparison.true_dictionary import best_code_cost, true_dictionary
from torchsim.figures.autoencoders.sae_history import ended
from torchsim.views.runs import number

ANTIPODAL = "1 0; 0 1; 0 -1"
TRIANGLE = "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2"
QUICK: Any = {"steps": 1200, "batch": 512}


@pytest.mark.parametrize(("S", "low"), [("9/10", -0.5), ("1/2", -1.0)])
def test_antipodal_is_found_within_half_a_per_cent(S: str, low: float) -> None:
    run = torchsim.sae(ANTIPODAL, 3, "1/10", S, restarts=4, **QUICK)
    [found] = torchsim.compare(run).models
    assert found.gap_percent is not None
    assert low < found.gap_percent < 0.5
    assert found.exact is not None
    assert found.loss == pytest.approx(float(found.exact.value))
    assert found.true is not None
    assert found.true.encoder == "tied, the best there is"
    assert found.true.exact is not None
    expected = handcalc.sae_loss(
        handcalc.SparseAutoencoder.of_features(ANTIPODAL, "1/10"), ANTIPODAL, S, "1/10"
    )
    assert found.true.exact.value == expected.value
    assert found.mmcs == pytest.approx(float(found.exact.mmcs), abs=1e-3)
    shrinkage = [float(each) for each in found.exact.shrinkage]
    assert found.shrinkage == pytest.approx(shrinkage, abs=3e-3)
    assert found.best_code is not None
    assert found.best_code <= found.sampled + 1e-12


@pytest.mark.parametrize("case", ["one-feature", "antipodal", "orthogonal"])
def test_closed_forms_are_those_of_the_true_dictionary(case: str) -> None:
    closed = handcalc.sae_closed_form(case, "1/5", "1/2")
    n = handcalc.ToyModel.of(closed.model).n
    true = true_dictionary(SaeSpec.of(closed.model, n, "1/5", "1/2"), is_exact=True)
    assert true is not None
    assert true.loss == pytest.approx(float(closed.loss), abs=1e-12)
    run = torchsim.sae(closed.model, n, "1/5", "1/2", restarts=4, **QUICK)
    [found] = torchsim.compare(run).models
    if case == "orthogonal":  # where two are often on together, a tilted dictionary loses less
        assert found.loss < float(closed.loss) + 1e-3
    else:
        assert found.loss == pytest.approx(float(closed.loss), abs=1e-3)


def test_an_encoder_is_sought_where_the_tied_one_is_not_the_best() -> None:
    model = SaeSpec.of(TRIANGLE, 3, "1/10", "1/2")
    tied = handcalc.SparseAutoencoder.of_features(TRIANGLE, "1/10")
    before = float(handcalc.sae_loss(tied, TRIANGLE, "1/2", "1/10").value)
    found = true_dictionary(model, is_exact=True)
    assert found is not None
    assert found.encoder == "the best found"
    assert found.loss < 0.99 * before
    assert found.exact is not None
    assert found.exact.sae.W_dec == tied.W_dec
    # its exact slope in the encoder is nearly nothing
    slopes = handcalc.sae_gradient(found.exact.sae, TRIANGLE, "1/2", "1/10")
    assert max(abs(float(each)) for row in slopes.W_enc for each in row) < 0.01


def test_rows_that_point_the_same_way_are_not_apart() -> None:
    found = true_dictionary(SaeSpec.of("1; 1", 2, "1/10", "1/2"), is_exact=True)
    assert found is not None
    assert found.encoder == "the best found"
    assert true_dictionary(SaeSpec.of("1; 0", 2, "1/10", "1/2"), is_exact=True) is None


@pytest.mark.parametrize(("S", "l1"), [("1/2", "1/5"), ("9/10", "1/2")])
def test_a_trained_b_dec_is_laid_beside_the_best_b_dec_of_the_features(S: str, l1: str) -> None:
    closed = handcalc.sae_closed_form("free-bias", l1, S)
    model = SaeSpec.of("1", 1, l1, S, decoder_bias=True)
    true = true_dictionary(model, is_exact=True)
    assert true is not None
    assert true.encoder == "the best found, with b_dec"
    assert float(closed.loss) - 1e-12 <= true.loss <= 1.002 * float(closed.loss)
    fixed = true_dictionary(SaeSpec.of("1", 1, l1, S), is_exact=True)
    assert fixed is not None
    assert true.loss < 0.98 * fixed.loss
    found = torchsim.compare(torchsim.sae("1", 1, l1, S, decoder_bias=True, **QUICK))
    page = " ".join(str(found).split())
    assert "W = 1, 1 feature, of the kind l1, 1 latent," in page
    assert "with the best encoder and b_dec that a descent found" in page
    assert "The features are not the best dictionary" not in page


@pytest.mark.parametrize("kind", ["topk", "jumprelu"])
def test_with_b_dec_no_encoder_is_called_the_best(kind: str) -> None:
    model = SaeSpec.of(ANTIPODAL, 3, "1/50", "1/2", kind=kind, decoder_bias=True)
    true = true_dictionary(model, is_exact=False)
    assert true is not None
    assert true.encoder == "tied"


def _compared(**changed: Any) -> SaeCompared:
    """A comparison, with numbers of one's own."""
    model = SaeSpec.of(ANTIPODAL, 3, "1/10", "9/10", steps=5, batch=64)
    [found] = torchsim.compare(torchsim.train(model, restarts=1)).models
    return replace(found, **changed)


def test_features_are_blamed_only_where_their_encoder_is_the_best() -> None:
    best = true_dictionary(SaeSpec.of(ANTIPODAL, 3, "1/10", "9/10"), is_exact=True)
    assert best is not None
    for encoder, said in (
        ("tied, the best there is", "The features are not the best dictionary here"),
        ("the best found", "or they have a better encoder than this one"),
        ("tied", "or they have a better encoder than this one"),
    ):
        true = replace(best, encoder=encoder, loss=1.0)
        assert said in " ".join(str(_compared(loss=0.9, sampled=0.9, true=true)).split())


def test_a_mean_is_never_laid_beside_an_exact_loss() -> None:
    found = _compared()
    assert found.true is not None
    assert (found.exact is None, found.true.exact is None) == (False, False)
    page = " ".join(str(SaeComparison((found,))).split())
    heads = "model loss true gap code gap mmcs short dead"
    assert heads in page
    assert f"costs {found.best_code:.6g} and its own encoder {found.sampled:.6g}" in page.replace(
        ",", ""
    )
    assert f"the best restart loses {number(found.loss)} exactly, the features" in ended(found)
    # the true dictionary's is too much work: both are means
    sampled = replace(found, true=replace(found.true, exact=None))
    assert sampled.beside_true == found.sampled
    assert f"where it loses {found.sampled:.6g}" in " ".join(str(sampled).split())
    assert f"loses {number(found.sampled)} on unseen inputs" in ended(sampled)
    alone = replace(found, true=None)
    assert ended(alone) == f"the best restart loses {number(found.loss)} exactly"
    frame = SaeComparison((found,)).columns()
    assert (frame["sampled_loss"], frame["best_code"]) == ([found.sampled], [found.best_code])


@pytest.mark.parametrize("W", [ANTIPODAL, TRIANGLE])
def test_the_best_code_is_that_of_nnls(W: str) -> None:
    model = SaeSpec.of(W, 5, "1/5", "1/2")
    D = initial(model, 1, torch.device("cpu"))["W_dec"][0]
    found = best_code_cost(model, D, torch.zeros(2, dtype=torch.float64))
    assert found is not None
    h = unseen(model)[0, :2000].numpy()
    rows, price = D.numpy(), 0.2
    costs = []
    for each in h:
        best = float(each @ each)
        for some in chain.from_iterable(combinations(range(5), k) for k in (1, 2)):
            own = rows[list(some)]
            # the price completes the square: h moves by what has the slope λ along each row
            shift = np.linalg.solve(own @ own.T, np.full(len(some), price / 2))
            f, _ = nnls(own.T, each - own.T @ shift)
            best = min(best, float(((each - f @ own) ** 2).sum() + price * f.sum()))
        costs.append(best)
    spread = 5 * np.std(costs) / np.sqrt(len(costs))
    assert abs(np.mean(costs) - found) < spread < 0.03


@pytest.mark.parametrize("S", ["1/2", "9/10"])
def test_the_sampled_best_code_is_near_the_exact_bound(S: str) -> None:
    model = SaeSpec.of(ANTIPODAL, 3, "1/10", S)
    bound = handcalc.sae_loss(
        handcalc.SparseAutoencoder.of_features(ANTIPODAL, "1/10"), ANTIPODAL, S, "1/10"
    ).bound
    assert bound.is_exact
    D = features(model, torch.device("cpu"))
    found = best_code_cost(model, D, torch.zeros(2, dtype=torch.float64))
    assert found == pytest.approx(float(bound.value), rel=0.02)


@pytest.mark.parametrize(
    ("kind", "k"),
    [("topk", 1), pytest.param("topk", 2, marks=pytest.mark.slow), ("jumprelu", None)],
)
def test_other_kinds_are_laid_beside_samples(kind: str, k: int | None) -> None:
    run = torchsim.sae(ANTIPODAL, 3, "1/50", "9/10", kind=kind, k=k, restarts=6, **QUICK)
    [found] = torchsim.compare(run).models
    assert found.exact is None
    assert found.standard_error is not None
    assert found.true is not None
    assert found.true.exact is None
    assert found.loss <= found.true.loss * 1.005 + 1e-9
    assert found.best_code is not None
    assert found.best_code <= found.sampled + 1e-12
    assert max(map(abs, found.shrinkage)) < 0.01
    if kind == "jumprelu":  # the threshold of a feature alone, by hand
        thresholds = run.trained[0].weights()["threshold"]
        assert torch.allclose(thresholds, torch.tensor(0.02**0.5).double(), rtol=0.15)


def test_too_many_latents_have_no_best_code_and_no_exact_loss() -> None:
    W = [[1 if i == j else 0 for j in range(6)] for i in range(6)] + [[1] * 6]
    model = SaeSpec.of(W, 40, "1/10", "1/2", steps=3, batch=8)
    [found] = torchsim.compare(torchsim.train(model, restarts=1)).models
    assert (found.best_code, found.exact, found.amortisation_percent) == (None, None, None)
    assert found.standard_error is not None
    assert "Sampled loss" in str(found)


def test_judging_in_parts_is_judging_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from torchsim.autoencoders import judging

    model = SaeSpec.of(ANTIPODAL, 3, "1/10", "1/2")
    weights = initial(model, 2, torch.device("cpu"))
    whole = judge(model, weights)
    monkeypatch.setattr(judging, "_AT_ONCE", 3000)
    parts = judge(model, weights)
    assert torch.allclose(whole.loss, parts.loss, rtol=1e-12)
    assert torch.equal(whole.on, parts.on)


def test_a_comparison_shows_itself_in_80_columns() -> None:
    models = [SaeSpec.of(ANTIPODAL, count, "1/10", "9/10", steps=30, batch=64) for count in (2, 9)]
    found = torchsim.compare(torchsim.train(models, restarts=2))
    page, markdown = str(found), found._repr_markdown_()
    assert max(map(len, page.splitlines())) <= 80
    for told in ("Trained, and worked by hand", "latents 9", "the true dictionary's"):
        assert told in " ".join(page.split())
        assert told in markdown
    assert len(found.to_frame()) == 2
    with pytest.raises(handcalc.InputError, match="for runs of toy models"):
        torchsim.compare(torchsim.train(models, restarts=1), models=[1])

"""Sparse autoencoders trained in torch: beside the exact losses, and the same every time."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch

import handcalc
import torchsim
from handcalc import InputError
from torchsim.autoencoders.codes import loss_and_slopes
from torchsim.autoencoders.run import TrainedSae
from torchsim.autoencoders.specification import SaeSpec

ANTIPODAL = "1 0; 0 1; 0 -1"
TIED = handcalc.SparseAutoencoder.of_dictionary("1", "1/5")


def trained(*given: Any, **more: Any) -> TrainedSae:
    return torchsim.sae(*given, **more).trained[0]


@pytest.fixture(scope="module")
def antipodal() -> TrainedSae:
    return trained(ANTIPODAL, 3, "2/5", "9/10", restarts=4, steps=2500)


def test_antipodal_is_found_within_half_a_per_cent(antipodal: TrainedSae) -> None:
    found, true = float(antipodal.exact_loss.value), float(antipodal.true_loss.value)
    assert true == pytest.approx(17449 / 375000)
    assert found == pytest.approx(true, rel=0.005)
    assert float(antipodal.exact_loss.mmcs) > 0.999
    assert antipodal.dead == antipodal.exact_loss.dead == ()
    # what was measured on unseen inputs is what is worked out exactly
    assert float(antipodal.loss[antipodal.best]) == pytest.approx(found, rel=0.02)


def test_a_tilted_dictionary_beats_the_true_one_where_features_are_dense() -> None:
    run = trained(ANTIPODAL, 3, "1/10", "1/2", restarts=4, steps=2500)
    found, true = float(run.exact_loss.value), float(run.true_loss.value)
    assert true * 0.99 < found < true * 0.995
    # at the true dictionary the loss falls with a tilt: its slope is not along the rows
    tied = handcalc.SparseAutoencoder.of_dictionary(ANTIPODAL, "1/10")
    slopes = handcalc.sae_gradient(tied, ANTIPODAL, "1/2", "1/10").W_dec
    assert slopes[1][0] < 0  # row 2 is (0, 1): towards feature 1


@pytest.mark.parametrize(
    ("case", "l1", "S", "latents"),
    [
        ("one-feature", "1/5", "1/2", 1),
        ("one-feature", "1/2", "9/10", 1),
        ("free-bias", "1/5", "1/2", 1),
        ("free-bias", 1, "1/2", 1),
        ("antipodal", "1/5", "1/2", 2),
        ("antipodal", "1/2", "9/10", 2),
    ],
)
def test_closed_forms_are_reached(case: str, l1: Any, S: str, latents: int) -> None:
    closed = handcalc.sae_closed_form(case, l1, S)
    run = trained(
        closed.model, latents, l1, S, restarts=4, steps=1500, decoder_bias=case == "free-bias"
    )
    assert float(run.exact_loss.value) == pytest.approx(float(closed.loss), abs=1e-3)
    assert float(run.b_dec[run.best]) == pytest.approx(float(closed.bias), abs=0.02)


def test_a_run_is_the_same_every_time_and_restarts_do_not_mix() -> None:
    few, more = (
        trained(ANTIPODAL, 3, "1/10", "1/2", restarts=count, steps=60, batch=64) for count in (2, 5)
    )
    again = trained(ANTIPODAL, 3, "1/10", "1/2", restarts=2, steps=60, batch=64)
    assert torch.equal(few.W_enc, again.W_enc)
    assert torch.allclose(few.W_dec, more.W_dec[:2], atol=1e-12)
    other = trained(ANTIPODAL, 3, "1/10", "1/2", restarts=2, steps=60, batch=64, seed=1)
    assert not torch.allclose(few.W_dec, other.W_dec)


@pytest.mark.parametrize("kind", ["l1", "topk", "jumprelu"])
def test_rows_keep_their_length(kind: str) -> None:
    run = trained(ANTIPODAL, 4, "1/50", "9/10", kind=kind, restarts=3, steps=80, batch=128)
    assert torch.allclose(run.W_dec.norm(dim=2), torch.ones(3, 4, dtype=torch.float64))
    assert (run.b_dec == 0).all()
    assert (run.threshold > 0).all() == (kind == "jumprelu")


@pytest.mark.parametrize("kind", ["topk", "jumprelu"])
def test_other_kinds_find_the_features_too(kind: str) -> None:
    run = trained(ANTIPODAL, 3, "1/50", "9/10", kind=kind, restarts=6, steps=1500)
    features = torch.tensor([[1.0, 0], [0, 1], [0, -1]], dtype=torch.float64)
    nearest = (features @ run.W_dec[run.best].T).max(1).values
    assert nearest.min() > 0.99
    with pytest.raises(InputError, match="f = ReLU") as caught:
        run.exact()
    assert caught.value.code == "kind"


@pytest.mark.parametrize("bias", [True, False])
def test_slopes_are_those_of_autograd(bias: bool) -> None:
    torch.manual_seed(0)
    spec = SaeSpec.of(ANTIPODAL, 3, "1/3", "1/2", decoder_bias=bias)
    shapes = {"W_enc": (2, 3, 2), "W_dec": (2, 3, 2), "b_enc": (2, 3), "b_dec": (2, 2)}
    weights = {
        name: torch.randn(shape, dtype=torch.float64).requires_grad_()
        for name, shape in shapes.items()
    }
    threshold = torch.zeros(2, 3, dtype=torch.float64)
    h = torch.randn(2, 50, 2, dtype=torch.float64)
    u = (h - weights["b_dec"][:, None]) @ weights["W_enc"].transpose(1, 2)
    f = torch.relu(u + weights["b_enc"][:, None])
    left = f @ weights["W_dec"] + weights["b_dec"][:, None] - h
    expected = ((left**2).sum(2) + f.sum(2) / 3).mean(1).sum()
    expected.backward()
    plain = {name: w.detach() for name, w in weights.items()} | {"threshold": threshold}
    loss, slopes = loss_and_slopes(spec, plain, h)
    assert torch.allclose(loss.mean(1).sum(), expected.detach())
    for name, slope in slopes.items():
        grad = weights[name].grad
        assert grad is not None
        if name == "W_dec":  # the part at a right angle to each row of length 1
            D = plain["W_dec"]
            grad = grad - (grad * D).sum(2, keepdim=True) * D
        assert torch.allclose(slope, grad, atol=1e-10), name
    assert ("b_dec" in slopes) is bias


def test_a_run_shows_itself(antipodal: TrainedSae) -> None:
    page, markdown = str(antipodal), antipodal._repr_markdown_()
    for told in ("A trained sparse autoencoder, the best of 4", "In fractions it loses"):
        assert told in page
        assert told in markdown
    assert len(antipodal.to_frame()) == 4
    axes = antipodal.plot()
    assert axes.get_label().startswith("The dictionary of restart")
    assert repr(antipodal).startswith("<TrainedSae: l1, λ = 2/5, 3 latents in 2 dimensions, loss")
    losses = antipodal.history.losses[:, antipodal.best]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"kind": "l2"}, "kind"),
        ({"latents": 0}, "latents"),
        ({"latents": 2.5}, "latents"),
        ({"k": 4, "kind": "topk"}, "k"),
        ({"rate": 0}, "rate"),
        ({"rate": True}, "rate"),
        ({"steps": 0}, "steps"),
        ({"restarts": "many"}, "size"),
        ({"bandwidth": 0, "kind": "jumprelu"}, "bandwidth"),
        ({"bandwidth": 0.1}, "bandwidth"),
        ({"bandwidth": 0.1, "kind": "topk"}, "bandwidth"),
        ({"k": 2}, "k"),
        ({"k": 1, "kind": "jumprelu"}, "k"),
        ({"decoder_bias": "no"}, "decoder_bias"),
        ({"decoder_bias": 0}, "decoder_bias"),
        ({"progress": "no"}, "progress"),
        ({"batch": 10**9}, "batch"),
        ({"l1": "-1"}, "l1"),
        ({"sparsity": None}, "sparsity"),
        ({"seed": -1}, "seed"),
        ({"device": "tpu"}, "device"),
    ],
)
def test_what_cannot_be_trained_is_refused(more: dict[str, Any], code: str) -> None:
    given: dict[str, Any] = {"latents": 3, "sparsity": "1/2", "steps": 1, **more}
    with pytest.raises(InputError, match=r"\w") as caught:
        torchsim.sae(ANTIPODAL, given.pop("latents"), **given)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (lambda: handcalc.sparsest("1; -1", "1", nonnegative="no"), "nonnegative"),
        (lambda: handcalc.basis_pursuit("1; -1", "1", nonnegative=0), "nonnegative"),
        (lambda: handcalc.sae_loss(TIED, "1", "1/2", weighted="no"), "weighted"),
        (lambda: handcalc.sae_gradient(TIED, "1", "1/2", weighted="no"), "weighted"),
        (lambda: handcalc.best_code(TIED, "1", weighted="no"), "weighted"),
        (lambda: handcalc.ways_out("1", "1/2", sae=TIED, weighted="no"), "weighted"),
        (lambda: torchsim.load("nowhere", partial="no"), "partial"),
        (lambda: torchsim.train("by-hand", small="no"), "small"),
        (lambda: torchsim.train("by-hand", measures="no"), "measures"),
    ],
)
def test_what_is_true_or_false_takes_nothing_else(asked: Callable[[], Any], name: str) -> None:
    with pytest.raises(InputError, match=f"{name}= is True or False, not ") as caught:
        asked()
    assert caught.value.code == name


def test_the_price_has_one_default_everywhere() -> None:
    from handcalc.cli.work.autoencoders import PRICE

    priced = (
        torchsim.sae, SaeSpec.of, handcalc.sae_loss, handcalc.sae_gradient, handcalc.best_code,
        handcalc.ways_out, handcalc.sae_closed_form,
    )  # fmt: skip
    defaults = {inspect.signature(each).parameters["l1"].default for each in priced}
    assert defaults == {PRICE}


def test_a_restart_that_is_not_there_is_refused(antipodal: TrainedSae) -> None:
    with pytest.raises(InputError, match="from 0 to 3, not 4"):
        antipodal.exact(4)

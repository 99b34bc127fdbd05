"""The model in torch beside the exact one, its scores beside loops, and the ways out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

import handcalc
import torchsim
from handcalc.errors import InputError
from tests.attention_runs import COIN, MODELS, SPEC, made_up
from tests.cli_runs import Shell
from torchsim.attention.batches import SequenceSampler
from torchsim.attention.data import TokenChain
from torchsim.attention.model import initial, losses, run_model, unpacked
from torchsim.attention.run import TrainedAttention
from torchsim.attention.scores import scores
from torchsim.attention.specification import AttentionSpec, AttentionTraining

TINY = AttentionSpec(TokenChain(3, 4, 0), heads=2, d_model=4, steps=1, batch=2)
KINDS = [
    TINY,
    replace(TINY, layers=1, scale=None, positions=False),
    replace(TINY, layers=0),
    AttentionSpec(COIN, layers=1, d_model=3),
]


def one_of(model: AttentionSpec) -> TrainedAttention:
    return made_up(AttentionTraining((model,), restarts=2, dtype="float64")).trained[0]


@pytest.mark.parametrize("model", KINDS)
@pytest.mark.parametrize("restart", [0, 1])
def test_torch_and_the_exact_model_have_the_same_logits(model: AttentionSpec, restart: int) -> None:
    trained = one_of(model)
    tokens = [0, 2, 0, 1][: model.data.n_ctx]
    logits, patterns = run_model(model, trained.weights, torch.tensor([[tokens]]))
    exact = trained.exact(restart)
    run = handcalc.run_circuit(exact, [exact.vocabulary[k] for k in tokens])
    for i, row in enumerate(run.logits):
        assert list(map(value_of, row)) == pytest.approx(logits[restart, 0, i].tolist(), abs=1e-9)
    for layer, pattern in enumerate(patterns):
        for head in range(model.heads):
            found = [list(map(value_of, row)) for row in run.pattern[layer][head]]
            ours = pattern[restart, 0, head].tolist()
            for i, row in enumerate(found):
                assert row[: i + 1] == pytest.approx(ours[i][: i + 1], abs=1e-9)


def test_a_weight_is_the_fraction_that_its_float_is() -> None:
    trained = made_up().trained[0]  # float32
    exact = trained.exact(1)
    assert exact.W_E[2][3] == exact_of(trained.weights.W_E[1, 2, 3])
    assert exact.layers[1][0].W_O[1][2] == exact_of(trained.weights.W_O[1, 1, 0, 1, 2])
    assert exact.vocabulary == tuple("abcde")
    assert exact == trained.exact(1)
    assert trained.exact() == trained.exact(trained.best)


def exact_of(value: torch.Tensor) -> Any:
    numerator, denominator = value.item().as_integer_ratio()
    return handcalc.exact(f"{numerator}/{denominator}")


def test_places_that_do_not_see_themselves() -> None:
    model = replace(MODELS[2], positions=False)
    trained = one_of(model)
    _, [pattern] = run_model(model, trained.weights, torch.tensor([[[0, 1, 2, 3]]]))
    assert torch.equal(pattern, pattern.tril(-1))
    sums = pattern.sum(-1)[..., 1:]
    assert torch.allclose(sums, torch.ones_like(sums))
    assert pattern[..., 0, :].eq(0).all()
    with pytest.raises(InputError, match=r"does not see itself.*self_attention=True") as caught:
        trained.exact()
    assert caught.value.code == "self_attention"


def test_no_later_place_is_seen() -> None:
    trained = one_of(TINY)
    first, _ = run_model(TINY, trained.weights, torch.tensor([[[0, 1, 2, 2]]]))
    second, _ = run_model(TINY, trained.weights, torch.tensor([[[0, 1, 0, 1]]]))
    assert torch.equal(first[:, :, :2], second[:, :, :2])
    assert not torch.equal(first[:, :, 2:], second[:, :, 2:])


def test_starting_weights_have_the_spread_that_they_should() -> None:
    model = AttentionSpec(TokenChain(64, 64), heads=4, d_model=64)
    weights = unpacked(model, initial(model, range(4)))
    for name, tensor in weights.named().items():
        wide = 4 * 16 if name == "W_O" else 64
        assert float(tensor.std()) * wide**0.5 == pytest.approx(1, rel=0.02)
        assert abs(float(tensor.mean())) < 0.01
    assert torch.equal(weights.W_E[2], unpacked(model, initial(model, range(2, 3))).W_E[0])


def test_a_loss_is_the_mean_of_the_negative_logs() -> None:
    sampler = SequenceSampler.of(TINY.data, 0, range(2), torch.device("cpu"), torch.float64)
    batch = sampler.batch(0, 5)
    logits = torch.randn(
        2, 5, 4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64
    )
    after = batch.targets.argmax(-1)
    expected = torch.nn.functional.cross_entropy(
        logits.flatten(1, 2).mT, after.flatten(1), reduction="none"
    ).mean(1)
    assert torch.allclose(losses(logits, batch), expected)


# -- scores ---------------------------------------------------------------------------------------


def score_by_loops(pattern: Any, tokens: list[list[int]], kind: str) -> float:
    """The mean, over places that have any, of the attention to the places that are meant."""
    found = []
    for rows, row in zip(pattern, tokens, strict=True):
        for i in range(len(row)):
            meant = [i - 1] if kind == "previous" else [j + 1 for j in range(i) if row[j] == row[i]]
            meant = [j for j in meant if j >= 0]
            if meant:
                found.append(sum(float(rows[i][j]) for j in meant))
    return sum(found) / len(found)


def test_scores_are_what_loops_find() -> None:
    model = replace(TINY, data=TokenChain(4, 9, "1/2"))
    trained = one_of(model)
    sampler = SequenceSampler.of(model.data, 0, range(2), torch.device("cpu"), torch.float64)
    tokens = sampler.batch(0, 6, unseen=True).tokens
    _, patterns = run_model(model, trained.weights, tokens)
    found = scores(patterns, tokens[0])
    uniform = torch.ones(9, 9).tril() / torch.arange(1, 10).unsqueeze(1)
    for kind in ("induction", "previous"):
        for layer, pattern in enumerate(patterns):
            for head in range(2):
                expected = score_by_loops(pattern[1, :, head], tokens[0].tolist(), kind)
                assert float(getattr(found, kind)[1, layer, head]) == pytest.approx(expected)
        chance = score_by_loops(uniform.expand(6, -1, -1), tokens[0].tolist(), kind)
        assert getattr(found, f"{kind}_chance") == pytest.approx(chance)


def test_all_followers_count_and_not_the_last_alone() -> None:
    pattern = torch.zeros(1, 1, 1, 5, 5)
    pattern[..., 4, 1] = pattern[..., 4, 3] = 0.5  # a b a c a: both b and c follow an a
    found = scores([pattern], torch.tensor([[0, 1, 0, 2, 0]]))
    assert float(found.induction) == pytest.approx(0.5)  # 0 at the second a, 1 at the third


# -- the ways out ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_file_of_the_weights_is_read_by_the_command(shell: Shell, tmp_path: Path) -> None:
    trained, file = one_of(TINY), tmp_path / "model.safetensors"
    torchsim.save_weights(trained, file, restart=1)
    assert torch.equal(load_file(file)["blocks.1.attn.W_V"], trained.weights.W_V[1, 1])
    assert set(load_file(file)) == set(trained.named_weights())
    done = shell("circuit", f"--file={file}", "--tokens=a c a", "--json").json()
    run = handcalc.run_circuit(trained.exact(1), "a c a")
    ours = list(map(value_of, run.logits[-1]))
    theirs = list(map(value_of, done["logits"][-1]))
    assert theirs == pytest.approx(ours, abs=1e-12)


def value_of(cell: Any) -> float:
    """An exact number of Python or of JSON as a float."""
    if isinstance(cell, dict):
        return float(cell["value"])
    return float(handcalc.exact(cell)) if isinstance(cell, str) else float(cell)


def test_a_file_that_would_be_another_model_is_not_written(tmp_path: Path) -> None:
    run, file = made_up(), tmp_path / "model.safetensors"
    with pytest.raises(InputError, match=r"not divided by √d_head.*scale=\"sqrt\"") as caught:
        torchsim.save_weights(run.trained[1], file)
    assert caught.value.code == "scale"
    with pytest.raises(InputError, match="does not see itself") as caught:
        torchsim.save_weights(run.trained[2], file)
    assert caught.value.code == "self_attention"
    with pytest.raises(InputError, match=r"restarts 0 to 2, and the best one is \d; not 3"):
        torchsim.save_weights(run.trained[0], file, restart=3)
    with pytest.raises(InputError, match="not True"):
        run.trained[0].exact(True)
    assert not file.exists()
    with pytest.raises(InputError, match="cannot be written"):
        torchsim.save_weights(run.trained[0], tmp_path / "no folder" / "file")


def test_arrays_and_a_frame() -> None:
    run = made_up()
    assert run.trained[0].to_torch().W_Q.shape == (3, 2, 2, 4, 2)
    assert "W_pos" not in run.trained[1].arrays()
    frame = run.to_frame()
    assert list(frame["layers"]) == [2, 1, 1, 0]
    assert list(frame["induction"].isna()) == [False, False, True, True]
    json.dumps(run.trained[3].arrays())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.in_short)
def test_views_say_what_there_is(model: AttentionSpec) -> None:
    trained = made_up(replace(SPEC, models=(model,))).trained[0]
    for shown in (model, trained, replace(SPEC, models=(model, replace(model, seed=9)))):
        assert max(map(len, str(shown).splitlines())) <= 80
        assert shown._repr_markdown_()
    assert ("chance" in str(trained)) == model.is_scored
    assert ("entropy" in str(trained)) == (trained.entropy is not None)
    assert ("no place sees itself" in str(model)) == (not model.self_attention)
    assert ("no W_pos" in str(model)) == (not model.positions)

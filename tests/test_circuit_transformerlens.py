"""Every forward pass beside TransformerLens: logits, patterns and residual stream, in float64.

Before its version 4 a model there is a ``HookedTransformer``, whose names are those that
``handcalc circuit --file`` reads; from 4 on it is a bridge, with its heads side by side in one
matrix. Where TransformerLens is not installed, plain torch says the same: in test_circuit_runs.py
of every forward pass, and here of every file.
"""

from __future__ import annotations

import math
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

import handcalc
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.run import run_circuit
from tests.circuit_cases import random_model, tensor, twin
from tests.cli_runs import Shell

WITHOUT = (
    "TransformerLens is large, and no package of the tests: to run this, install transformer-lens "
    "in an environment of its own. Plain torch stands in for it."
)
TOKENS = [2, 0, 1, 0]
SHAPES: list[tuple[tuple[int, ...], int, int]] = [  # heads by layer, d_model, d_head
    ((), 4, 4),
    ((1,), 4, 4),
    ((3,), 4, 2),
    ((1, 1), 4, 4),
    ((2, 2), 3, 1),
    ((1, 1, 1), 2, 1),
]
Weights = dict[str, torch.Tensor]


def case(
    layers: tuple[int, ...], d_model: int = 4, d_head: int = 4, softmax: str = "exp"
) -> AttentionOnly:
    """A model whose scores are over √d_head, as there."""
    return random_model(
        31 + len(layers), layers, d_model=d_model, d_head=d_head, scale="sqrt", softmax=softmax
    )


def state(model: AttentionOnly) -> Weights:
    """The weights under the names of a HookedTransformer."""
    assert model.W_pos is not None
    found = {
        "embed.W_E": tensor(model.W_E),
        "pos_embed.W_pos": tensor(model.W_pos),
        "unembed.W_U": tensor(model.W_U),
    }
    for k, layer in enumerate(model.layers):
        for name in ("W_Q", "W_K", "W_V", "W_O"):
            each = [tensor(head.matrices[name]) for head in layer]
            found[f"blocks.{k}.attn.{name}"] = torch.stack(each)
    return found


def close(exact: Any, floats: torch.Tensor) -> bool:
    return torch.allclose(tensor(exact), floats, rtol=1e-10, atol=1e-10)


# -- as TransformerLens has it ---------------------------------------------------------------------


def is_bridge() -> bool:
    return int(version("transformer-lens").partition(".")[0]) >= 4


def of_lens(model: AttentionOnly, weights: Weights) -> Any:
    """A model of this shape in TransformerLens: no LayerNorm, biases of 0."""
    pytest.importorskip("transformer_lens", reason=WITHOUT)
    heads = model.layers[0] if model.layers else ()
    settings = {
        "n_layers": len(model.layers),
        "n_heads": len(heads) or 1,
        "d_head": heads[0].d_head if heads else model.d_model,
        "d_model": model.d_model,
        "d_vocab": model.d_vocab,
        "n_ctx": len(model.W_pos or ()),
        "attn_only": True,
        "normalization_type": None,
        "act_fn": "relu",
        "init_weights": False,
        "dtype": torch.float64,
    }
    if is_bridge():
        from transformer_lens.model_bridge import TransformerBridge

        made, given = TransformerBridge.boot_native(settings), side_by_side(weights)
        made = made.to(torch.float64)
    else:
        from transformer_lens import HookedTransformer

        with warnings.catch_warnings(action="ignore"):  # that version 4 will not have it
            made, given = HookedTransformer(settings), weights
    held = made.state_dict()
    biases = {name: torch.zeros_like(held[name]) for name in held if ".b" in name}
    made.load_state_dict(held | biases | given)
    assert all(torch.equal(made.state_dict()[name], each) for name, each in given.items())
    return made


def side_by_side(weights: Weights) -> Weights:
    """The names and shapes of version 4: vectors as columns, heads below each other."""
    found = {
        "embed.weight": weights["embed.W_E"],
        "pos_embed.weight": weights["pos_embed.W_pos"],
        "unembed.weight": weights["unembed.W_U"].T,
    }
    for name, heads in weights.items():
        block, _, letter = name.rpartition("attn.W_")
        if letter in {"Q", "K", "V"}:
            found[f"{block}attn.{letter.lower()}.weight"] = torch.cat(list(heads.mT))
        elif letter == "O":
            found[f"{block}attn.o.weight"] = torch.cat(list(heads)).T
    return found


@pytest.mark.parametrize(("layers", "d_model", "d_head"), SHAPES, ids=str)
def test_every_pass_agrees_with_transformerlens(
    layers: tuple[int, ...], d_model: int, d_head: int
) -> None:
    model = case(layers, d_model, d_head)
    lens = of_lens(model, state(model))
    tokens = TOKENS if len(layers) < 2 else TOKENS[:3]
    run = run_circuit(model, tokens)
    logits, cache = lens.run_with_cache(torch.tensor([tokens]))
    assert close(run.logits, logits[0])
    for k, heads in enumerate(run.pattern):
        assert close(run.residual[k], cache[f"blocks.{k}.hook_resid_pre"][0])
        assert close(run.residual[k + 1], cache[f"blocks.{k}.hook_resid_post"][0])
        for h, pattern in enumerate(heads):
            assert close(pattern, cache[f"blocks.{k}.attn.hook_pattern"][0, h])


@pytest.mark.parametrize(("softmax", "factor"), [("exp", 1.0), ("base 2", math.log(2))])
def test_scores_in_other_units_are_another_w_q(softmax: str, factor: float) -> None:
    """Section 2: base 2 is the usual softmax with log 2 in W_QK; and √d_head is a factor too."""
    model = random_model(5, (2,), d_model=4, d_head=4, softmax=softmax)
    weights = state(model)
    weights["blocks.0.attn.W_Q"] *= factor * math.sqrt(4)
    run, lens = run_circuit(model, TOKENS), of_lens(model, weights)
    logits, cache = lens.run_with_cache(torch.tensor([TOKENS]))
    assert close(run.logits, logits[0])
    assert close(run.pattern[0][1], cache["blocks.0.attn.hook_pattern"][0, 1])


# -- files -----------------------------------------------------------------------------------------


def logits_of(weights: Weights, shell: Shell, folder: Path) -> torch.Tensor:
    """What ``handcalc circuit`` says of a file of these weights."""
    file = folder / "model.safetensors"
    save_file({name: each.detach().contiguous() for name, each in weights.items()}, file)
    words = " ".join("abc"[k] for k in TOKENS)
    found = shell("circuit", f"--file={file}", f"--tokens={words}", "--json").json()
    rows = [[floating(cell) for cell in row] for row in found["logits"]]
    return torch.tensor(rows, dtype=torch.float64)


def floating(cell: Any) -> float:
    """A number as JSON has it."""
    return float(cell["value"] if isinstance(cell, dict) else handcalc.parse_scalar(cell))


@pytest.mark.parametrize("layers", [(), (2,), (1, 1)], ids=str)
def test_a_file_of_weights_is_the_model(
    layers: tuple[int, ...], shell: Shell, tmp_path: Path
) -> None:
    model = case(layers)
    found = logits_of(state(model), shell, tmp_path)
    assert torch.allclose(found, twin(model, TOKENS)["logits"], rtol=1e-10, atol=1e-10)


def test_a_state_that_transformerlens_saves_is_read(shell: Shell, tmp_path: Path) -> None:
    model = case((2,))
    lens = of_lens(model, state(model))
    saved = dict(lens.state_dict())
    if is_bridge():  # whose names do not say where a head ends
        saved = {"embed.W_E": lens.W_E, "pos_embed.W_pos": lens.W_pos, "unembed.W_U": lens.W_U}
        for name in ("W_Q", "W_K", "W_V", "W_O"):
            saved |= {f"blocks.{k}.attn.{name}": W for k, W in enumerate(getattr(lens, name))}
    found = logits_of(saved, shell, tmp_path)
    assert torch.allclose(found, lens(torch.tensor([TOKENS]))[0], rtol=1e-10, atol=1e-10)

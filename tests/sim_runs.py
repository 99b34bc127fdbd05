"""Made-up runs, for what is done with runs: specifications of all kinds, and tensors of chance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from hypothesis import strategies as st
from torch import Tensor

from handcalc import strategies
from handcalc.errors import InputError
from handcalc.superposition.loss.distribution import Anticorrelated, OneActive, SparseUniform
from torchsim.run import History, Trained, TrainingRun
from torchsim.specification import ModelSpec, TrainingSpec

SPEC = TrainingSpec(
    (
        ModelSpec.of(3, 2, "1/2 0 sqrt(2)/2", "1 1/2 1/4", seed=7),
        ModelSpec.of(2, 1, distribution=OneActive(2), activation="linear"),
        ModelSpec.of(3, 1, distribution=Anticorrelated([(3, 1)], "0.9")),
    ),
    restarts=4,
)
OTHER = TrainingSpec(SPEC.models[::-1], restarts=4)


def made_up(spec: TrainingSpec = SPEC, *, seed: int = 0, known: bool = True) -> TrainingRun:
    """A run of this specification that nobody trained; ``known`` is whether losses are exact."""
    chance = torch.Generator().manual_seed(seed)

    def drawn(*shape: int) -> Tensor:
        return torch.rand(shape, generator=chance, dtype=getattr(torch, spec.dtype))

    def one(model: ModelSpec) -> Trained:
        r, n, m = spec.restarts, model.features, model.hidden
        history = History((0, 10, 25), drawn(r, 3).mT)  # not contiguous
        exact = drawn(r).double() if known else None
        return Trained(model, drawn(r, n, m), drawn(r, n), exact, drawn(r), drawn(r), history)

    return TrainingRun(spec, tuple(map(one, spec.models)), 12.5, "a made-up device")


def tensors_of(run: TrainingRun) -> list[tuple[str, Tensor | None]]:
    """Every tensor of a run, with what it is."""
    return [
        (f"{i} {name}", tensor)
        for i, each in enumerate(run.trained)
        for name, tensor in (
            ("W", each.W),
            ("b", each.b),
            ("exact", each.exact_loss),
            ("sampled", each.sampled_loss),
            ("error", each.standard_error),
            ("history", each.history.losses),
        )
    ]


def same_tensor(first: Tensor | None, second: Tensor | None) -> bool:
    """Equal in kind, shape and every bit, or both None."""
    if first is None or second is None:
        return first is second
    return (
        first.dtype == second.dtype
        and first.shape == second.shape
        and first.contiguous().numpy().tobytes() == second.contiguous().numpy().tobytes()
    )


def differences(first: TrainingRun, second: TrainingRun) -> list[str]:
    """What differs between the results of two runs in any bit, by name; their times may differ."""
    found = [] if first.spec == second.spec else ["the specification"]
    pairs = zip(tensors_of(first), tensors_of(second), strict=True)
    found += [a[0] for a, b in pairs if a[0] != b[0] or not same_tensor(a[1], b[1])]
    both = enumerate(zip(first.trained, second.trained, strict=True))
    return found + [f"{i} steps" for i, (a, b) in both if a.history.steps != b.history.steps]


def same_result(first: TrainingRun, second: TrainingRun) -> bool:
    """Whether two runs came to the same, bit for bit."""
    return not differences(first, second)


def refusal(call: Callable[[], object]) -> InputError | None:
    """The InputError that a call ends with, or None where it does not; any other error passes."""
    try:
        call()
    except InputError as error:
        return error
    return None


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of a folder, less its lock, with what they hold."""
    if not folder.exists():
        return {}
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.lock"}


@st.composite
def specs(draw: st.DrawFn) -> TrainingSpec:
    """Specifications with all kinds of distributions and exact numbers."""
    models = tuple(draw(st.lists(_models(), min_size=1, max_size=3)))
    return TrainingSpec(
        models,
        trainer=draw(st.sampled_from(("sampled", "exact"))),
        restarts=draw(st.integers(1, 100)),
        steps=draw(st.integers(1, 10**6)),
        batch=draw(st.integers(1, 10**4)),
        optimiser=draw(st.sampled_from(("adam", "adamw"))),
        rate=draw(st.one_of(st.floats(1e-9, 10), st.just(1))),
        schedule=draw(st.sampled_from(("constant", "linear", "cosine"))),
        decay=draw(st.one_of(st.floats(1e-9, 10), st.just(0))),
        device=draw(st.sampled_from(("cpu", "cuda"))),
        dtype=draw(st.sampled_from(("float32", "float64"))),
    )


@st.composite
def _models(draw: st.DrawFn) -> ModelSpec:
    n = draw(st.integers(1, 4))
    irrational = st.builds(SparseUniform, st.tuples(*[strategies.numbers(0, 1)] * n))
    return ModelSpec.of(
        n,
        draw(st.integers(1, 3)),
        importance=draw(st.tuples(*[strategies.numbers(0, 2)] * n)),
        distribution=draw(st.one_of(strategies.distributions(n), irrational)),
        activation=draw(st.sampled_from(("relu", "linear"))),
        seed=draw(st.integers(0, 2**32 - 1)),
    )

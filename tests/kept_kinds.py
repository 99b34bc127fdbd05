"""What holds of the kept runs of every kind with one trainer, and is asked of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import strategies as st

import torchsim
from handcalc import Anticorrelated, Correlated, InputError, OneActive
from tests.damaged_runs import same_result, save_with_other_tensors
from torchsim.kinds import OneTrainerRun, OneTrainerSpec
from torchsim.storage.specifications import spec_digest, spec_from_data, spec_to_data


def goes_on(run: OneTrainerRun, folder: Path, stopped: int) -> None:
    """A run of six steps a model, stopped after some, comes to the same."""
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > stopped

    spec = run.spec
    with pytest.raises(KeyboardInterrupt, match=f"stopped after {stopped % 6} of 6 steps"):
        torchsim.train(spec, keep=folder, should_stop=should_stop)
    assert (folder / "checkpoint.safetensors").exists()
    assert same_result(torchsim.train(spec, keep=folder), run)
    assert not (folder / "checkpoint.safetensors").exists()
    again: Any = torchsim.load(folder)
    assert same_result(torchsim.train(spec, keep=folder), again)


def refuses_others(run: OneTrainerRun, folder: Path, other: OneTrainerSpec, called: str) -> None:
    """The folder of a run takes neither another run, nor one of another kind, nor a merge."""
    for spec in (replace(run.spec, restarts=3), other):
        with pytest.raises(InputError, match="holds another run") as caught:
            torchsim.train(spec, keep=folder)
        assert caught.value.code == "other_run"
    with pytest.raises(InputError, match=f"has {called}, and a sweep has toy models"):
        torchsim.merge([folder])


def survives_its_data(spec: OneTrainerSpec) -> None:
    again = spec_from_data(json.loads(json.dumps(spec_to_data(spec))))
    assert again == spec
    assert spec_digest(again) == spec_digest(spec)


def is_read_carefully(spec: OneTrainerSpec, change: Callable[[Any], object], said: str) -> None:
    """A specification of which the first model is changed in the file is refused, with a reason."""
    data: Any = json.loads(json.dumps(spec_to_data(spec)))
    change(data["models"][0])
    with pytest.raises(InputError, match=said) as caught:
        spec_from_data(data, "spec.json")
    assert caught.value.code == "run_file"


def refuses_tensors(
    run: OneTrainerRun,
    folder: Path,
    change: Callable[[dict[str, torch.Tensor]], object],
    said: str,
) -> None:
    """A run whose tensors are changed, and sealed as if they were its own, is refused."""
    save_with_other_tensors(run, folder, change)
    with pytest.raises(InputError, match=said) as caught:
        torchsim.load(folder)
    assert caught.value.code == "damaged"


def some_inputs(draw: st.DrawFn, n: int, rarest: Fraction | int = 1) -> dict[str, Any]:
    """What says which inputs are drawn: an S for each of n features, or another distribution."""
    sparsity = st.fractions(0, rarest, max_denominator=20)
    if not draw(st.booleans()):
        return {"sparsity": [draw(sparsity) for _ in range(n)]}
    kinds = (
        st.just(OneActive(n)),
        st.builds(lambda S: Correlated([(1, n)], S), sparsity),
        st.builds(lambda S: Anticorrelated([(1, n)], S), sparsity),
    )
    return {"distribution": draw(st.one_of(kinds))}

"""The fused kernel on a GPU, without one: interpreted beside the plain kernel, and compiled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from handcalc import InputError
from tests.guarded import ROOT
from torchsim import ModelSpec, TrainingSpec
from torchsim.training import devices
from torchsim.training.sampled import descent_of

pytestmark = pytest.mark.skipif(
    find_spec("triton") is None, reason="there is no Triton for this system"
)


def run(*arguments: str, interpret: str = "0") -> str:
    """What a program of the tests prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"TRITON_INTERPRET": interpret},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def differences(*names: str) -> dict[str, float]:
    """How far the specifications of these names are from the plain kernel."""
    found: dict[str, float] = json.loads(run("tests.triton_steps", *names, interpret="1"))
    return found


def test_interpreted_it_takes_the_steps_of_the_plain_kernel() -> None:
    found = differences("mixed", "wide", "one", "together")
    assert found.pop("together") <= 1e-10
    assert max(found.values()) <= 1e-4


@pytest.mark.slow
def test_sixty_four_models_take_a_hundred_steps() -> None:
    """Some minutes: each step of each model is interpreted."""
    assert differences("longer")["longer"] <= 1e-4


@pytest.mark.parametrize(
    "asked",
    [
        "fp32 5 2 0 90",
        pytest.param("fp64 4 2 2 80", marks=pytest.mark.slow),
        pytest.param("fp32 32 16 0 90", marks=pytest.mark.slow),
    ],
)
def test_it_compiles_for_a_gpu(asked: str) -> None:
    """To machine code of NVIDIA's; nothing runs."""
    assert int(run("tests.triton_compile", *asked.split())) > 1000


def test_what_a_gpu_cannot_hold_is_refused() -> None:
    small, wide = ModelSpec.of(32, 16, "0"), ModelSpec.of(33, 2, "0")
    assert TrainingSpec((small,), "sampled", device="cuda", kernel="fused").kernel == "fused"
    with pytest.raises(InputError, match=r"to 32 features in 16 .*, not 33 in 2") as caught:
        TrainingSpec((wide,), "sampled", device="cuda", kernel="fused")
    assert caught.value.suggestion == 'kernel="plain"'


def test_without_triton_it_says_what_to_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "find_spec", lambda _: None)
    spec = TrainingSpec((ModelSpec.of(2, 1, "0"),), "sampled", device="cuda", kernel="fused")
    with pytest.raises(InputError, match="not installed here; take the plain kernel") as caught:
        descent_of(spec, (0,))
    assert (caught.value.code, caught.value.suggestion) == ("missing", 'kernel="plain"')

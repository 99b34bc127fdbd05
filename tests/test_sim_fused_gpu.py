"""The fused kernel on a GPU, without one: interpreted beside the plain kernel, and compiled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from handcalc import InputError
from tests.guarded import ROOT
from torchsim import ModelSpec, TrainingSpec
from torchsim.training import devices
from torchsim.training.sampled import descent_of

triton = pytest.importorskip("triton", reason="there is no Triton for this system")


def differences(*names: str) -> dict[str, float]:
    """How far the specifications of these names are from the plain kernel."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.triton_steps", *names],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"TRITON_INTERPRET": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, float] = json.loads(done.stdout)
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
    ("real", "n", "m", "most", "capability"),
    [
        ("fp32", 5, 2, 0, 90),
        pytest.param("fp64", 4, 2, 2, 80, marks=pytest.mark.slow),
        pytest.param("fp32", 32, 16, 0, 90, marks=pytest.mark.slow),
    ],
)
def test_it_compiles_for_a_gpu(real: str, n: int, m: int, most: int, capability: int) -> None:
    """To machine code of NVIDIA's, by the compiler that comes with Triton; nothing runs."""
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    from torchsim.training.fused.on_gpu import tiles
    from torchsim.training.fused.program import advance

    constants: dict[str, Any] = {**tiles(n, m), "most": most}
    reals = ("values", "first", "second", "lengths", "parts", "importance", "floors")
    words = ("thresholds", "low", "width", "source", "intervals")
    types = (
        dict.fromkeys(reals, f"*{real}")
        | dict.fromkeys(words, "*i32")
        | {"total": "*fp64", "sound": "*i64", "seeds": "*i64"}
        | dict.fromkeys(("restarts", "step", "count", "batch"), "i32")
        | dict.fromkeys(constants, "constexpr")
    )
    signature = {name: types[name] for name in advance.arg_names}
    source = ASTSource(fn=advance, signature=signature, constexprs=constants)
    options = {"enable_fp_fusion": True}
    done = triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options)
    assert len(done.asm["cubin"]) > 1000


def test_what_a_gpu_cannot_hold_is_refused() -> None:
    small, wide = ModelSpec.of(32, 16, "0"), ModelSpec.of(33, 2, "0")
    assert TrainingSpec((small,), "sampled", device="cuda", kernel="fused").kernel == "fused"
    with pytest.raises(InputError, match="up to 32 features in 16 dimensions, not 33 in 2"):
        TrainingSpec((wide,), "sampled", device="cuda", kernel="fused")


def test_without_triton_it_says_what_to_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "find_spec", lambda _: None)
    spec = TrainingSpec((ModelSpec.of(2, 1, "0"),), "sampled", device="cuda", kernel="fused")
    with pytest.raises(InputError, match="not installed here; take the plain kernel") as caught:
        descent_of(spec, (0,))
    assert (caught.value.code, caught.value.suggestion) == ("missing", "--kernel plain")

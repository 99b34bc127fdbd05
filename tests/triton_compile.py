"""Compiles the fused kernel for a GPU that need not be there: prints the size of the machine code.

``python -m tests.triton_compile REAL N M MOST CAPABILITY``, such as ``fp32 5 2 0 90``. A program of
its own, as Triton's compiler complains at the end of the process that has loaded it.
"""

from __future__ import annotations

import sys
from typing import Any

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from torchsim.training.fused.on_gpu import tiles
from torchsim.training.fused.program import advance


def machine_code(real: str, n: int, m: int, most: int, capability: int) -> bytes:
    """By the compiler of NVIDIA's that comes with Triton."""
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
    found: bytes = done.asm["cubin"]
    return found


if __name__ == "__main__":
    print(len(machine_code(sys.argv[1], *map(int, sys.argv[2:]))))

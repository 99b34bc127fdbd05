"""The paper's recipe for toy models as a lean JAX program: one jitted scan over the steps.

Written anew from Elhage et al. 2022, "Toy Models of Superposition": batches of 1024, AdamW at a
constant rate. All models are in one tensor, one random number an input, W Wᵀ before it meets x
unless W is wide, and the loop over steps never leaves the compiled program.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

WIDE = 4  # above so many features a dimension, going through h costs less than W Wᵀ does


def stepper(
    hidden: int, probability: np.ndarray, importance: np.ndarray, batch: int, block: int
) -> Callable[[], None]:
    """Takes ``block`` steps each time it is called, and returns when they are done."""
    p, weight = (jnp.asarray(side, jnp.float32)[:, :, None] for side in (probability, importance))
    instances, n = probability.shape
    key = jax.random.PRNGKey(0)
    W = jax.random.normal(key, (instances, n, hidden)) * (2 / (n + hidden)) ** 0.5
    weights = {"W": W, "b": jnp.zeros((instances, n, 1))}
    zeros = jax.tree.map(jnp.zeros_like, weights)

    def loss(now: dict[str, jax.Array], x: jax.Array) -> jax.Array:
        W, down = now["W"], jnp.swapaxes(now["W"], 1, 2)
        z = W @ (down @ x) if n > WIDE * hidden else (W @ down) @ x
        return (weight * (x - jax.nn.relu(z + now["b"])) ** 2).mean((1, 2)).sum()

    def step(state: Any, _: None) -> tuple[Any, None]:
        now, first, second, count, key = state
        key, own = jax.random.split(key)
        u = jax.random.uniform(own, (instances, n, batch))
        slopes = jax.grad(loss)(now, jnp.where(u < p, u / p, 0.0))
        count += 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slopes)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slopes)
        rate = 1e-3 / (1 - 0.9**count)
        spread = jnp.sqrt(1 - 0.999**count)
        now = jax.tree.map(
            lambda w, m, v: w * (1 - 1e-5) - rate * m / (jnp.sqrt(v) / spread + 1e-8),
            now,
            first,
            second,
        )
        return (now, first, second, count, key), None

    run = jax.jit(lambda state: jax.lax.scan(step, state, None, length=block)[0])
    state = (weights, zeros, zeros, jnp.zeros(()), key)

    def advance() -> None:
        nonlocal state
        state = jax.block_until_ready(run(state))

    return advance

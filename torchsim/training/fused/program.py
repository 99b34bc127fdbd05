"""What a GPU does in the fused kernel: a Triton program for one instance, in tiles of samples.

Each tile is (N, M, S): features, dimensions, samples, the first two filled up with zeros to powers
of two. Source of the gradient: ``torchsim.training.losses``; of the numbers: ``torchsim.sampling``.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def advance(
    values,
    first,
    second,
    total,
    sound,
    lengths,
    thresholds,
    low,
    width,
    parts,
    source,
    intervals,
    importance,
    floors,
    seeds,
    restarts,
    step,
    count,
    batch,
    n: tl.constexpr,
    m: tl.constexpr,
    N: tl.constexpr,
    M: tl.constexpr,
    S: tl.constexpr,
    most: tl.constexpr,
):
    """``count`` steps of one instance, counted model by model, restarts inside."""
    instance = tl.program_id(0)
    model = instance // restarts
    i, j = tl.arange(0, N), tl.arange(0, M)
    real = values.dtype.element_ty
    of_W = instance * n * (m + 1) + i[:, None] * (m + 1) + j[None, :]
    of_b = instance * n * (m + 1) + i * (m + 1) + m
    in_b = i < n
    in_W = in_b[:, None] & (j < m)[None, :]
    W, b = tl.load(values + of_W, in_W, 0), tl.load(values + of_b, in_b, 0)
    first_W, first_b = tl.load(first + of_W, in_W, 0), tl.load(first + of_b, in_b, 0)
    second_W, second_b = tl.load(second + of_W, in_W, 0), tl.load(second + of_b, in_b, 0)
    weight = tl.load(importance + model * n + i, in_b, 0)
    floor = tl.load(floors + model)
    k0 = tl.load(seeds + model).to(tl.uint32)
    k1 = (instance % restarts).to(tl.uint32)
    lost, fine = tl.load(total + instance), tl.load(sound + instance)
    for t in range(count):
        by_W = tl.zeros((N, M, S), real)
        by_b, squares = tl.zeros((N, S), real), tl.zeros((N, S), real)
        for start in range(0, (batch + 3) // 4, S):
            q = start + tl.arange(0, S)
            c0 = tl.zeros((N, S), tl.uint32) + q.to(tl.uint32)[None, :]
            c1 = tl.zeros((N, S), tl.uint32) + (step + t).to(tl.uint32)
            r0, r1, r2, r3 = _numbers(c0, c1, i, k0, k1)
            if most:
                row = tl.load(source + i, in_b, 0)
                d0, d1, d2, d3 = _numbers(c0, c1, row, k0, k1)
            else:
                d0, d1, d2, d3 = r0, r1, r2, r3
            for lane in tl.static_range(4):
                r = r0 if lane == 0 else (r1 if lane == 1 else (r2 if lane == 2 else r3))
                d = d0 if lane == 0 else (d1 if lane == 1 else (d2 if lane == 2 else d3))
                x = _values(r, model * n + i, in_b, thresholds, parts, real)
                if most:
                    x = tl.where(_chosen(d, model * n + i, in_b, intervals, low, width, most), x, 0)
                there = in_b[:, None] & (4 * q + lane < batch)[None, :]
                more_squares, D, more_by_W = _there_and_back(W, b, x, there, weight, floor)
                squares += more_squares
                by_b += D
                by_W += more_by_W
        scale = tl.full((), 2, real) / batch / n  # in double precision where the rest is
        shrunk = tl.load(lengths + 3 * t)
        far, spread = tl.load(lengths + 3 * t + 1), tl.load(lengths + 3 * t + 2)
        W, first_W, second_W = _moved(
            W, first_W, second_W, tl.sum(by_W, 2) * scale, shrunk, far, spread
        )
        b, first_b, second_b = _moved(
            b, first_b, second_b, tl.sum(by_b, 1) * scale, shrunk, far, spread
        )
        lost += tl.sum(tl.sum(squares, 1) * weight, 0).to(tl.float64) / batch
        seen = lost + tl.sum(tl.sum(second_W, 1), 0) + tl.sum(second_b, 0)
        fine += tl.where(tl.abs(seen) < float("inf"), 1, 0)  # no for NaN, too
    tl.store(values + of_W, W, in_W)
    tl.store(values + of_b, b, in_b)
    tl.store(first + of_W, first_W, in_W)
    tl.store(first + of_b, first_b, in_b)
    tl.store(second + of_W, second_W, in_W)
    tl.store(second + of_b, second_b, in_b)
    tl.store(total + instance, lost)
    tl.store(sound + instance, fine)


@triton.jit
def _there_and_back(W, b, x, there, weight, floor):
    """Squares of errors, D, and D hᵀ + x (WᵀD)ᵀ, where samples are ``there``, not yet summed."""
    h = tl.sum(W[:, :, None] * x[:, None, :], 0)
    z = tl.sum(W[:, :, None] * h[None, :, :], 1) + b[:, None]
    error = tl.where(there, tl.where(z <= floor, floor, z) - x, 0)
    D = tl.where(z <= floor, 0, error) * weight[:, None]
    back = tl.sum(W[:, :, None] * D[:, None, :], 0)
    return error * error, D, D[:, None, :] * h[None, :, :] + x[:, None, :] * back[None, :, :]


@triton.jit
def _numbers(c0, c1, row, k0, k1):
    """Four numbers of 32 bits for each row and block: lanes of Philox4x32-10."""
    c2 = tl.zeros_like(c0) + row.to(tl.uint32)[:, None]
    return tl.philox_impl(c0, c1, c2, tl.zeros_like(c0), k0, k1, 10)


@triton.jit
def _values(r, at, inside, thresholds, parts, real: tl.constexpr):
    """x = (r − threshold + 1/2)/T, sum and quotient rounded once, 0 below the threshold."""
    threshold = tl.load(thresholds + at, inside, 0).to(tl.uint32, bitcast=True)[:, None]
    T = tl.load(parts + at, inside, 0)[:, None]
    d = r - threshold
    above = (d >> 16).to(real) * 65536 + ((d & 0xFFFF).to(real) + 0.5)
    if real == tl.float32:
        quotient = tl.div_rn(above, tl.where(T > 0, T, 1))
    else:
        quotient = above / tl.where(T > 0, T, 1)
    return tl.where((r >= threshold) & (T > 0), quotient, 0)


@triton.jit
def _chosen(d, at, inside, intervals, low, width, most: tl.constexpr):
    """Whether the number that each feature depends on is in one of its intervals."""
    many = tl.load(intervals + at, inside, 0)[:, None]
    found = many < 0
    for k in tl.static_range(most):
        start = tl.load(low + at * most + k, inside, 0).to(tl.uint32, bitcast=True)[:, None]
        size = tl.load(width + at * most + k, inside, 0).to(tl.uint32, bitcast=True)[:, None]
        found = found | ((k < many) & (d - start <= size))
    return found


@triton.jit
def _moved(weights, first, second, slope, shrunk, far, spread):
    """Adam's step, as ``torch.optim`` takes it."""
    first += (1 - 0.9) * (slope - first)
    second = 0.999 * second + (1 - 0.999) * slope * slope
    return weights * shrunk - far * (first / (tl.sqrt(second) / spread + 1e-8)), first, second

"""BFGS for many starts at once, in lock-step: one evaluation of every model still under way a tick.

Each start has a step length of its own, found by bisection to the weak Wolfe conditions, which also
suit a loss with kinks (Lewis, Overton 2013, "Nonsmooth optimization via quasi-Newton methods").
Where the loss changes by rounding only, its slope decides (Hager, Zhang 2005, the approximate Wolfe
conditions). What is done makes room for the next start, so a tick is always worth its overhead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Bits: TypeAlias = NDArray[np.bool_]
Value: TypeAlias = Callable[[Floats, Integers], tuple[Floats, Floats]]
"""The loss (models,) and gradient (models, d) at points (models, d) of some of the starts."""

_FLAT = 1e-12  # a gradient this short is none
_ENOUGH = 1e-4  # the part of the decrease promised by the slope that a step must bring
_CURVED = 0.9  # the part of the slope that may be left after a step
_FAR = 10.0  # no step is much longer
_ROUNDING = 1e-14  # a change of the loss that is none
_STILL = 1e-16  # a step this short leads nowhere
_TRIES = 40  # evaluations for one step
_TICKS = 2000  # evaluations for one start
_ROOM = 1 << 18  # numbers in all the inverse Hessians at once


@dataclass(frozen=True, slots=True)
class Reached:
    """Where the starts went: points ``X`` (starts, d), losses ``F`` and gradients ``G`` there."""

    X: Floats
    F: Floats
    G: Floats

    def lowered(self, rows: Integers, others: Reached) -> Integers:
        """Put others in the places of some rows where they are no higher; which rows those are."""
        lower = self.F[rows] + _ROUNDING >= others.F
        places = rows[lower]
        self.X[places], self.F[places] = others.X[lower], others.F[lower]
        self.G[places] = others.G[lower]
        return places


@dataclass(slots=True)
class _Models:
    """The models under way: the point, the line on which its next one is sought, and its past.

    ``which`` start it is; ``X``, ``F``, ``G`` and ``H``, the inverse Hessian, of shape (d, d) each;
    the direction ``P``, the ``slope`` G·P, the step ``t`` to try, between ``low`` and ``high``;
    ``tries`` on this line and ``ticks`` since the start. ``plain`` while H is the identity.
    """

    which: Integers
    X: Floats
    F: Floats
    G: Floats
    H: Floats
    P: Floats
    slope: Floats
    t: Floats
    low: Floats
    high: Floats
    tries: Integers
    ticks: Integers
    plain: Bits

    @classmethod
    def at(cls, which: Integers, X: Floats, F: Floats, G: Floats) -> _Models:
        """Models at their starts, about to go straight down."""
        count, d = X.shape
        models = cls(
            which=which, X=X, F=F, G=G,
            H=np.zeros((count, d, d)), P=np.zeros((count, d)),
            slope=np.zeros(count), t=np.zeros(count), low=np.zeros(count), high=np.zeros(count),
            tries=np.zeros(count, np.int64), ticks=np.zeros(count, np.int64),
            plain=np.ones(count, np.bool_),
        )  # fmt: skip
        models.forget(np.arange(count))
        return models

    def only(self, kept: Bits) -> _Models:
        """Some of the models."""
        return _Models(*(getattr(self, field.name)[kept] for field in fields(self)))

    def with_more(self, others: _Models) -> _Models:
        """These models and others."""
        pairs = ((getattr(self, f.name), getattr(others, f.name)) for f in fields(self))
        return _Models(*(np.concatenate(pair) for pair in pairs))

    def forget(self, rows: Integers) -> None:
        """Set out anew from the same points, straight down."""
        self.H[rows] = np.eye(self.X.shape[1])
        self.plain[rows] = True
        self.aim(rows)

    def aim(self, rows: Integers) -> None:
        """Choose the directions −HG, made shorter where they are long, straight down even more."""
        H, G = self.H[rows], self.G[rows]
        P = -(H @ G[:, :, None])[:, :, 0]
        P *= np.minimum(1, np.where(self.plain[rows], 1, _FAR) / _lengths(P))[:, None]
        self.P[rows], self.slope[rows] = P, np.sum(P * G, axis=1)
        self.t[rows], self.low[rows], self.high[rows], self.tries[rows] = 1, 0, np.inf, 0


def minimise(value: Value, starts: Floats, on_done: Callable[[int], None]) -> Reached:
    """From each start down to where the gradient vanishes or no step leads further down.

    ``starts`` has shape (starts, d); ``value(X, which)`` gives losses and gradients of models that
    came from the starts ``which``; ``on_done`` hears how many have arrived since it last did.

    >>> import numpy as np
    >>> bowl = lambda X, which: (np.sum(X * X, axis=1) * (1 + which), 2 * X * (1 + which)[:, None])
    >>> reached = minimise(bowl, np.asarray([[1.0, 2.0], [-3.0, 0.5]]), lambda count: None)
    >>> bool(np.max(np.abs(reached.X)) < 1e-12)
    True
    """
    count, d = starts.shape
    room = max(8, _ROOM // (d * d))
    reached = Reached(np.empty((count, d)), np.empty(count), np.empty((count, d)))
    models, entered = _entering(value, starts, 0, room), min(room, count)
    while models.which.size:
        # done are those without a gradient, and those that got no further even straight down
        stuck = models.plain & (models.tries >= _TRIES)
        done = (_lengths(models.G) <= _FLAT) | stuck | (models.ticks >= _TICKS)
        if done.any():
            ended = models.only(done)
            reached.X[ended.which], reached.F[ended.which] = ended.X, ended.F
            reached.G[ended.which] = ended.G
            on_done(int(done.sum()))
            models = models.only(~done)
            more = _entering(value, starts, entered, room - models.which.size)
            entered += more.which.size
            models = models.with_more(more)
        else:
            _tick(models, value)
    return reached


def _entering(value: Value, starts: Floats, first: int, room: int) -> _Models:
    X = starts[first : first + room].copy()
    which = np.arange(first, first + X.shape[0])
    F, G = value(X, which) if X.size else (np.zeros(0), X)
    return _Models.at(which, X, F, G)


def _tick(models: _Models, value: Value) -> None:
    """Try the next step of every model, and take it, shorten it or lengthen it."""
    X = models.X + models.t[:, None] * models.P  # (models, d)
    F, G = value(X, models.which)
    slope = np.sum(G * models.P, axis=1)
    models.tries += 1
    models.ticks += 1
    # Weak Wolfe conditions (Lewis, Overton 2013): the loss falls in proportion to the step, and the
    # slope along it has come up. Near a minimum the fall drowns in rounding, long before the slope
    # does: there the slope decides, (2δ − 1)·slope ≥ the new one (Hager, Zhang 2005).
    enough = models.F + _ENOUGH * models.t * models.slope >= F
    unseen = models.F + _ROUNDING >= F
    lower = enough | (unseen & (slope <= (2 * _ENOUGH - 1) * models.slope))
    far = models.t * _lengths(models.P) >= _FAR
    taken = lower & (far | (slope >= _CURVED * models.slope))
    last = ~taken & (models.tries >= _TRIES)
    taken |= last & (F < models.F)  # at a kink the slope never comes near to 0
    # What is too long bounds the step from above, what is too short from below. Until there is an
    # upper bound the step doubles; then the interval is halved (the line search of Lewis, Overton).
    models.high = np.where(lower, models.high, models.t)
    models.low = np.where(lower, models.t, models.low)
    open_ended = np.isinf(models.high)
    models.t = (models.low + np.where(open_ended, 3 * models.low, models.high)) / 2
    rows = np.flatnonzero(taken)
    _advance(models, rows, X[rows], F[rows], G[rows])
    models.forget(np.flatnonzero(last & ~taken & ~models.plain))


def _advance(models: _Models, rows: Integers, X: Floats, F: Floats, G: Floats) -> None:
    """Move to the new points and learn the curvature on the way."""
    step, change = X - models.X[rows], G - models.G[rows]  # (rows, d)
    models.X[rows], models.F[rows], models.G[rows] = X, F, G
    along = np.sum(step * change, axis=1)
    bent = along > _STILL**2
    _learn(models, rows[bent], step[bent], change[bent], along[bent])
    models.ticks[rows[_lengths(step) <= _STILL]] = _TICKS
    models.aim(rows)
    uphill = rows[models.slope[rows] >= 0]
    if uphill.size:
        models.forget(uphill)


def _lengths(vectors: Floats) -> Floats:
    """The lengths of vectors of shape (models, d), at least 1e-150."""
    lengths: Floats = np.sqrt(np.maximum(np.sum(vectors * vectors, axis=1), 1e-300))
    return lengths


def _learn(models: _Models, rows: Integers, step: Floats, change: Floats, along: Floats) -> None:
    """The BFGS update of H; the first H is not scaled before it, as the units are good ones."""
    # With s the step, y the change of the gradient and ρ = 1/s·y, the update
    #     H + (1 + ρ y·Hy) ρ ssᵀ − ρ (s(Hy)ᵀ + (Hy)sᵀ)
    # is M + Mᵀ for the outer product M of s with ((1 + ρ y·Hy)ρ s/2 − ρ Hy): one product a model,
    # and H stays symmetric to the last digit (Nocedal, Wright 2006, formula 6.17).
    H = models.H[rows]
    turned = (H @ change[:, :, None])[:, :, 0]  # (rows, d)
    more = (1 + np.sum(change * turned, axis=1) / along) / along
    half = (more / 2)[:, None] * step - turned / along[:, None]
    update = step[:, :, None] * half[:, None, :]
    H += update
    H += np.swapaxes(update, 1, 2)
    models.H[rows] = H
    models.plain[rows] = False


def hold_on_to_memory() -> None:
    """Have the C library keep what is freed, for the next temporary array.

    Once a block so large has been freed, glibc no longer gives smaller ones back to the system, to
    get them again cleared: that took a third of the time. Elsewhere nothing changes.
    """
    np.empty((32 << 20) - (1 << 14), np.uint8)

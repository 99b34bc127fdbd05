"""Square roots upon square roots, on the ground of a ``CosineField``: raw arithmetic and proofs.

The field K_k = K_{k−1}(r_k) with r_k = √d_k holds the numbers u + v·r_k, with u and v in K_{k−1};
K_0 is the ground. A root is adjoined only after a proof that the field does not hold it already,
so every number is written in one way only: equality is comparison of coordinates, and a number
that is not zero has a sign that interval arithmetic must find. Nothing here guesses.

A raw number is one of K_0, or ``(k, u, v)`` for u + v·r_k with v ≠ 0 and u, v from below level k.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, lcm
from typing import Literal, TypeAlias, cast

import sympy
from flint import arb, ctx, fmpq, fmpq_poly, fmpz

from handcalc.errors import EngineError, InputError
from handcalc.numbers import cosine_field
from handcalc.numbers.cosine_field import CosineField, check_degree, lowered, raw_bits

Sign: TypeAlias = Literal[-1, 0, 1]
Raw: TypeAlias = "cosine_field.Raw | tuple[int, Raw, Raw]"
_ZERO, _HALF = fmpq(0), fmpq(1, 2)
_TERM_EFFORT = 25
_MAX_DOUBLINGS = 16
_BITS_AN_EFFORT = 60
_SHORT_BITS = 256
_SMALL_PRIMES = fmpz.primorial_ui(fmpz(1 << 15))  # the product of all below 2¹⁵


class Tower:
    """K_0(√d₁)…(√d_k), a field of degree at most 64 that grows by ``adjoined_root``.

    ``effort``, where given, bounds the work that may be spent, about its number of microseconds.
    Raw numbers stay valid as the tower grows. Errors: ``InputError`` with code
    ``too_complicated`` past the degree or the effort.

    >>> tower = Tower(CosineField(1))
    >>> root = tower.adjoined_root(fmpq(8))
    >>> tower.to_sympy(root), tower.to_sympy(tower.mul(root, root))
    (2*sqrt(2), 8)
    """

    def __init__(self, ground: CosineField, effort: int | None = None) -> None:
        self.ground = ground
        self._radicands: list[Raw] = []
        self._effort = effort
        self.effort_spent = 0

    @property
    def degree(self) -> int:
        """The degree of the field over ℚ."""
        return self.ground.degree << len(self._radicands)

    # -- growing ----------------------------------------------------------------------------

    def adjoined_root(self, a: Raw) -> Raw:
        """A square root of ``a`` ≥ 0 (of either sign), adjoined if the field does not hold it."""
        root = self._root_within(a, len(self._radicands))
        if root is not None:
            return root
        half = self._denesting(a)
        if isinstance(a, tuple) and half is not None:  # √(u + v·r) = x + v·r/(2x) with x = √half
            level, _, v = a
            x = self.adjoined_root(half)
            return self.add(x, self.mul((level, _ZERO, v), self.inverse(self.add(x, x))))
        scale, radicand = self._primitive(a)
        check_degree(2 * self.degree)
        self._radicands.append(radicand)
        return len(self._radicands) - 1, _ZERO, scale

    def _denesting(self, a: Raw) -> Raw | None:
        """(u + n)/2 with n² = u² − v²d, for a = u + v·√d whose root is a sum of simpler roots."""
        if not isinstance(a, tuple):
            return None
        # √(u + v√d) = √((u+n)/2) ± √((u−n)/2), so that √(3 + 2√2) is 1 + √2: that is simpler only
        # where the norm u² − v²d has its root n in the field below
        n = self._root_within(self._norm(a), a[0])
        if n is None:
            return None
        half = self.mul(_HALF, self.add(a[1], n if self.sign(n) > 0 else self.neg(n)))
        simpler = not isinstance(half, tuple) or self._denesting(half) is not None
        return half if simpler or self._root_within(half, len(self._radicands)) else None

    def _root_within(self, a: Raw, level: int) -> Raw | None:
        """A square root of ``a`` in the field of the first ``level`` roots, or None: a proof."""
        if a == _ZERO:
            return _ZERO
        if self.sign(a) < 0:
            return None
        if level == 0:
            ground = cast("cosine_field.Raw", a)
            self._spend(self.ground.root_effort(ground))
            return self.ground.root(ground)
        top = level - 1
        if not (isinstance(a, tuple) and a[0] == top):
            # a is from below: its root is y, or y·√d with y² = a/d, as (x + y√d)² has 2xy·√d in it
            root = self._root_within(a, top)
            if root is not None:
                return root
            rest = self._root_within(self.mul(a, self.inverse(self._radicands[top])), top)
            return None if rest is None else (top, _ZERO, rest)
        # (x + y√d)² = u + v√d for x² + y²d = u and 2xy = v, so that n = x² − y²d is a root of the
        # norm u² − v²d, x² = (u + n)/2 for one of its two signs, and y = v/2x
        _, u, v = a
        n = self._root_within(self._norm(a), top)
        for signed in () if n is None else (n, self.neg(n)):
            x = self._root_within(self.mul(_HALF, self.add(u, signed)), top)
            if x is not None and x != _ZERO:
                return top, x, self.mul(v, self.inverse(self.add(x, x)))
        return None

    def _primitive(self, a: Raw) -> tuple[fmpq, Raw]:
        """(s, d) with √a = s·√d, where d is written with integers, free of small squares."""
        shown = sympy.Add.make_args(self.to_sympy(a))
        parts = [term.as_coeff_Mul()[0] for term in shown]
        top = gcd(*(int(part.p) for part in parts))
        bottom = lcm(*(int(part.q) for part in parts))
        outside, inside = _square_factor(top * bottom)
        scale = fmpq(outside, bottom)
        return scale, self.mul(a, fmpq(inside * bottom, top))

    def _spend(self, effort: int) -> None:
        if self._effort is None:
            return
        self.effort_spent += effort
        if self.effort_spent > self._effort:
            raise InputError(
                "too_complicated",
                "These roots and cosines take too much exact work together. "
                "Use simpler numbers, or fewer of them.",
            )

    def _paid(self, result: cosine_field.Raw) -> cosine_field.Raw:
        """The result of one operation on the ground, paid for by its size."""
        if self._effort is not None:
            self._spend(len(result.coeffs()) if isinstance(result, fmpq_poly) else 1)
            self._spend(raw_bits(result) * self.ground.degree // _BITS_AN_EFFORT)
        return result

    # -- arithmetic -------------------------------------------------------------------------

    def add(self, a: Raw, b: Raw) -> Raw:
        """a + b."""
        if isinstance(a, fmpq) and isinstance(b, fmpq):
            return a + b if self._effort is None else self._paid(a + b)
        low, high = (a, b) if _level(a) <= _level(b) else (b, a)
        if not isinstance(high, tuple):
            return self._paid(lowered(cast("cosine_field.Raw", low) + high))
        if isinstance(low, tuple) and low[0] == high[0]:
            return _pair(high[0], self.add(low[1], high[1]), self.add(low[2], high[2]))
        return high[0], self.add(low, high[1]), high[2]

    def neg(self, a: Raw) -> Raw:
        """−a."""
        return (a[0], self.neg(a[1]), self.neg(a[2])) if isinstance(a, tuple) else -a

    def mul(self, a: Raw, b: Raw) -> Raw:
        """a · b."""
        if isinstance(a, fmpq) and isinstance(b, fmpq):
            return a * b if self._effort is None else self._paid(a * b)
        low, high = (a, b) if _level(a) <= _level(b) else (b, a)
        if low == _ZERO:  # u + 0·r would be a second way to write u
            return _ZERO
        if not isinstance(high, tuple):
            return self._paid(self.ground.product(cast("cosine_field.Raw", low), high))
        level, u, v = high
        if not (isinstance(low, tuple) and low[0] == level):
            return level, self.mul(low, u), self.mul(low, v)
        _, s, t = low
        inside = self.mul(self.mul(v, t), self._radicands[level])
        across = self.add(self.mul(u, t), self.mul(v, s))
        return _pair(level, self.add(self.mul(u, s), inside), across)

    def inverse(self, a: Raw) -> Raw:
        """1/a; ``ZeroDivisionError`` for zero."""
        if not isinstance(a, tuple):
            return self.ground.inverse(a)
        level, u, v = a
        inverse = self.inverse(self._norm(a))
        return _pair(level, self.mul(u, inverse), self.neg(self.mul(v, inverse)))

    def _norm(self, a: tuple[int, Raw, Raw]) -> Raw:
        """u² − v²·d, for u + v·√d."""
        level, u, v = a
        square = self.mul(self.mul(v, v), self._radicands[level])
        return self.add(self.mul(u, u), self.neg(square))

    # -- order, and the way out ---------------------------------------------------------------

    def sign(self, a: Raw) -> Sign:
        """−1, 0 or 1."""
        if isinstance(a, fmpq):
            return 1 if a > 0 else -1 if a < 0 else 0
        for ball in self.balls(a):
            if ball > 0:
                return 1
            if ball < 0:
                return -1
        raise EngineError("field", "The sign of a number that is not zero was not found.")

    def balls(self, a: Raw) -> Iterator[arb]:
        """Ever smaller intervals around the value of ``a``, each with the precision to use it."""
        # 64 bits tell most signs apart; what is not zero shows it at some precision, as its
        # conjugates bound how near to zero it can be
        for doublings in range(_MAX_DOUBLINGS):
            with ctx.workprec(64 << doublings):
                yield self.ball(a)

    def ball(self, a: Raw) -> arb:
        """An interval around the value of ``a``, at the working precision."""
        roots: list[arb] = []
        for radicand in self._radicands:
            roots.append(self._evaluate(radicand, roots).sqrt())
        return self._evaluate(a, roots)

    def _evaluate(self, a: Raw, roots: list[arb]) -> arb:
        if not isinstance(a, tuple):
            return self.ground.ball(a)
        level, u, v = a
        return self._evaluate(u, roots) + self._evaluate(v, roots) * roots[level]

    def _terms(self, a: Raw) -> Iterator[sympy.Expr]:
        if not isinstance(a, tuple):
            self._spend(_TERM_EFFORT * (1 + len(a.coeffs()) if isinstance(a, fmpq_poly) else 1))
            yield self.ground.to_sympy(a)
            return
        level, u, v = a
        if u != _ZERO:
            yield from self._terms(u)
        root = _square_root(self.to_sympy(self._radicands[level]))
        for term in self._terms(v):
            if _is_long(root) and isinstance(term, sympy.Rational):
                yield root if term == 1 else sympy.Mul(term, root, evaluate=False)
            else:
                yield from sympy.Add.make_args(sympy.expand_mul(term * root))

    def to_sympy(self, a: Raw) -> sympy.Expr:
        """The number as a sum of fractions times roots and cosines."""
        first, *rest = self._terms(a)
        return sympy.Add(first, *rest) if rest else first


def _square_factor(value: int) -> tuple[int, int]:
    """(s, d) with value = s²·d, where d has no square factor of primes below 2¹⁵.

    sympy asks whether what is left is a prime, which takes minutes for thousands of digits.
    """
    if value.bit_length() <= _SHORT_BITS:
        outside, inside = sympy.sqrt(sympy.Integer(value)).as_coeff_Mul()
        return int(outside), int(inside**2)
    rest, outside = fmpz(value), fmpz(1)
    for prime, _ in rest.gcd(_SMALL_PRIMES).factor():
        while rest % prime**2 == 0:
            rest, outside = rest // prime**2, outside * prime
    return int(outside), int(rest)


def _square_root(radicand: sympy.Expr) -> sympy.Expr:
    """√radicand; of a long whole number without a search for factors, which it has none of."""
    root = sympy.Pow(radicand, sympy.S.Half, evaluate=False)
    return root if _is_long(root) else sympy.sqrt(radicand)


def _is_long(root: sympy.Expr) -> bool:
    """Whether it is √ of a long whole number, at which sympy's own products take minutes."""
    if not isinstance(root, sympy.Pow) or not isinstance(root.base, sympy.Integer):
        return False
    return int(root.base.p).bit_length() > _SHORT_BITS


def _level(a: Raw) -> int:
    return a[0] if isinstance(a, tuple) else -1


def _pair(level: int, u: Raw, v: Raw) -> Raw:
    return u if v == _ZERO else (level, u, v)


def coordinates(a: Raw) -> Iterator[fmpq]:
    """The rational coordinates of a raw number."""
    if isinstance(a, tuple):
        yield from coordinates(a[1])
        yield from coordinates(a[2])
    elif isinstance(a, fmpq_poly):
        yield from a.coeffs()
    else:
        yield a

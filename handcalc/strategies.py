"""Hypothesis strategies: exact numbers, toy models, inputs, distributions, what changes nothing.

They are for your own property-based tests (``pip install "handcalc[testing]"``), and are the ones
that handcalc is tested with. A strategy draws examples; ``@given`` runs a test on many of them, and
shows the simplest one that fails. In a file such as ``test_my_lecture.py``, for pytest to run:

>>> from hypothesis import given
>>> import handcalc
>>> from handcalc import strategies
>>> @given(strategies.toy_models(n=3, activation="relu"), strategies.inputs(3))
... def test_no_output_is_negative(model, x):
...     assert all(handcalc.sign(value) >= 0 for value in handcalc.forward(model, x).output)
>>> test_no_output_is_negative()

The models are drawn with what breaks a careless claim: rows of zeros, features that share a
direction or point against each other, biases that put a ReLU exactly on its kink, and copies turned
by exact angles. Compare numbers by ``handcalc.equal`` and ``handcalc.sign``, which are exact.

Everything that is drawn lies in one number field of degree 24 (that of √2, √3, √5 and cos(π/7)), so
that whatever you compute from it stays within the budget.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce
from math import ceil, floor
from typing import Literal, TypeAlias

import sympy

from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.exact import exact, product
from handcalc.superposition.model.same_model import permuted, rotated
from handcalc.superposition.model.toy_model import Activation, ToyModel

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        'handcalc.strategies needs hypothesis: pip install "handcalc[testing]".'
    ) from missing

from handcalc.distribution_strategies import distributions
from handcalc.wording import brief

__all__ = [
    "Kind",
    "Place",
    "cosines",
    "distributions",
    "inputs",
    "numbers",
    "orthogonal_matrices",
    "permutations",
    "permuted",
    "rationals",
    "rotated",
    "same_models",
    "surds",
    "toy_models",
]

Kind: TypeAlias = Literal["rational", "surd", "cosine"]
Place: TypeAlias = Literal["anywhere", "inside", "face", "vertex"]
_Bound: TypeAlias = "int | Fraction"
_Number: TypeAlias = "st.SearchStrategy[sympy.Expr]"

_ZERO, _ONE = sympy.Integer(0), sympy.Integer(1)
_ACTIVATIONS: st.SearchStrategy[Activation] = st.sampled_from(("relu", "linear"))
_MAX_FEATURES, _MAX_HIDDEN = 4, 3


# -- numbers ----------------------------------------------------------------------------------


def numbers(low: _Bound = -2, high: _Bound = 2, kind: Kind | None = None) -> _Number:
    """Exact numbers in [low, high]: fractions, surds such as 1/2 + √2/4, cosines of π/7 and so on.

    ``kind`` is "rational", "surd" or "cosine"; None draws from all three. Shrinks to small
    fractions.

    >>> from hypothesis import find
    >>> find(numbers(), lambda value: True)
    0
    >>> find(numbers(0, 1, kind="surd"), lambda value: not value.is_rational)
    sqrt(2)/2
    """
    if kind is None:
        return st.one_of(rationals(low, high), surds(low, high), cosines(low, high))
    return _KINDS[kind](low, high)


def rationals(low: _Bound = -2, high: _Bound = 2, max_denominator: int = 6) -> _Number:
    """Fractions in [low, high] with denominators up to ``max_denominator``.

    Errors: ``InputError`` with code ``empty`` where there are none.

    >>> from hypothesis import find
    >>> find(rationals(0, 1), lambda value: 0 < value < 1)
    1/2
    """
    denominators = [q for q in range(1, max_denominator + 1) if ceil(low * q) <= floor(high * q)]
    if not denominators:
        raise InputError(
            "empty",
            f"From {low} to {high} there must be a fraction with a denominator of at most "
            f"{max_denominator}; widen the bounds.",
        )
    return st.sampled_from(denominators).flatmap(
        lambda q: st.integers(ceil(low * q), floor(high * q)).map(lambda p: sympy.Rational(p, q))
    )


def surds(low: _Bound = -2, high: _Bound = 2) -> _Number:
    """Numbers a + b√d in [low, high] with a, b rational and d one of 2, 3, 5.

    >>> from hypothesis import find
    >>> find(surds(), lambda value: value.has(sympy.sqrt(5))).atoms(sympy.Pow)
    {sqrt(5)}
    """
    return _between(low, high, _UNIT_SURDS)


def cosines(low: _Bound = -2, high: _Bound = 2) -> _Number:
    """Numbers a + b·cos(kπ/7) in [low, high]: the simplest angles that square roots cannot write.

    >>> from hypothesis import find
    >>> find(cosines(), lambda value: value.has(sympy.cos)).atoms(sympy.cos)
    {cos(pi/7)}
    """
    return _between(low, high, _UNIT_COSINES)


def _between(low: _Bound, high: _Bound, shares: Sequence[sympy.Expr]) -> _Number:
    """start + share · (end − start), with a fraction for the start, a bound for the end."""
    ends = st.sampled_from([exact(low), exact(high)])
    parts = st.tuples(rationals(low, high), ends, st.sampled_from(shares))
    return parts.map(lambda part: exact(part[0] + part[2] * (part[1] - part[0])))


_UNIT_SURDS = (
    _ZERO,
    sympy.sqrt(2) / 2,
    sympy.sqrt(3) / 2,
    sympy.sqrt(5) / 3,
    sympy.sqrt(2) - 1,
    (sympy.sqrt(5) - 1) / 2,
)
_UNIT_COSINES = (_ZERO, *(sympy.cos(k * sympy.pi / 7) for k in (1, 2, 3)))
_KINDS: dict[Kind, Callable[[_Bound, _Bound], _Number]] = {
    "rational": rationals,
    "surd": surds,
    "cosine": cosines,
}


# -- models -----------------------------------------------------------------------------------


@st.composite
def toy_models(
    draw: st.DrawFn,
    n: int | None = None,
    m: int | None = None,
    activation: Activation | None = None,
    kind: Kind | None = None,
) -> ToyModel:
    """Toy models with n features (up to 4 if None) in m dimensions (up to 3 if None).

    Rows are new, zero, or those of an earlier feature or against it; a bias is 0, a number, or one
    for which z is exactly 0 at a vertex of [0, 1]ⁿ; the whole may be turned by an orthogonal
    matrix. ``kind`` is that of the entries, "rational", "surd" or "cosine", or drawn if None.

    >>> from hypothesis import find
    >>> find(toy_models(m=2, kind="rational"), lambda model: any(model.b))
    ToyModel("0 0", b="1", activation="relu")
    """
    n = draw(st.integers(1, _MAX_FEATURES)) if n is None else n
    m = draw(st.integers(1, _MAX_HIDDEN)) if m is None else m
    entries = numbers(kind=kind or draw(st.sampled_from(tuple(_KINDS))))
    fresh = st.tuples(*[entries] * m)
    W: list[Vector] = []
    # many rows repeat, oppose or drop a feature: that is where claims about models break
    for _ in range(n):
        known: list[Vector] = [(_ZERO,) * m, *W, *(tuple(-w for w in row) for row in W)]
        W.append(draw(st.one_of(st.sampled_from(known), fresh, fresh)))
    b = tuple(draw(_bias(row, entries)) for row in product(W, tuple(zip(*W, strict=True))))
    model = ToyModel(W, b, draw(_ACTIVATIONS) if activation is None else activation)
    return rotated(model, draw(orthogonal_matrices(m))) if draw(st.booleans()) else model


def _bias(gram_row: Vector, entries: _Number) -> _Number:
    vertices = st.lists(st.booleans(), min_size=len(gram_row), max_size=len(gram_row))
    kinks = vertices.map(
        lambda on: exact(-sum(g for g, is_on in zip(gram_row, on, strict=True) if is_on))
    )
    return st.one_of(st.just(_ZERO), entries, kinks)


def same_models(
    n: int | None = None,
    m: int | None = None,
    activation: Activation | None = None,
    kind: Kind | None = None,
) -> st.SearchStrategy[tuple[ToyModel, ToyModel]]:
    """Pairs of a model and the same model with its features permuted and its plane turned.

    The arguments are those of ``toy_models``.

    >>> from hypothesis import given
    >>> from handcalc import same_model
    >>> @given(same_models(n=3, m=2))
    ... def test_the_copy_is_the_same_model(pair):
    ...     assert same_model(*pair)
    >>> test_the_copy_is_the_same_model()
    """
    return toy_models(n, m, activation, kind).flatmap(
        lambda model: st.builds(
            lambda order, Q: (model, permuted(rotated(model, Q), order)),
            permutations(model.n),
            orthogonal_matrices(model.m),
        )
    )


# -- inputs -----------------------------------------------------------------------------------


@st.composite
def inputs(
    draw: st.DrawFn,
    n: int,
    *,
    place: Place = "anywhere",
    active: int | None = None,
    symbols: bool = False,
    kind: Kind | None = "rational",
) -> Vector:
    """Inputs x in [0, 1]ⁿ for ``forward``, of length n.

    ``place`` is "inside" the cube, on a "face" (some cell 0 or 1), at a "vertex" (all cells 0 or
    1) or "anywhere". With ``active``, so many features are not 0 and lie in that place, and the
    others are 0. With ``symbols``, any cell may be the symbol x1, x2, … of its feature instead.
    ``kind`` is that of the numbers, "rational", "surd" or "cosine", or all of them if None.
    Errors: ``InputError`` with code ``wrong_shape`` where ``active`` is over n.

    >>> from hypothesis import find
    >>> find(inputs(3, active=1), lambda x: x[1] != 0)
    (0, 1, 0)
    >>> find(inputs(2, place="inside"), lambda x: True)
    (1/2, 1/2)
    >>> find(inputs(2, symbols=True), lambda x: bool(x[1].free_symbols))
    (0, x2)
    """
    if active is not None and not 0 <= active <= n:
        raise InputError(
            "wrong_shape", f"From 0 to {n} features can be active, not {brief(active)}."
        )
    on = range(n) if active is None else draw(permutations(n))[:active]
    ends = st.sampled_from([_ZERO, _ONE] if active is None else [_ONE])
    interior = numbers(_FIRST_INSIDE, _LAST_INSIDE, kind)
    somewhere = st.one_of(ends, interior)
    cells = {"inside": interior, "vertex": ends}.get(place, somewhere)
    x = [draw(cells) if i in on else _ZERO for i in range(n)]
    if place == "face" and len(on) == n:
        x[draw(st.integers(0, n - 1))] = draw(ends)
    named = [symbols and draw(st.booleans()) for _ in range(n)]
    return tuple(sympy.Symbol(f"x{i}") if named[i - 1] else x[i - 1] for i in range(1, n + 1))


# every fraction with a denominator up to 6 that is neither 0 nor 1 lies between these
_FIRST_INSIDE, _LAST_INSIDE = Fraction(1, 6), Fraction(5, 6)


# -- what leaves a model the same ---------------------------------------------------------------


def permutations(n: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Orders of the features 0 … n − 1, counted from 0 as the rows of W are.

    >>> from hypothesis import find
    >>> find(permutations(3), lambda order: order[0] != 0)
    (1, 0, 2)
    """
    return st.permutations(range(n)).map(tuple)


def orthogonal_matrices(m: int, *, roots: bool = True) -> st.SearchStrategy[Matrix]:
    """Exact Q of shape (m, m) with Q Qᵀ = 1: products of up to three plain ones.

    Those are a permutation of the axes with signs, a rotation in the plane of two axes (by a
    Pythagorean triple or, with ``roots``, by a multiple of π/6 or π/4), and the reflection in the
    plane at a right angle to a vector of small integers.

    >>> from hypothesis import find
    >>> find(orthogonal_matrices(2), lambda Q: True)
    ((1, 0), (0, 1))
    >>> find(orthogonal_matrices(2, roots=False), lambda Q: not Q[0][0].is_integer)
    ((3/5, 4/5), (-4/5, 3/5))
    """
    if m == 1:
        return st.sampled_from([((_ONE,),), ((-_ONE,),)])
    plain = st.one_of(_signed_permutations(m), _rotations(m, roots), _reflections(m))
    identity = tuple(tuple(_ONE if i == j else _ZERO for j in range(m)) for i in range(m))
    return st.lists(plain, max_size=3).map(lambda some: reduce(product, some, identity))


def _signed_permutations(m: int) -> st.SearchStrategy[Matrix]:
    signs = st.tuples(*[st.sampled_from([_ONE, -_ONE])] * m)
    return st.tuples(permutations(m), signs).map(
        lambda drawn: tuple(
            tuple(sign if j == k else _ZERO for k in range(m))
            for j, sign in zip(*drawn, strict=True)
        )
    )


@st.composite
def _rotations(draw: st.DrawFn, m: int, roots: bool) -> Matrix:
    cosine, sine = draw(st.sampled_from(_TURNS if roots else _RATIONAL_TURNS))
    i, j = sorted(draw(permutations(m))[:2])
    turn = {(i, i): cosine, (i, j): sine, (j, i): -sine, (j, j): cosine}
    ones = {(k, k): _ONE for k in range(m)}
    return tuple(tuple({**ones, **turn}.get((p, q), _ZERO) for q in range(m)) for p in range(m))


def _reflections(m: int) -> st.SearchStrategy[Matrix]:
    normals = st.tuples(st.integers(1, 3), *[st.integers(-2, 2)] * (m - 1))

    def mirror(v: Sequence[int]) -> Matrix:  # 1 − 2vvᵀ/‖v‖²
        double = sympy.Rational(2, sum(a * a for a in v))
        return tuple(
            tuple((_ONE if i == j else _ZERO) - double * a * c for j, c in enumerate(v))
            for i, a in enumerate(v)
        )

    return normals.map(mirror)


_RATIONAL_TURNS = tuple(
    (sympy.Rational(a, c), sympy.Rational(b, c))
    for a, b, c in ((3, 4, 5), (-4, 3, 5), (5, -12, 13), (8, 15, 17))
)
_TURNS = _RATIONAL_TURNS + tuple(
    (sympy.cos(angle), sympy.sin(angle))
    for angle in (k * sympy.pi / 12 for k in (3, 4, 2, 9, 8, 10, -3, -4, -2))
)

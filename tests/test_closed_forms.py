"""The best pair and k-gon: their polynomials by other routes, and that nothing else is better."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import arb, arb_poly, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, sqrt

from handcalc import InputError, SparseUniform, ToyModel, expected_loss, loss_gradient
from handcalc.errors import EngineError
from handcalc.numbers.exact import elements, equal, sign, to_float
from handcalc.numbers.field import Element
from handcalc.superposition.closed_forms import RealRoot, best_regular, stationarity
from handcalc.superposition.closed_forms.balls import ball, certified, rounded, zeros
from handcalc.superposition.closed_forms.piecewise import piece_at, pieces
from handcalc.superposition.closed_forms.regular import stationary_points
from handcalc.superposition.loss.distribution import S
from handcalc.superposition.loss.expected_loss import squared_error
from handcalc.superposition.loss.moments import SupportWeights, clipped_table
from handcalc.superposition.numeric import expected_losses, expected_losses_and_gradients

beta, p, x = sympy.symbols("beta p x")
SPARSITIES = ["0", "1/10", "1/2", "9/10", "99/100"]


def k_gon(k: int, length: sympy.Expr, b: sympy.Expr) -> ToyModel:
    """A pair in one dimension, or a regular k-gon in two."""
    if k == 2:
        return ToyModel([[length], [-length]], [b, b])
    angles = [2 * sympy.pi * i / k for i in range(k)]
    return ToyModel([[length * sympy.cos(a), length * sympy.sin(a)] for a in angles], [b] * k)


def at(coefficients: tuple[Element, ...], x: Element | Fraction) -> Element:
    return sum((c * x**i for i, c in enumerate(coefficients)), 0 * coefficients[0])


def fraction(number: sympy.Expr) -> Fraction:
    near = Rational(str(number))
    return Fraction(int(near.p), int(near.q))


# -- B, C and P -----------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [2, 3])
def test_the_loss_is_a_parabola_in_the_squared_length(k: int) -> None:
    """k(p/3 − 2qB + q²C) is the exact loss, with S as a symbol, in every cell."""
    length = Rational(2, 3)
    for cell in stationarity(k):
        hi = cell.lo + 2 if cell.hi is sympy.oo else cell.hi
        b, q = (2 * cell.lo + 3 * hi) / 5, length**2
        B, C = (part.subs(beta, b) for part in (cell.B, cell.C))
        found = k * ((1 - S) / 3 - 2 * q * B + q**2 * C)
        assert sympy.expand(found - expected_loss(k_gon(k, length, b * q)).value) == 0


def test_the_loss_of_a_pentagon_is_such_a_parabola() -> None:
    b, length, s = Rational(1, 4), Rational(4, 5), Rational(1, 3)
    cell = next(cell for cell in stationarity(5) if to_float(cell.lo) < b < to_float(cell.hi))
    B, C = (part.subs({beta: b, S: s}) for part in (cell.B, cell.C))
    found = 5 * ((1 - s) / 3 - 2 * length**2 * B + length**4 * C)
    exact = expected_loss(k_gon(5, length, b * length**2), SparseUniform(s)).value
    assert equal(sympy.expand(found), exact)


@pytest.mark.parametrize("k", range(2, 9))
def test_the_polynomials_are_moments(k: int) -> None:
    """B = E[x₁·R₁(β + a·x)] and C = 2E[R₂(β + a·x)], as they are integrated feature by feature."""
    s, every = Rational(1, 3), 7 if k == 7 else 1
    cosines = [sympy.cos(2 * sympy.pi * j / k) for j in range(k)]
    field, overlaps = elements(*cosines)
    draws = SupportWeights.of(field, SparseUniform(s).blocks(k), by_count=False)
    for cell in (piece_at(k, index, s) for index in range(0, len(pieces(k)), every)):
        hi = to_float(cell.lo.to_sympy()) + 1 if cell.hi is None else cell.hi.to_float()
        b = Fraction((cell.lo.to_float() + 2 * hi) / 3).limit_denominator(10**6)
        table = clipped_table(draws, field.rational(b), overlaps, [(1, (0,)), (2, ())])
        B, C = (at(part, b).to_sympy() for part in (cell.B, cell.C))
        assert equal(B, table[1, (0,)][0].to_sympy())
        assert equal(C, 2 * table[2, ()][0].to_sympy())


def test_the_pair_s_polynomials_by_integrals() -> None:
    """For 0 < β < 1: B′ = E[x₁·R₀] and C″ = 2E[R₀], with x₂ below β + x₁ where both are active."""

    def both(weight: sympy.Expr) -> sympy.Expr:
        below = sympy.integrate(weight * (beta + x), (x, 0, 1 - beta))
        return below + sympy.integrate(weight, (x, 1 - beta, 1))

    s = 1 - p
    cell = stationarity(2)[1]
    B, C = (sympy.expand(part.subs(S, s)) for part in (cell.B, cell.C))
    mean = p * s / 2 + p**2 * both(x)
    positive = s**2 + p * s + p * s * beta + p**2 * both(sympy.Integer(1))
    assert sympy.expand(sympy.diff(B, beta) - mean) == 0
    assert sympy.expand(sympy.diff(C, beta, 2) - 2 * positive) == 0
    assert B.subs(beta, 1) == sympy.expand(stationarity(2)[2].B.subs({beta: 1, S: s}))


@pytest.mark.parametrize("k", [2, 3])
def test_p_with_a_symbol_has_the_sign_of_p_at_a_sparsity(k: int) -> None:
    s = Rational(2, 5)
    for index, symbolic in enumerate(stationarity(k)):
        cell = piece_at(k, index, s)
        hi = cell.lo + 1 if cell.hi is None else cell.hi
        for b in ((cell.lo + hi) / 2, (cell.lo + 7 * hi) / 8):
            told = sympy.expand(symbolic.P.subs({beta: b.to_sympy(), S: s}))
            assert sign(told) == at(cell.P, b).sign()


# -- the best β -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sparsity", SPARSITIES)
@pytest.mark.parametrize("k", [2, 3, 5, 6, 8])
def test_there_is_one_stationary_bias(k: int, sparsity: str) -> None:
    found = certified(lambda: list(stationary_points(k, Rational(sparsity))), 192, "no bits do")
    assert len(found) == 1


@pytest.mark.parametrize("k", range(2, 9))
def test_no_bias_of_the_first_piece_is_stationary(k: int) -> None:
    """P > 0 there, as is proved in words: by exact numbers, near both ends and in the middle."""
    for s in ("0", "1/1000", "1/3", "9/10", "999/1000"):
        cell = piece_at(k, 0, Rational(s))
        assert cell.hi is not None
        for part in (Fraction(1, 1000), Fraction(1, 2), Fraction(999, 1000)):
            b = cell.lo + (cell.hi - cell.lo) * part
            assert at(cell.P, b).sign() == 1


@pytest.mark.parametrize(
    ("k", "sparsity"),
    [(k, s) for k in (2, 3) for s in ("0", "1/5", "99/100", "1/1000000000000")] + [(5, "1/2")],
)
def test_the_root_is_isolated_and_of_an_irreducible_polynomial(k: int, sparsity: str) -> None:
    """As Sturm's theorem and factors have it, and with different signs at the ends."""
    best = best_regular(k, sparsity)
    root = best.root
    assert root.polynomial.domain == sympy.ZZ
    assert root.polynomial.is_irreducible
    assert root.polynomial.count_roots(root.lo, root.hi) == 1
    assert root.polynomial.eval(root.lo) * root.polynomial.eval(root.hi) < 0
    if root.exact is None:
        lo, hi = best.cell
        assert sign(root.lo - lo) >= 0
        assert hi is sympy.oo or sign(hi - root.hi) >= 0


@pytest.mark.parametrize(("k", "sparsity"), [(2, "1/2"), (3, "1/5"), (5, "9/10"), (8, "1/2")])
def test_p_changes_its_sign_from_plus_to_minus(k: int, sparsity: str) -> None:
    """By B and C as they are told, 10⁻⁴⁰ to each side of β."""
    best = best_regular(k, sparsity)
    P = 2 * sympy.diff(best.B, beta) * best.C - best.B * sympy.diff(best.C, beta)
    b, step = Rational(str(best.digits(60).beta)), Rational(1, 10**40)
    assert [sign(sympy.expand(P.subs(beta, b + d))) for d in (-step, step)] == [1, -1]


@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_exact_gradient_changes_its_sign_there(k: int) -> None:
    """At 45 digits of length and bias no slope is left; 10⁻³⁰ away from the bias they are ±."""
    found = best_regular(k, "2/5").digits(45)
    length, b, step = Rational(str(found.length)), Rational(str(found.bias)), Rational(1, 10**30)
    here = loss_gradient(k_gon(k, length, b), SparseUniform("2/5"))
    slopes = [slope.left for slope in (*here.b, *(cell for row in here.W for cell in row))]
    assert all(sign(Rational(1, 10**42) - abs(slope)) == 1 for slope in slopes)
    for d in (-step, step):
        near = loss_gradient(k_gon(k, length, b + d), SparseUniform("2/5"))
        assert {sign(slope.left) for slope in near.b} == {sign(d)}


@pytest.mark.parametrize("sparsity", SPARSITIES)
@pytest.mark.parametrize("k", [2, 3, 5])
def test_no_length_and_bias_on_a_grid_lose_less(k: int, sparsity: str) -> None:
    """By the floating-point loss, on 60 × 80 lengths and biases; and it has no slope there."""
    s, found = float(Fraction(sparsity)), best_regular(k, sparsity).digits(17)
    length, b = np.meshgrid(np.linspace(0, 1.8, 60), np.linspace(-1.6, 1.6, 80))
    unit = np.array([[1.0], [-1.0]])
    if k > 2:
        angles = 2 * np.pi * np.arange(k) / k
        unit = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    W = length.reshape(-1, 1, 1) * unit
    losses = expected_losses(W, np.repeat(b.reshape(-1, 1), k, axis=1), sparsity=s)
    assert float(found.total) - 1e-14 <= losses.min()
    at = np.array([float(found.length) * unit])
    loss, *slopes = expected_losses_and_gradients(
        at, np.full((1, k), float(found.bias)), sparsity=s
    )
    assert loss[0] == pytest.approx(float(found.total), rel=1e-12, abs=1e-16)
    assert max(abs(slope).max() for slope in slopes) < 1e-14


@settings(max_examples=60)
@given(
    k=st.sampled_from([2, 3, 4, 6]),
    s=st.fractions(0, Fraction(19, 20), max_denominator=20),
    b=st.fractions(-3, 3, max_denominator=50),
    q=st.fractions(0, 3, max_denominator=50),
)
def test_no_other_length_and_bias_lose_less(k: int, s: Fraction, b: Fraction, q: Fraction) -> None:
    field, cosines = elements(*(sympy.cos(2 * sympy.pi * j / k) for j in range(k)))
    draws = SupportWeights.of(field, SparseUniform(s).blocks(k), by_count=False)
    (loss,) = squared_error(draws, "relu", 0, field.rational(b), [q * a for a in cosines])
    best = best_regular(k, s).digits(20)
    assert loss.to_fraction() >= fraction(best.loss) - Fraction(1, 10**20)


# -- numbers that are known -----------------------------------------------------------------------

KNOWN = [
    (2, "1/2", "0.0762824470", "0.96897", "0.0976827"),
    (2, "9/10", "0.0033194840", None, None),
    (3, "0", "0.0830895928", None, None),
    (3, "1/5", "0.1028074952", "0.852264", "0.386605"),
    (3, "1/2", "0.0775793624", None, None),
    (5, "9/10", "0.0263051311", "1.100445", "-0.209926"),
]


@pytest.mark.parametrize(("k", "sparsity", "loss", "length", "bias"), KNOWN)
def test_losses_that_a_search_finds(
    k: int, sparsity: str, loss: str, length: str | None, bias: str | None
) -> None:
    found = best_regular(k, sparsity).digits(20)
    told = [(found.total, loss), (found.length, length), (found.bias, bias)]
    for value, text in told:
        if text is not None:
            assert f"{float(value):.{len(text.partition('.')[2])}f}" == text


def test_the_pair_with_every_feature_on_is_the_linear_optimum() -> None:
    """β is on a kink; what is lost is what dropping one of the two loses."""
    best = best_regular(2, 0)
    assert best.root.polynomial.as_expr() == beta - 1
    exact = best.exact
    assert exact is not None
    assert (exact.length, exact.bias, exact.total) == (sqrt(2) / 2, Rational(1, 2), Rational(1, 12))
    assert [str(value) for value in vars_of(exact)] == ["1", "sqrt(2)/2", "1/2", "1/24", "1/12"]
    assert fraction(best.digits(40).total) == fraction(sympy.Float(Rational(1, 12), 40))


def vars_of(values: object) -> list[sympy.Expr]:
    names = ("beta", "length", "bias", "loss", "total")
    return [getattr(values, name) for name in names]


def test_importance_is_a_factor() -> None:
    one, two = best_regular(3, "1/3"), best_regular(3, "1/3", "5/2")
    assert one.root == two.root
    ratio = fraction(two.digits(40).total) / fraction(one.digits(40).total)
    assert abs(ratio - Fraction(5, 2)) < Fraction(1, 10**38)
    assert best_regular(2, 0, "6").exact.total == Rational(1, 2)  # type: ignore[union-attr]  # it is exact at S = 0


def test_a_square_is_two_pairs() -> None:
    pair, square = (best_regular(k, "1/3").digits(30) for k in (2, 4))
    assert (square.beta, square.length, square.loss) == (pair.beta, pair.length, pair.loss)
    assert square.total == 2 * pair.total


@pytest.mark.parametrize(("k", "s"), [(2, sqrt(2) / 2), (5, sqrt(5) / 5)])
def test_a_sparsity_may_be_a_root(k: int, s: sympy.Expr) -> None:
    """The loss is that at a fraction 10⁻³⁰ away, to 25 digits."""
    best, near = best_regular(k, s), best_regular(k, Rational(str(s.evalf(30))))
    assert best.root.polynomial.is_irreducible
    assert abs(best.digits(40).total - near.digits(40).total) < Rational(1, 10**25)


def test_formulas_and_digits_agree() -> None:
    best = best_regular(5, "4/5", "1/3")
    digits, formulas = best.digits(30), best.formulas
    for told, formula in zip(vars_of(digits), vars_of(formulas), strict=True):
        assert abs(formula.subs(beta, digits.beta).evalf(35) - told) < Rational(1, 10**27)


def test_a_root_with_a_square_root_is_told_exactly() -> None:
    """The same formulas at β = √2/10, as the polynomial 50β² − 1 has it."""
    root = RealRoot(sympy.Poly(50 * beta**2 - 1), Rational(14, 100), Rational(15, 100))
    assert root.exact == sqrt(2) / 10
    assert root.sentence == "sqrt(2)/10"
    other = RealRoot(root.polynomial, Rational(-15, 100), Rational(-14, 100))
    assert other.exact == -sqrt(2) / 10
    moved = replace(best_regular(2, "1/2"), root=root)
    assert moved.exact is not None
    for told, digits in zip(vars_of(moved.exact), vars_of(moved.digits(30)), strict=True):
        assert abs(told.evalf(40) - digits) < Rational(1, 10**29)


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 11, 2.0, True, "3"])
def test_a_number_of_corners_is_refused(k: object) -> None:
    with pytest.raises(InputError, match=r"k = 2, or a k-gon with k from 3 to 10, not ") as caught:
        best_regular(k, "1/2")  # type: ignore[arg-type]  # the refusal is what is tested
    assert caught.value.code == "size"


@pytest.mark.parametrize("value", ["1", 1, sympy.Integer(1)])
def test_no_feature_is_ever_active(value: object) -> None:
    with pytest.raises(InputError, match=r"^At S = 1 no feature is ever active, .*\.$") as caught:
        best_regular(2, value)
    assert (caught.value.code, caught.value.suggestion) == ("sparsity", "99/100")


@pytest.mark.parametrize("value", ["-1/2", "3/2"])
def test_a_sparsity_is_a_probability(value: str) -> None:
    with pytest.raises(InputError, match=r"^A sparsity is a probability, from 0 to 1, not "):
        best_regular(2, value)


def test_other_arguments_are_refused_as_elsewhere() -> None:
    with pytest.raises(InputError, match=r"^A float such as 0\.5 .* is only near a number"):
        best_regular(2, 0.5)
    with pytest.raises(InputError, match=r"^An importance is at least 0, not -1\.$"):
        best_regular(2, "1/2", -1)


# -- roots and digits -----------------------------------------------------------------------------


def test_multiple_roots_are_not_isolated() -> None:
    square = arb_poly([-2, 0, 1]) ** 2
    with pytest.raises(EngineError, match="A double root"):
        certified(lambda: list(zeros(square, arb(1), arb(2), (1, 1))), 64, "A double root")


def test_all_roots_are_isolated() -> None:
    """Of x(3x − 1)(x² − 2)(x² − 200/101) between −2 and 2, one of them 10⁻² away from another."""
    polynomial = arb_poly([0, 1])
    for factor in ([-1, 3], [-2, 0, 1], [-200, 0, 101]):
        polynomial = polynomial * arb_poly(factor)
    with ctx.workprec(128):
        found = sorted(zeros(polynomial, arb(-2), arb(2), (1, 1)), key=float)
    exact = [-(2**0.5), -((200 / 101) ** 0.5), 0, 1 / 3, (200 / 101) ** 0.5, 2**0.5]
    assert [float(each) for each in found] == pytest.approx(exact, abs=1e-15)
    assert all(float(each.rad()) < 1e-30 for each in found)


def test_roots_at_the_ends_are_not_between_them() -> None:
    """Of (x − 1)(x − 2)(x − 3), with the signs 0 at 1 and at 3."""
    with ctx.workprec(128):
        found = list(zeros(arb_poly([-6, 11, -6, 1]), arb(1), arb(3), (0, 0)))
    assert [float(each) for each in found] == [2]
    assert found[0].contains(2)


@pytest.mark.parametrize("exponent", [0, 30, 400])
def test_digits_of_a_small_number(exponent: int) -> None:
    small = sqrt(2) / 10**exponent
    told = certified(lambda: rounded(ball(small), 40), 64, "no bits do")
    assert abs((fraction(told) * 10**exponent) ** 2 - 2) < Fraction(3, 10**39)


def test_what_lies_between_two_rounded_numbers_is_not_told() -> None:
    between = arb(1).union(arb(2)) / 3
    with pytest.raises(EngineError, match="not known well enough"):
        certified(lambda: rounded(between, 5), 64, "not known well enough")


def test_a_fraction_halfway_between_two_floats_is_rounded() -> None:
    """No ball around it tells to which side."""
    halfway = 1 + Rational(1, 2**20)
    assert best_regular(2, 0, 12 * halfway).digits(5).total == sympy.Float(halfway, 5)


@pytest.mark.parametrize(
    "value", [sqrt(2) * sympy.cos(sympy.pi / 7), 1 / (sqrt(3) - 2), sqrt(7) ** 3]
)
def test_a_ball_holds_its_number(value: sympy.Expr) -> None:
    with ctx.workprec(200):
        assert rounded(ball(value), 40) == value.evalf(40)

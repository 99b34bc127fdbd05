"""The strategies: what they draw, that they shrink to something small, and that they are quick."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from handcalc import ToyModel, equal, exact, forward, same_model, sign, strategies
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.strategies import permuted, rotated
from tests.sampling import FEWER

ROOT = Path(__file__).resolve().parent.parent
SEARCH = settings(database=None, derandomize=True, max_examples=1000, phases=[Phase.generate])
SHRINK = settings(SEARCH, phases=[Phase.generate, Phase.shrink])
KINDS: list[strategies.Kind | None] = ["rational", "surd", "cosine", None]


def drawn(strategy: st.SearchStrategy[Any], condition: Callable[[Any], bool]) -> Any:
    """Some example for which the condition holds."""
    return find(strategy, condition, settings=SEARCH)


def simplest(strategy: st.SearchStrategy[Any], condition: Callable[[Any], bool]) -> Any:
    """The example to which all others shrink."""
    return find(strategy, condition, settings=SHRINK)


def always(value: object) -> bool:
    return value is not None


def is_symbol(value: sympy.Expr) -> bool:
    return isinstance(value, sympy.Symbol)


# -- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("low", "high"), [(-2, 2), (0, 1), (3, 3), (-5, -4)])
def test_numbers_are_exact_and_lie_between_the_bounds(
    low: int, high: int, kind: strategies.Kind | None
) -> None:
    @settings(max_examples=25)
    @given(strategies.numbers(low, high, kind))
    def check(value: sympy.Expr) -> None:
        assert exact(value) == value
        assert sign(value - low) >= 0
        assert sign(high - value) >= 0

    check()


@given(strategies.rationals(-1, 1, max_denominator=4))
def test_fractions_keep_their_denominators(value: sympy.Rational) -> None:
    assert isinstance(value, sympy.Rational)
    assert value.q <= 4


KIND_SHOWS = {
    "rational": lambda value: isinstance(value, sympy.Rational) and value.q > 1,
    "surd": lambda value: bool(value.atoms(sympy.Pow)),
    "cosine": lambda value: bool(value.atoms(sympy.cos, sympy.sin)),
}


@pytest.mark.parametrize("kind", KIND_SHOWS)
def test_numbers_of_every_kind_are_drawn(kind: strategies.Kind) -> None:
    found = drawn(strategies.numbers(kind=kind), KIND_SHOWS[kind])
    assert KIND_SHOWS[kind](found)
    assert drawn(strategies.numbers(), KIND_SHOWS[kind]) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_shrink_to_0(kind: strategies.Kind | None) -> None:
    assert simplest(strategies.numbers(kind=kind), always) == 0


def test_bounds_with_nothing_between_them_are_refused() -> None:
    for low, high in ((1, 0), (Fraction(1, 7), Fraction(1, 7))):
        with pytest.raises(InputError, match=f"From {low} to {high} there must be a fraction"):
            strategies.numbers(low, high)


# -- models ---------------------------------------------------------------------------------------

MODELS: dict[str, Callable[[ToyModel], bool]] = {
    "rectangular": lambda model: model.n > model.m > 1,
    "wide": lambda model: model.m > model.n,
    "largest": lambda model: (model.n, model.m) == (4, 3),
    "linear": lambda model: model.activation == "linear",
    "with a zero row": lambda model: not all(map(any, model.W)) and any(map(any, model.W)),
    "with a repeated row": lambda model: len(set(model.W)) < model.n and all(map(any, model.W)),
    "with opposite rows": lambda model: any(
        any(row) and tuple(-cell for cell in row) in model.W for row in model.W
    ),
    "with a bias": lambda model: any(model.b),
    "turned by a root": lambda model: any(
        cell.has(sympy.sqrt(2)) for row in model.W for cell in row
    ),
    "with a cosine": lambda model: any(cell.has(sympy.cos) for row in model.W for cell in row),
}  # fmt: skip


@pytest.mark.parametrize("kind", MODELS)
def test_models_of_every_kind_are_drawn(kind: str) -> None:
    assert MODELS[kind](drawn(strategies.toy_models(), MODELS[kind]))


def test_kinks_are_drawn() -> None:
    """A z that is exactly 0 at a vertex other than the origin, by a bias that is not 0."""

    def has_kink(model: ToyModel) -> bool:
        z = forward(model, [1] * model.n).z
        return any(value == 0 and b != 0 for value, b in zip(z, model.b, strict=True))

    found = drawn(strategies.toy_models(activation="relu"), has_kink)
    assert has_kink(found)


@given(strategies.toy_models(n=3, m=2, activation="linear", kind="rational"))
def test_a_given_shape_is_kept(model: ToyModel) -> None:
    assert (model.n, model.m, model.activation) == (3, 2, "linear")


def test_models_shrink_to_zeros() -> None:
    assert simplest(strategies.toy_models(), always) == ToyModel("0")
    small = simplest(strategies.toy_models(n=2, m=1, kind="rational"), lambda m: any(m.b))
    assert small == ToyModel("0; 0", b="0 1")


@given(strategies.same_models(n=3, m=2))
def test_pairs_are_the_same_model(pair: tuple[ToyModel, ToyModel]) -> None:
    assert same_model(*pair)


def test_pairs_are_not_always_equal() -> None:
    first, second = drawn(strategies.same_models(), lambda pair: pair[0] != pair[1])
    assert same_model(first, second)
    assert first != second


# -- inputs ---------------------------------------------------------------------------------------

PLACES: dict[strategies.Place, Callable[[Vector], bool]] = {
    "anywhere": lambda x: all(0 <= cell <= 1 for cell in x),
    "inside": lambda x: all(0 < cell < 1 for cell in x),
    "face": lambda x: any(cell in (0, 1) for cell in x),
    "vertex": lambda x: all(cell in (0, 1) for cell in x),
}


@pytest.mark.parametrize("place", PLACES)
def test_inputs_lie_where_they_should(place: strategies.Place) -> None:
    @given(strategies.inputs(3, place=place, kind=None))
    def check(x: Vector) -> None:
        assert len(x) == 3
        assert PLACES["anywhere"](x)
        assert PLACES[place](x)

    check()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("active", range(4))
def test_so_many_features_are_on(active: int, place: strategies.Place) -> None:
    @settings(max_examples=30)
    @given(strategies.inputs(3, place=place, active=active))
    def check(x: Vector) -> None:
        assert sum(cell != 0 for cell in x) == active
        on = tuple(cell for cell in x if cell != 0)
        assert place == "face" or PLACES[place](on)
        assert place != "face" or active == 0 or PLACES["face"](x)

    check()


@pytest.mark.parametrize("active", [-1, 4])
def test_no_more_features_are_on_than_there_are(active: int) -> None:
    @given(strategies.inputs(3, active=active))
    def check(x: Vector) -> None:
        assert x is None

    with pytest.raises(InputError, match=f"From 0 to 3 features can be active, not {active}"):
        check()


@given(strategies.inputs(3, symbols=True))
def test_symbols_stand_in_their_own_place(x: Vector) -> None:
    for i, cell in enumerate(x, 1):
        assert not is_symbol(cell) or cell == sympy.Symbol(f"x{i}")
    assert forward(ToyModel("1; 1; 1"), x).x == x


@pytest.mark.parametrize("count", range(4))
def test_any_number_of_symbols_is_drawn(count: int) -> None:
    x = drawn(strategies.inputs(3, symbols=True), lambda x: sum(map(is_symbol, x)) == count)
    assert sum(map(is_symbol, x)) == count


def test_inputs_without_symbols_have_none() -> None:
    @given(strategies.inputs(2))
    def check(x: Vector) -> None:
        assert not any(map(is_symbol, x))

    check()


@FEWER
@given(st.data())
def test_all_that_is_drawn_lies_in_one_field(data: st.DataObject) -> None:
    model = data.draw(strategies.toy_models())
    x = data.draw(strategies.inputs(model.n, kind=None))
    Q = data.draw(strategies.orthogonal_matrices(model.m))
    entries, _ = rotated(model, Q).elements(*x)
    assert 24 % entries.field.degree == 0


# -- what leaves a model the same -----------------------------------------------------------------


@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_orthogonal_matrices_are_orthogonal(m: int) -> None:
    @settings(max_examples=40)
    @given(strategies.orthogonal_matrices(m))
    def check(Q: Matrix) -> None:
        for i, p in enumerate(Q):
            for j, q in enumerate(Q):
                assert equal(sum(a * b for a, b in zip(p, q, strict=True)), int(i == j))

    check()


TURNS: dict[str, Callable[[Matrix], bool]] = {
    "identity": lambda Q: Q == ((1, 0), (0, 1)),
    "reflection": lambda Q: sign(Q[0][0] * Q[1][1] - Q[0][1] * Q[1][0]) < 0,
    "rotation by a triple": lambda Q: Q[0][0] == sympy.Rational(3, 5),
    "rotation by 45 degrees": lambda Q: Q[0][0] == Q[0][1] == sympy.sqrt(2) / 2,
    "rotation by 60 degrees": lambda Q: Q[0][0] == sympy.Rational(1, 2),
    "axes exchanged": lambda Q: abs(Q[0][1]) == 1,
    "a product of roots": lambda Q: Q[0][0].has(sympy.sqrt(2)) and Q[0][0].has(sympy.sqrt(6)),
}


@pytest.mark.parametrize("kind", TURNS)
def test_orthogonal_matrices_of_every_kind_are_drawn(kind: str) -> None:
    assert TURNS[kind](drawn(strategies.orthogonal_matrices(2), TURNS[kind]))


@given(strategies.orthogonal_matrices(3, roots=False))
def test_orthogonal_matrices_can_do_without_roots(Q: Matrix) -> None:
    assert all(cell.is_rational for row in Q for cell in row)


@given(strategies.permutations(4))
def test_permutations_hold_every_feature_once(order: tuple[int, ...]) -> None:
    assert sorted(order) == [0, 1, 2, 3]


def test_permuting_and_turning_do_what_they_say() -> None:
    model = ToyModel("1 0; 0 2; 3 3", b="1 2 3", activation="linear")
    assert permuted(model, (2, 0, 1)).W[0] == (3, 3)
    assert permuted(model, (2, 0, 1)).b == (3, 1, 2)
    assert rotated(model, ((0, 1), (-1, 0))).W[1] == (-2, 0)
    assert rotated(model, ((0, 1), (-1, 0))).activation == "linear"


# -- without hypothesis ---------------------------------------------------------------------------


def test_a_missing_hypothesis_is_told_with_its_extra() -> None:
    code = "import sys; sys.modules['hypothesis'] = None; import handcalc.strategies"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 1
    assert b'needs hypothesis: pip install "handcalc[testing]"' in done.stderr


# -- speed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "strategy",
    [
        strategies.numbers(),
        strategies.toy_models(),
        strategies.same_models(),
        strategies.inputs(4),
        strategies.orthogonal_matrices(3),
    ],
    ids=["numbers", "toy_models", "same_models", "inputs", "orthogonal_matrices"],
)
def test_an_example_is_drawn_in_milliseconds(strategy: st.SearchStrategy[Any]) -> None:
    """No health check, slowness among them, is switched off."""
    examples: list[Any] = []

    @settings(max_examples=50, suppress_health_check=())
    @given(strategy)
    def draw(value: Any) -> None:
        examples.append(value)

    draw()
    assert HealthCheck.too_slow not in settings.default.suppress_health_check

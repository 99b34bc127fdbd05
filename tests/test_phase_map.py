"""The phase map along S: its changes by other routes, and what holds of every map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import mpmath
import pytest
import sympy

from handcalc.errors import InputError
from handcalc.processes.jobs import Processes
from handcalc.storage.store import LineStore
from handcalc.superposition.best.minima import Minimum
from handcalc.superposition.closed_forms import Composition, best_regular
from handcalc.superposition.closed_forms import crossing as closed_crossing
from handcalc.superposition.closed_forms.three_in_two import TWO_LENGTHS_BELOW
from handcalc.superposition.loss.distribution import S as SYMBOL
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.loss.expected_loss import expected_loss
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.phases.changes import (
    Change,
    active_losses,
    at_zero,
    changes,
    loss_and_slope,
)
from handcalc.superposition.phases.grid import (
    BestAt,
    Seek,
    best_along,
    best_at,
    intervals_to_search,
)
from handcalc.superposition.phases.phase_map import PhaseMap, phase_map
from handcalc.superposition.phases.sparsity_path import SparsityPath
from handcalc.views.json.phases import decimals
from tests.known_maps import two_in_one

pytestmark = pytest.mark.slow  # with the wider searches: minutes of work for what seldom changes

ONE = sympy.Integer(1)
TRIANGLE, PAIR = Composition(k_gons=(3,)), Composition(pairs=1, dedicated=1)


def line(features: int, hidden: int, last: str = "1") -> SparsityPath:
    return SparsityPath(features, hidden, (ONE,) * (features - 1) + (sympy.Rational(last),))


def between(line: SparsityPath, low: str, high: str) -> list[Change]:
    ends = best_at(line, [Fraction(low), Fraction(high)], Seek())
    return list(changes(line, ends[0].spot, ends[1].spot, 16, Seek(restarts=24)))


@pytest.fixture(scope="module")
def three_in_two() -> PhaseMap:
    return phase_map(points=9)


def test_from_triangle_to_pair(three_in_two: PhaseMap) -> None:
    (change,) = three_in_two.changes
    assert [s.shape.family.name for s in three_in_two.stretches] == ["triangle", "antipodal"]
    assert change.kind == "crossing"
    assert decimals(change.sparsity, 15) == "0.478162340928575"
    assert decimals(change.loss, 15) == "0.0818277742439342"


def test_the_change_agrees_with_closed_forms(three_in_two: PhaseMap) -> None:
    exact = closed_crossing(TRIANGLE, PAIR).digits(24)
    (change,) = three_in_two.changes
    assert abs(change.sparsity - Fraction(str(exact.sparsity))) < Fraction(1, 10**22)
    assert abs(change.loss - Fraction(str(exact.loss))) < Fraction(1, 10**22)


def test_the_losses_along_the_map_agree_with_closed_forms(three_in_two: PhaseMap) -> None:
    names = set()
    for point in three_in_two.points[::3]:
        name = point.shape.family.name
        names.add(name)
        part = best_regular(3 if name == "triangle" else 2, sympy.Rational(str(point.sparsity)))
        exact = Fraction(str(part.digits(40).total))
        assert abs(Fraction(point.loss) / exact - 1) < Fraction(1, 10**35)
        assert expected_loss(
            point.model, SparseUniform(str(point.sparsity))
        ).value == pytest.approx(float(exact), rel=1e-12)
    assert names == {"triangle", "antipodal"}


def test_every_point_is_polished_and_no_neighbour_leads_lower(three_in_two: PhaseMap) -> None:
    assert [str(p.sparsity) for p in three_in_two.points[-3:]] == ["7/8", "99/100", "999/1000"]
    assert three_in_two.worst_slope.slope < 1e-50
    assert three_in_two.lowest_agreement.agreed > 0


def test_where_always_on_the_map_has_the_arrows_that_go_on(three_in_two: PhaseMap) -> None:
    first = three_in_two.points[0]
    assert first.shape.family.name == "triangle"
    assert float(first.loss) == pytest.approx(0.0830895928, abs=1e-10)


def test_curves_reach_beyond_their_stretches(three_in_two: PhaseMap) -> None:
    triangle, pair = three_in_two.curves
    assert triangle.spots[-1].sparsity == Fraction(999, 1000)
    at_half = {
        curve.shape.family.name: spot
        for curve in (triangle, pair)
        for spot in curve.spots
        if spot.sparsity == Fraction(1, 2)
    }
    assert at_half["antipodal"].loss == pytest.approx(0.0762824470, abs=1e-10)
    assert at_half["triangle"].loss == pytest.approx(0.077579, abs=1e-6)


def test_a_pair_of_one_length_overtakes_one_of_two() -> None:
    two = two_in_one()
    (change,) = two.changes
    labels = [two.label(change.before.shape), two.label(change.after.shape)]
    assert labels == ["antipodal (two lengths)", "antipodal (equal lengths)"]
    assert decimals(change.sparsity, 15) == "0.293596307326782"
    assert abs(change.sparsity - Fraction(str(TWO_LENGTHS_BELOW))) < Fraction(1, 10**15)
    equal = best_regular(2, sympy.Rational(change.sparsity.numerator, change.sparsity.denominator))
    assert abs(change.loss - Fraction(str(equal.digits(30).total))) < Fraction(1, 10**22)


def onset_in_theory(r: str) -> mpmath.mpf:
    """The S where a dropped feature of importance r begins to share a lone one's dimension.

    With W = (1 + g, −e), b = (qe, p/2 + pe/2) and the best g, the loss changes by pe²·(…) to second
    order, and (…) is least in q where Sq² + (½ + 2S²/p)q = p/4. Derived here.
    """

    def change(S: mpmath.mpf) -> mpmath.mpf:
        p = 1 - S
        half = 1 / mpmath.mpf(2) + 2 * S**2 / p
        q = (mpmath.sqrt(half**2 + S * p) - half) / (2 * S)
        cost = p / 3 - 3 * p**2 / 16 - p * q / 4 + q**2 / 4 + S * q**3 / 3 + S**2 * q**2 / p
        return cost - mpmath.mpf(r) * (1 / mpmath.mpf(3) - p / 4)

    with mpmath.workdps(40):
        return mpmath.findroot(change, (0.2, 0.5), solver="anderson")


@pytest.mark.slow
def test_an_arrow_that_grows_between_two_others() -> None:
    """A third feature shares both dimensions, and begins where it would share the one of 2 → 1."""
    (change,) = between(line(3, 2, "4/5"), "1/4", "3/10")
    exact = Fraction(mpmath.nstr(onset_in_theory("0.8"), 25))
    assert abs(change.sparsity - exact) < Fraction(1, 10**16)


@pytest.mark.slow
def test_an_arrow_that_jumps_by_very_little() -> None:
    """Near r = 0.9 growth from nothing turns into a jump: here to a length of 0.0027."""
    (change,) = between(line(2, 1, "9/10"), "1/8", "1/4")
    assert change.kind == "crossing"
    assert 0.002 < change.after.lengths[1] < 0.003
    assert decimals(change.sparsity, 15) == "0.158101759207859"


def test_a_jump_within_one_shape_is_seen_from_far_off() -> None:
    """The two pairs are both minima for so few S that each glides into the other unseen."""
    two = line(2, 1, "3/5")
    left, right = (best.spot for best in best_at(two, [Fraction(7, 15), Fraction(1, 2)], Seek()))
    assert left.shape.key == right.shape.key
    ((below, above),) = intervals_to_search(two, [left, right])
    assert Fraction(7, 15) < below.sparsity < Fraction("0.4741") < above.sparsity < Fraction(1, 2)
    (jump,) = changes(two, below, above, 16, Seek(restarts=8))
    assert decimals(jump.sparsity, 15) == "0.474109753614038"
    assert [round(spot.lengths[1], 4) for spot in (jump.before, jump.after)] == [0.1507, 0.7533]


def test_growth_from_nothing_and_a_jump_between_two_points() -> None:
    found = between(line(2, 1, "3/5"), "9/20", "19/40")
    assert [(change.kind, decimals(change.sparsity, 12)) for change in found] == [
        ("continuous", "0.457362329955"),
        ("crossing", "0.474109753614"),
    ]
    assert [found[0].before.shape.dropped, found[0].after.shape.dropped] == [1, 0]
    assert found[0].digits == 16
    exact = Fraction(mpmath.nstr(onset_in_theory("0.6"), 25))
    assert abs(found[0].sparsity - exact) < Fraction(1, 10**16)


@pytest.mark.slow
def test_a_third_minimum_between_two_points_is_found() -> None:
    """From S = 1/20 to 1/10 the best of 4 → 2 changes twice, the second time by very little."""
    four = line(4, 2)
    start = Minimum(1.0, ((0.55, 0.72), (0.55, -0.72), (-0.46, 0), (-0.46, 0)), (0.45,) * 4, 0, 1)
    other = Minimum(1.0, ((0.83, 0), (-0.415, 0.719), (-0.415, -0.719), (0, 0)), (0.45,) * 4, 0, 1)
    ends = [Fraction(1, 20), Fraction(1, 10)]
    spots = [four.spot(s, each) for s, each in zip(ends, (start, other), strict=True)]
    left, right = four.followed(spots, ends)
    found = list(changes(four, left, right, 16, Seek(restarts=8)))
    assert [decimals(change.sparsity, 15) for change in found] == [
        "0.0675403560329538",
        "0.0818010759885721",
    ]
    assert found[0].after.shape.key == found[1].before.shape.key
    assert found[1].after.shape.family.name == "triangle"


@pytest.mark.slow
def test_importances_of_one_pair_decide_alone() -> None:
    """Features that do not overlap cost each other nothing: 3 → 2 changes where 2 → 1 does."""
    (three,), (two,) = (between(line(n, n - 1, "1/2"), "1/2", "21/40") for n in (3, 2))
    assert decimals(three.sparsity, 15) == "0.515412073889386"
    assert abs(three.sparsity - two.sparsity) < Fraction(1, 10**22)


def test_neighbours_mend_what_a_search_missed() -> None:
    two = line(2, 1)
    sparsities = [Fraction(k, 20) for k in (7, 8, 9)]
    found = best_at(two, sparsities, Seek())
    (missed,) = two.followed(
        [two.spot(sparsities[1], replace(found[1].spot.minimum, W=((1.0,), (0.0,)), b=(0.0, 0.3)))],
        [sparsities[1]],
    )
    (dropped,) = [two.spot(sparsities[1], replace(missed.minimum, loss=1.0))]
    mended = best_along(two, [found[0], BestAt(dropped, 64, 9), found[2]])
    assert mended[1].spot.loss == pytest.approx(found[1].spot.loss, rel=1e-12)
    assert [best.agreed for best in mended] == [found[0].agreed, 0, found[2].agreed]


def test_losses_by_how_many_are_active() -> None:
    model = ToyModel("9/10 1/10; -1/3 1/2; 1/7 -1", b="1/5 -1/9 1/4")
    weights = (ONE, ONE / 2, 2 * ONE)
    losses = active_losses(model, weights)
    exact = expected_loss(model, None, weights)
    assert losses == list(map(Fraction, map(str, exact.by_active or ())))
    S = Fraction(2, 7)
    value, slope = loss_and_slope(losses, S)
    for polynomial, number in ((exact.value, value), (exact.value.diff(SYMBOL), slope)):
        assert number == Fraction(str(polynomial.subs(SYMBOL, sympy.Rational(2, 7))))


def test_polynomials_are_read_off_exactly() -> None:
    points = [(Fraction(x), Fraction(x**3 - 7, 3), Fraction(2 - x)) for x in (1, 2, 5, 9)]
    assert at_zero(points) == (Fraction(-7, 3), Fraction(2))


def outline(shown: PhaseMap) -> list[object]:
    return [shown.points, shown.stretches, shown.changes, shown.curves]


def test_what_was_kept_is_not_worked_out_again(tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []

    def stop_at(stop: tuple[str, int] | None) -> Callable[[str, int, int], None]:
        def tell(stage: str, done: int, total: int) -> None:
            heard.append((stage, done, total))
            if (stage, done) == stop:
                raise KeyboardInterrupt(stage)

        return tell

    def run(stop: tuple[str, int] | None) -> PhaseMap:
        heard.clear()
        with LineStore(tmp_path / "map.jsonl") as store:
            return phase_map(2, 1, points=9, store=store, on_progress=stop_at(stop))

    with pytest.raises(KeyboardInterrupt, match="searched"):
        run(("searched", 8))
    with pytest.raises(KeyboardInterrupt, match="polished"):
        run(("polished", 3))
    assert heard[0] == ("searched", 8, 10)
    whole = run(None)
    assert heard[0] == ("searched", 10, 10)
    assert next(told for told in heard if told[0] == "polished") == ("polished", 3, 10)
    assert outline(whole) == outline(phase_map(2, 1, points=9))


def test_two_processes_give_the_same_map() -> None:
    with Processes(2) as executor:
        assert outline(phase_map(2, 1, points=5, executor=executor)) == outline(two_in_one())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"points": 2}, "3 to 1001 points along S, not 2"),
        ({"digits": 0}, "From 1 to 30 digits are worked out, not 0"),
        ({"features": 9}, "from 1 to 8, not 9"),
        ({"importance": "1 2"}, "one for each of the 3 features, not 2"),
        ({"importance": "-1"}, "An importance is at least 0"),
        ({"restarts": 0}, "At least 1 restart"),
    ],
)
def test_refusals(asked: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        phase_map(**asked)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.slow
def test_five_in_two() -> None:
    shown = phase_map(5, 2)
    assert [decimals(change.sparsity, 15) for change in shown.changes] == [
        "0.0792797200769172",
        "0.0817717498801109",
        "0.0818010759885721",
        "0.355759635539374",
        "0.775124550636342",
    ]
    assert shown.stretches[-1].shape.family.name == "pentagon"

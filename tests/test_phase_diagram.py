"""The phase diagram: true minima, the textbook's candidates beside them, and how both are shown."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import isclose, log10

import pytest
import sympy
from rich.console import Console

import handcalc
from handcalc.errors import InputError
from handcalc.processes.jobs import Processes
from handcalc.superposition.phases import candidates, diagram_survey
from handcalc.superposition.phases.candidates import candidates_crossing, textbook_candidates
from handcalc.superposition.phases.diagram import PhaseDiagram, Point, phase_diagram
from handcalc.superposition.phases.diagram_survey import DiagramPoint, Rough, Task, log_spaced
from handcalc.superposition.phases.regimes import FeatureRegime
from handcalc.views.json import phases as phase_data
from handcalc.views.notation import ASCII, UNICODE
from handcalc.views.plots import diagram as plots_diagram
from handcalc.views.plots import style
from handcalc.views.text import diagram as diagram_text

R = sympy.Rational
CASES = [(2, 1), (3, 2)]
SIZE = 4  # an even one, so that no feature is like the last


@pytest.fixture(scope="module")
def diagrams() -> dict[tuple[int, int], PhaseDiagram]:
    """Small ones, computed once."""
    return {case: phase_diagram(*case, SIZE, restarts=8) for case in CASES}


def points(diagram: PhaseDiagram) -> list[Point]:
    return list(diagram.all_points)


# -- the grid -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, 5, 60, 200])
def test_the_grid_is_even_in_the_logarithm_and_exact(size: int) -> None:
    for first in (-1, -2):
        values = log_spaced(first, size)
        assert values[0] == R(10) ** first
        assert values[-1] == R(10) ** (first + 2)
        assert len(set(values)) == size
        for k, value in enumerate(values):
            assert abs(log10(value) - (first + 2 * k / (size - 1))) < 3e-4
            assert R(f"{float(value):.4g}") == value


def test_a_place_is_asked_for_exactly() -> None:
    problem = DiagramPoint(R("0.1668"), R("0.01681")).problem(3, 2)
    assert problem.importance == (1, 1, R("0.1668"))
    assert problem.probability == (R("0.01681"),) * 3


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ((5, 2, 9), "for 2 to 4 features, not 5"),
        ((3, 3, 9), "there must be 1 to 2 hidden dimensions, not 3"),
        ((3, 2, 1), "A grid has 2 to 200 steps each way, not 1"),
    ],
)
def test_what_has_no_diagram_is_refused(asked: tuple[int, int, int], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        phase_diagram(*asked)


# -- true minima ----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_every_point_is_stationary_and_its_loss_is_exact(
    diagrams: dict[tuple[int, int], PhaseDiagram], case: tuple[int, int]
) -> None:
    assert all(point.slope < 1e-50 for point in points(diagrams[case]))
    for point in points(diagrams[case])[::5]:
        importance = [1] * (case[0] - 1) + [point.importance]
        inputs = handcalc.SparseUniform(1 - point.density)
        loss = handcalc.expected_loss(point.model, inputs, importance).value
        assert abs(loss - R(point.loss)) <= abs(loss) * R(10) ** -50
        gradient = handcalc.loss_gradient(point.model, inputs, importance)
        slopes = [slope for row in gradient.W for slope in row] + list(gradient.b)
        steepest = max(max(abs(slope.left), abs(slope.right)) for slope in slopes)
        assert isclose(float(steepest), point.slope, rel_tol=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_no_candidate_is_better_than_the_minimum_found(
    diagrams: dict[tuple[int, int], PhaseDiagram], case: tuple[int, int]
) -> None:
    for point, candidate in product(points(diagrams[case]), textbook_candidates(*case)):
        assert R(point.loss) <= candidate.loss(point.importance, point.density) * (1 + R(10) ** -50)


def test_a_point_with_a_known_minimum() -> None:
    """Two features alike in one dimension at S = 1/2: REFERENCE's pair, w = 0.96897, b = 0.0977."""
    task = Task(2, 1, (0,), (DiagramPoint(R(1), R(1, 2)),), restarts=8, seed=0)
    found = Rough.of(diagram_survey.search_places(task)[0])
    record = diagram_survey.polish(replace(task, known=(found,)))[0]
    assert float(record["loss"]) == pytest.approx(0.0762824470, abs=5e-11)
    assert sorted(abs(float(row[0])) for row in record["W"]) == pytest.approx(
        [0.96897] * 2, abs=1e-5
    )


@pytest.mark.parametrize("p", [R(1, 3), R(3, 5), R(9, 10)])
def test_two_features_may_change_places(p: sympy.Rational) -> None:
    """The importances (1, r) are r times (1/r, 1), so L(r, p) = r L(1/r, p)."""
    task = Task(
        2, 1, (0, 1), (DiagramPoint(R(5, 2), p), DiagramPoint(R(2, 5), p)), restarts=8, seed=0
    )
    found = tuple(map(Rough.of, diagram_survey.search_places(task)))
    first, second = diagram_survey.polish(replace(task, known=found))
    ratio = Fraction(first["loss"]) / Fraction(second["loss"])
    assert abs(ratio / Fraction(5, 2) - 1) < Fraction(1, 10**50)


def test_the_corners_of_the_diagram_are_as_in_the_paper(
    diagrams: dict[tuple[int, int], PhaseDiagram],
) -> None:
    corners = {
        case: [[diagram.points[p][r].fate for r in (0, -1)] for p in (-1, 0)]
        for case, diagram in diagrams.items()
    }
    dense = ["not represented", "dedicated dimension"]
    assert corners[2, 1] == [dense, ["superposition", "superposition"]]
    assert corners[3, 2] == [dense, ["superposition", "dedicated dimension"]]


def test_the_diagram_does_not_need_the_candidates(
    diagrams: dict[tuple[int, int], PhaseDiagram], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "textbook_candidates", lambda *_: ())
    for case, diagram in diagrams.items():
        alone = phase_diagram(*case, SIZE, restarts=8)
        assert alone == replace(diagram, textbook=None, borders=())
        assert (alone.differs, alone.savings) == (None, None)
        assert diagram_text.sentences(alone) == diagram_text.sentences(diagram)[:1]
        assert "textbook" not in phase_data.diagram(alone)["points"][0]  # type: ignore[index]  # a list


def test_isolated_misses_are_repaired(
    diagrams: dict[tuple[int, int], PhaseDiagram], monkeypatch: pytest.MonkeyPatch
) -> None:
    search_places = diagram_survey.search_places

    def missing(task: Task) -> list[object]:
        found = list(map(Rough.of, search_places(task)))
        worse = replace(found[0], loss=1.0, W=((0.0,),) * 2, b=(0.0,) * 2)
        missed = {number for number in task.numbers if number % 5 in (0, 3)}
        pairs = zip(task.numbers, found, strict=True)
        return [(worse if number in missed else rough).record() for number, rough in pairs]

    monkeypatch.setattr(diagram_survey, "search_places", missing)
    repaired = phase_diagram(2, 1, SIZE, restarts=8)
    assert repaired.repaired == 7
    assert repaired.looks > 1
    assert repaired.lowest_agreement.agreed == 0
    for mended, sound in zip(points(repaired), points(diagrams[2, 1]), strict=True):
        assert mended.fate == sound.fate
        assert isclose(float(mended.loss), float(sound.loss), rel_tol=1e-12)


def test_other_starts_lead_to_the_same_diagram(
    diagrams: dict[tuple[int, int], PhaseDiagram],
) -> None:
    other = phase_diagram(2, 1, SIZE, restarts=8, seed=7)
    for mine, theirs in zip(points(other), points(diagrams[2, 1]), strict=True):
        assert mine.fate == theirs.fate
        assert abs(Fraction(mine.loss) / Fraction(theirs.loss) - 1) < Fraction(1, 10**50)


@pytest.mark.slow
@pytest.mark.parametrize("made", [ThreadPoolExecutor, Processes])
def test_sharing_the_work_out_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, made: Callable[[int], Executor]
) -> None:
    monkeypatch.setattr(diagram_survey, "_TOGETHER", 3)
    with made(2) as executor:
        shared_out = phase_diagram(2, 1, 3, restarts=8, executor=executor)
    assert shared_out == phase_diagram(2, 1, 3, restarts=8)


# -- the last feature's fate ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("W", "named"),
    [
        ([[1.0], [-0.49]], "not represented"),
        ([[1.0], [-0.5]], "superposition"),
        ([[0.49], [-1.0]], "dedicated dimension"),
        ([[0.5], [-1.0]], "superposition"),
        ([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], "not represented"),
    ],
)
def test_fates(W: list[list[float]], named: str) -> None:
    assert FeatureRegime.of(W, len(W) - 1).fate == named


def test_where_the_last_feature_is_like_another_the_choice_is_fixed() -> None:
    """At r = 1 a search may come upon either feature in the place of the other."""
    task = Task(2, 1, (0,), (DiagramPoint(R(1), R(1)),), restarts=8, seed=0)
    found = Rough.of(diagram_survey.search_places(task)[0])
    other = replace(found, W=found.W[::-1], b=found.b[::-1])
    either = [diagram_survey.polish(replace(task, known=(rough,)))[0] for rough in (found, other)]
    lengths = [[abs(float(row[0])) for row in record["W"]] for record in either]
    assert lengths[0] == pytest.approx(lengths[1], abs=1e-12)
    assert lengths[0][1] > lengths[0][0] + 0.5


def test_a_pair_that_is_always_on_is_told_as_antipodal() -> None:
    """At S = 0 an arrow may be turned round at no cost; the one with a name is chosen."""
    task = Task(2, 1, (0,), (DiagramPoint(R(1), R(1)),), restarts=8, seed=0)
    found = Rough.of(diagram_survey.search_places(task)[0])
    (w, v), (b, c) = (row[0] for row in found.W), found.b
    turned = replace(found, W=((w,), (-v,)), b=(b + w * v, c + w * v))
    records = [diagram_survey.polish(replace(task, known=(rough,)))[0] for rough in (found, turned)]
    assert [record["family"] for record in records] == ["antipodal"] * 2
    ratio = Fraction(records[0]["loss"]) / Fraction(records[1]["loss"])
    assert abs(ratio - 1) < Fraction(1, 10**50)


# -- the textbook's candidates --------------------------------------------------------------------


@pytest.mark.parametrize("case", [*CASES, (4, 2)])
def test_a_candidates_loss_is_its_models_expected_loss(case: tuple[int, int]) -> None:
    places = product([R(1, 10), R(1), R(7, 2)], [R(1, 50), R(3, 5), R(1)])
    for (r, p), candidate in product(places, textbook_candidates(*case)):
        model = candidate.model(p)
        assert (model.n, model.m) == case
        importance = [1] * (case[0] - 1) + [r]
        exact = handcalc.expected_loss(model, handcalc.SparseUniform(1 - p), importance).value
        assert candidate.loss(r, p) == exact


def test_the_lines_of_equal_loss() -> None:
    pair, first_dropped, last_dropped = textbook_candidates(2, 1)
    share, alone, _, dropped = textbook_candidates(3, 2)
    for r in (R(1, 10), R(1, 3), R(1), R(5, 2), R(10)):
        assert candidates_crossing(last_dropped, pair, r) == 4 * r / (2 + 5 * r)
        assert candidates_crossing(pair, first_dropped, r) == 4 / (5 + 2 * r)
        assert candidates_crossing(dropped, share, r) == 4 * r / (2 + 5 * r)
        assert candidates_crossing(share, alone, r) is None


def test_the_borders_are_those_lines_as_far_as_nothing_else_is_better() -> None:
    rs, ps = [R(k, 10) for k in range(1, 101)], [R(k, 100) for k in range(1, 101)]
    found = candidates.borders(textbook_candidates(2, 1), rs, ps)
    left = [line for line in found if line[-1] == (1, R(4, 7))]
    assert left == [tuple((r, 4 * r / (2 + 5 * r)) for r in rs if r <= 1)]
    right = [line for line in found if line[0] == (1, R(4, 7))]
    assert right == [tuple((r, 4 / (5 + 2 * r)) for r in rs if r >= 1)]
    upright = [line for line in found if {r for r, _ in line} == {1}]
    assert upright == [tuple((R(1), p) for p in ps if p > R(4, 7))]
    assert len(found) == 3


def test_three_features_have_an_upright_border_all_the_way() -> None:
    rs, ps = [R(1, 10), R(1, 2), R(1), R(2)], [R(k, 100) for k in range(1, 101)]
    found = candidates.borders(textbook_candidates(3, 2), rs, ps)
    assert [len(line) for line in found] == [3, 100]


# -- how it is shown ------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("case", CASES)
def test_the_text_fits_and_counts(
    diagrams: dict[tuple[int, int], PhaseDiagram], case: tuple[int, int], notation: object
) -> None:
    diagram = diagrams[case]
    file = io.StringIO()
    Console(file=file, width=80).print(diagram_text.diagram(diagram, notation))  # type: ignore[arg-type]  # one of the two
    lines = file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert notation is UNICODE or file.getvalue().isascii()
    picture = [line[5:].split() for line in lines[4 : 4 + SIZE]]
    assert [len(row) for row in picture] == [3] * SIZE
    drawn = "".join(row[0] for row in picture)
    assert [drawn.count(letter) for letter in ".DS"] == list(diagram.counts.values())
    assert "".join(row[2] for row in picture).count("#") == sum(map(sum, diagram.differs or ()))


@pytest.mark.parametrize("case", CASES)
def test_the_difference_is_where_two_fates_differ(
    diagrams: dict[tuple[int, int], PhaseDiagram], case: tuple[int, int]
) -> None:
    diagram = diagrams[case]
    assert diagram.textbook is not None
    assert diagram.differs is not None
    places = [(i, j) for i in range(SIZE) for j in range(SIZE) if diagram.differs[i][j]]
    fates = [(diagram.points[i][j].fate, diagram.textbook[i][j].fate) for i, j in places]
    assert all(found != told for found, told in fates)
    assert len(places) < SIZE**2 / 2  # they agree in most places


def test_rows_and_object_hold_the_same(diagrams: dict[tuple[int, int], PhaseDiagram]) -> None:
    diagram = diagrams[3, 2]
    head, *rows = phase_data.diagram_rows(diagram)
    entries = phase_data.diagram(diagram)["points"]
    assert isinstance(entries, list)
    assert len(rows) == len(entries) == SIZE**2
    assert head[-9:] == ["W11", "W12", "W21", "W22", "W31", "W32", "b1", "b2", "b3"]
    for row, entry in zip(rows, entries, strict=True):
        named = dict(zip(head, row, strict=True))
        assert [named["W31"], named["W32"]] == entry["W"][2]
        assert (named["loss"], named["fate"]) == (entry["loss"], entry["fate"])
        assert R(named["sparsity"]) == 1 - R(named["density"])


def test_the_figure_is_the_same_file_every_time(
    diagrams: dict[tuple[int, int], PhaseDiagram],
) -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra `plot`")
    drawn = [plots_diagram.figure(diagrams[3, 2]) for _ in range(2)]
    first, second = (style.rendered(figure, "svg", "What is <seen>.") for figure in drawn)
    assert first == second
    assert b"What is &lt;seen&gt;." in first
    assert b"<dc:date>" not in first
    assert style.rendered(drawn[0], "png", "").startswith(b"\x89PNG")
    titles = [axes.get_title(loc="left") for axes in drawn[0].axes]
    assert titles[:3] == [
        "True minima (best found)",
        "The textbook's candidates",
        "What the true minimum saves",
    ]
    alone = plots_diagram.figure(replace(diagrams[3, 2], textbook=None, borders=()))
    assert sum(bool(axes.get_title(loc="left")) for axes in alone.axes) == 1

"""Sets of directions with names: lines as far apart as can be, and what comes back from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from itertools import combinations, product
from types import MappingProxyType
from typing import NamedTuple

from handcalc.directions.coherence import Coherence, coherence
from handcalc.directions.recovery import Recovery, recovery
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import Exported
from handcalc.inputs.arguments import Matrix
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import brief

MOST_RECOVERED = 12  # rows of a set whose recovery its page shows


@dataclass(frozen=True, slots=True, repr=False)
class DirectionSet(Displayed, Exported):
    """A named set of directions: its story, its rows as a model, and where it is from."""

    name: str
    title: str
    story: str
    model: ToyModel
    source: str

    def __repr__(self) -> str:
        return f"<DirectionSet {self.name}: {self.title}>"

    @property
    def coherence(self) -> Coherence | None:
        """How close its rows stand; None where one of them is zero."""
        return coherence(self.model) if all(map(any, self.model.W)) else None

    @property
    def recovery(self) -> Recovery | None:
        """Which sparse inputs come back; None for more than twelve rows."""
        return recovery(self.model) if self.model.n <= MOST_RECOVERED else None

    def arrays(self) -> dict[str, Matrix]:
        """W, a row for each direction, exact."""
        return {"W": self.model.W}


def direction_set(name: str) -> DirectionSet:
    """The named set of directions, such as "icosahedron".

    Args:
        name: One of the names that ``direction_sets`` lists.

    Returns:
        The set: its rows as a model, its story, and how close its rows stand, checked exactly.

    Raises:
        InputError: ``unknown_set``, with the nearest name.

    Examples:
        >>> direction_set("icosahedron").coherence.coherence
        sqrt(5)/5
    """
    if name not in _SETS:
        close = get_close_matches(brief(name).strip("'").lower(), _SETS, 1)
        raise InputError(
            "unknown_set",
            f"There is no set of directions named {brief(name)}; the names are {', '.join(_SETS)}.",
            suggestion=close[0] if close else None,
        )
    found = _SETS[name]
    return DirectionSet(name, found.title, found.story, ToyModel(found.rows()), found.source)


def direction_sets() -> tuple[DirectionSet, ...]:
    """All named sets of directions: lines far apart first, then those on what comes back.

    Returns:
        Twenty sets.

    Examples:
        >>> [found.name for found in direction_sets()][:3]
        ['triangle', 'tetrahedron', 'simplex']
    """
    return tuple(direction_set(name) for name in _SETS)


# -- the rows --------------------------------------------------------------------------------------

_Rows = Callable[[], object]


def _typed(text: str) -> _Rows:
    return lambda: text


def _signs(count: int, is_kept: Callable[[tuple[int, ...]], bool]) -> list[tuple[int, ...]]:
    """Rows of ±1 with 1 in front: one of each pair ±v."""
    rows = ((1, *rest) for rest in product((1, -1), repeat=count - 1))
    return [row for row in rows if is_kept(row)]


def _simplex() -> object:
    return [[4 if k == i else -1 for k in range(5)] for i in range(5)]


def _half_signs() -> object:
    return _signs(6, lambda row: sum(row) == 0)


def _even_signs() -> object:
    return _signs(6, lambda row: row.count(-1) % 2 == 0)


def _two_places() -> object:
    """The permutations of (−3, −3, 1, 1, 1, 1, 1, 1)."""
    return [[-3 if k in pair else 1 for k in range(8)] for pair in combinations(range(8), 2)]


def _roots_of_e8() -> object:
    """Half of the 240 roots, doubled: ±2 at two places, and an even number of −1, up to sign."""
    pairs = product(combinations(range(8), 2), (2, -2))
    integral = [
        [2 if k == i else second if k == j else 0 for k in range(8)] for (i, j), second in pairs
    ]
    return [*integral, *_signs(8, lambda row: row.count(-1) % 2 == 0)]


def _three_bases() -> object:
    """Three orthogonal bases of R⁴: unit vectors, and two of signs, told apart by their product."""
    units = [[2 if k == i else 0 for k in range(4)] for i in range(4)]
    signs = _signs(4, lambda _: True)
    return [*units, *sorted(signs, key=lambda row: row.count(-1) % 2)]


def _moments() -> object:
    return [[t, t**2, t**3, t**4] for t in (1, -1, 2, -2, 3, -3)]


def _five_in_four() -> object:
    pair = [[Fraction(k, 25) for k in (7, s * 8, s * 16, s * 16)] for s in (1, -1)]
    rest: Iterable[tuple[int, ...]] = ((-1, 2, -2, 0), (-1, 0, 2, -2), (-1, -2, 0, 2))
    return [*pair, *([Fraction(k, 3) for k in row] for row in rest)]


class _Set(NamedTuple):
    """A set as it is written down; its rows are made when it is asked for."""

    title: str
    story: str
    rows: _Rows
    source: str


_PHI = "(1+sqrt(5))/2"
_PACKING = "Conway, Hardin, Sloane 1996, Packing Lines, Planes, etc."
_LINES = "Lemmens, Seidel 1973, Equiangular Lines"
_BASES = "Levenshtein 1982; see also Cameron, Seidel 1973"
_DERIVED = "derived here"

_SETS: Mapping[str, _Set] = MappingProxyType(
    {
        "triangle": _Set(
            "Three features share the plane equally",
            "Three lines 60° apart, and as vectors 120°, so that no overlap is positive. Only what "
            "all three features have in common is lost, as the arrows sum to 0: every x ≥ 0 with "
            "one feature off comes back, where a ReLU already fails.",
            _typed("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2"),
            _PACKING,
        ),
        "tetrahedron": _Set(
            "Four features share space equally",
            "The four diagonals of a cube, |cos| = 1/3 between any two; with these signs they are "
            "the corners of a tetrahedron, which sum to 0.",
            _typed("1 1 1; 1 -1 -1; -1 1 -1; -1 -1 1"),
            _PACKING,
        ),
        "simplex": _Set(
            "Five features share four dimensions equally",
            "The rows 5eᵢ − (1, 1, 1, 1, 1): they sum to 0, so that they span four dimensions. In "
            "d dimensions d + 1 rows made like this have cos = −1/d, as Welch's bound allows.",
            _simplex,
            _PACKING,
        ),
        "icosahedron": _Set(
            "The six axes of an icosahedron",
            "Six lines in space, as many as can have one angle between all of them: |cos| is 1/√5. "
            "φ, the golden ratio, is in their coordinates and in none of their angles.",
            _typed(f"0 1 {_PHI}; 0 1 -{_PHI}; 1 {_PHI} 0; 1 -{_PHI} 0; {_PHI} 0 1; -{_PHI} 0 1"),
            _PACKING,
        ),
        "axes-and-diagonals": _Set(
            "The three axes of a cube and its four diagonals",
            "Seven lines in space; the nearest are an axis and a diagonal, |cos| = 1/√3. No seven "
            "are further apart.",
            _typed("1 0 0; 0 1 0; 0 0 1; 1 1 1; 1 1 -1; 1 -1 1; -1 1 1"),
            _PACKING,
        ),
        "half-signs": _Set(
            "Ten lines in five dimensions",
            "Six signs of which three are positive, up to sign: their sum is 0, so that they span "
            "five dimensions of six.",
            _half_signs,
            _LINES,
        ),
        "even-signs": _Set(
            "Sixteen lines in six dimensions",
            "Six signs with an even number of minus signs, up to sign.",
            _even_signs,
            _LINES,
        ),
        "twenty-eight": _Set(
            "Twenty-eight lines in seven dimensions",
            "The places of two −3 among eight numbers, the others 1: their sum is 0. As many as "
            "can have one angle in seven dimensions, and in any more below 15.",
            _two_places,
            _LINES,
        ),
        "two-bases": _Set(
            "Two unbiased bases of the plane",
            "Two orthogonal bases; what is along an axis of one is spread evenly over the other.",
            _typed("1 0; 0 1; 1 1; 1 -1"),
            _BASES,
        ),
        "three-bases": _Set(
            "Three unbiased bases in four dimensions",
            "Twelve lines: within a basis at right angles, between two bases |cos| = 1/2.",
            _three_bases,
            _BASES,
        ),
        "e8": _Set(
            "The 120 lines of the roots of E₈",
            "Eight dimensions hold 120 lines with |cos| of 0 or 1/2.",
            _roots_of_e8,
            _BASES,
        ),
        "antipodal": _Set(
            "One feature to itself, two back to back",
            "A pair back to back has the largest coherence of all, 1, and the smallest signed "
            "cosine. Features are not negative, and so one of the two at a time comes back.",
            _typed("1 0; 0 1; 0 -1"),
            _DERIVED,
        ),
        "square": _Set(
            "Two pairs back to back",
            "Four features in two dimensions.",
            _typed("1 0; 0 1; -1 0; 0 -1"),
            _DERIVED,
        ),
        "octahedron": _Set(
            "Three pairs back to back",
            "Six features in three dimensions.",
            _typed("1 0 0; 0 1 0; 0 0 1; -1 0 0; 0 -1 0; 0 0 -1"),
            _DERIVED,
        ),
        "minus-sum": _Set(
            "Four axes and minus their sum",
            "Five features in four dimensions, whose one dependence has all signs alike.",
            _typed("1 0 0 0; 0 1 0 0; 0 0 1 0; 0 0 0 1; -1 -1 -1 -1"),
            _DERIVED,
        ),
        "two-triangles": _Set(
            "Two triangles, each in a plane of its own",
            "Six features in four dimensions.",
            _typed(
                "1 0 0 0; -1/2 sqrt(3)/2 0 0; -1/2 -sqrt(3)/2 0 0; "
                "0 0 1 0; 0 0 -1/2 sqrt(3)/2; 0 0 -1/2 -sqrt(3)/2"
            ),
            _DERIVED,
        ),
        "interfering": _Set(
            "A feature between two others",
            "The third row is the half-way point of the two others, and half as long as a unit row "
            "would have it: least ‖x‖₁ cannot tell it from the two.",
            _typed("1 0; 0 1; 1/2 1/2"),
            _DERIVED,
        ),
        "moment-curve": _Set(
            "Six points of the moment curve",
            "Rows (t, t², t³, t⁴) at t = ±1, ±2, ±3: any four of them are independent.",
            _moments,
            "Donoho, Tanner 2005",
        ),
        "five-in-four": _Set(
            "Least ‖x‖₁ returns something else",
            "Unit rows, each input of two features is the only one with its h, and yet ℓ₁ returns "
            "another: a longer support with shorter entries. That x ≥ 0 mends it.",
            _five_in_four,
            _DERIVED,
        ),
        "zero-row": _Set(
            "A feature without a direction",
            "A zero row has no angle with the others, and what it stands for never comes back.",
            _typed("1 0; 0 1; 0 0"),
            _DERIVED,
        ),
    }
)

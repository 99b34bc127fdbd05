"""The named embeddings, the by-hand walk of three features in two dimensions, and findings.

Findings say what an embedding gains and loses: of any model, and computed over all its inputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

import sympy

from handcalc.derivation import Cases, Claim, Findings, Number
from handcalc.display import Displayed, html_of
from handcalc.errors import InputError
from handcalc.export import Exported
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.exact import in_unit_interval
from handcalc.parsing import parse_vector
from handcalc.superposition.model.affine import Affine
from handcalc.superposition.model.forward_pass import Forward, forward
from handcalc.superposition.model.toy_model import Activation, ToyModel
from handcalc.wording import brief, joined


@dataclass(frozen=True, slots=True, repr=False)
class Embedding(Displayed, Exported):
    """A named embedding: its story, the model, and an example input in [0, 1]³."""

    name: str
    title: str
    story: str
    model: ToyModel
    example: Vector
    source: str

    def __repr__(self) -> str:
        return f"<Embedding {self.name}: {self.title}>"

    def _repr_html_(self) -> str | None:
        """The arrows beside the story and the steps."""
        return html_of(self)

    @property
    def findings(self) -> Findings:
        """What is gained and what is lost, computed over all inputs."""
        return findings(self.model)

    def arrays(self) -> dict[str, Matrix | Vector]:
        """W, b and the example input, exact."""
        return {**self.model.arrays(), "example": self.example}


def embedding(name: str) -> Embedding:
    """The named embedding, such as "antipodal".

    Args:
        name: One of the names that ``embeddings`` lists.

    Returns:
        The embedding: its model, its story and the example that it is shown with.

    Raises:
        InputError: ``unknown_embedding``, with the nearest name.

    Examples:
        >>> embedding("antipodal").model == ToyModel("1 0; 0 1; 0 -1", activation="linear")
        True
    """
    for found in embeddings():
        if found.name == name:
            return found
    names = [known.name for known in embeddings()]
    close = get_close_matches(brief(name).strip("'").lower(), names, 1)
    raise InputError(
        "unknown_embedding",
        f"There is no embedding named {brief(name)}; the names are {', '.join(names)}.",
        suggestion=close[0] if close else None,
    )


def embeddings() -> tuple[Embedding, ...]:
    """All named embeddings, in the order of the by-hand walk.

    Returns:
        Seven embeddings: six of Sorensen 2024, and the triangle.

    Examples:
        >>> [found.name for found in embeddings()][:3]
        ['orthogonal', 'interfering', 'antipodal']
    """
    return tuple(
        Embedding(
            stop.name,
            stop.title,
            stop.story,
            ToyModel(stop.W, stop.b, stop.activation),
            parse_vector(stop.example),
            _DERIVED if stop.name == "triangle" else _POST,
        )
        for stop in _WALK
    )


def which_model(shown: Embedding) -> str:
    """Which model an embedding is, and which others have the same arrows.

    >>> which_model(embedding("relu"))
    'Worked here is the ReLU model, x̂ = ReLU(Wh). The same arrows, as a linear model: antipodal; \
as a linear model with a bias: bias-corrected.'
    """
    others = [
        f"{_kind_of(other.model)}: {other.name}"
        for other in embeddings()
        if other.name != shown.name and other.model.W == shown.model.W
    ]
    z = "Wh + b" if any(shown.model.b) else "Wh"
    is_relu = shown.model.activation == "relu"
    formula = f"the ReLU model, x̂ = ReLU({z})" if is_relu else f"the linear model, x̂ = {z}"
    same = f" The same arrows, as a {'; as a '.join(others)}." if others else ""
    return f"Worked here is {formula}.{same}"


def _kind_of(model: ToyModel) -> str:
    kind = "ReLU model" if model.activation == "relu" else "linear model"
    return f"{kind} with a bias" if any(model.b) else kind


class _Stop(NamedTuple):
    """One stop of the walk, as it is written down."""

    name: str
    title: str
    story: str
    W: str
    b: str
    activation: Activation
    example: str


_POST = "Sorensen 2024, Toy Models of Superposition: Simplified by Hand"

_ORTHOGONAL = """\
Three features, two dimensions: the plainest choice is to give features 1 and 2 a direction each \
and to leave feature 3 out. The two directions are at a right angle, so neither feature shows up \
in the other's place. Nothing interferes, and one third of the input is gone."""

_INTERFERING = """\
Now let feature 3 in as well. The plane has no third direction at a right angle to the first two, \
so feature 3 leans on both of them: half a step along each. All three features now reach the \
output, but whenever feature 3 is on, a part of it turns up in the places of features 1 and 2, \
and whenever one of those is on, a part of it turns up in the place of feature 3. This is \
interference, and here it is positive: it adds."""

_ANTIPODAL = """\
Suppose that feature 1 matters most. Then give it a direction of its own, at a right angle to \
everything else. One line is left for features 2 and 3, and they share it back to back: one \
points up, the other down. Such a pair is called antipodal. Feature 1 is safe from both; the \
other two cancel each other, and what is read off is their difference."""

_ONE_EXAMPLE = """\
If the input is known beforehand, there is an easy way out: keep features 1 and 2 by their own \
directions, and write the value of feature 3 into the bias. The output is perfect for that input. \
It is also the same third number for every other input: the model has learnt one example by \
heart. This is overfitting at its smallest."""

_BIAS_CORRECTED = """\
In the antipodal pair each feature takes from the other, and by how much depends on the input. \
If features are uniform on [0, 1], they take 1/2 on average, so a bias of 1/2 gives back what is \
missing on average. Feature 1 lost nothing and gets nothing back. Whether a single input comes \
out closer depends on that input: the bias helps where the other feature is large, and hurts \
where it is small or off."""

_RELU = """\
The same antipodal pair, no bias, and one new part: ReLU sets negative outputs to 0. When feature \
3 is on and feature 2 is off, feature 2 would come out negative; ReLU turns that into the 0 that \
it should be. As long as only one of the pair is on, negative interference costs nothing. This is \
why sparse features, which are seldom on together, can be kept in superposition."""

_TRIANGLE = """\
No feature is favoured here: the three directions stand at 120° from each other, and every pair \
overlaps by −1/2. Each feature takes half of itself away from both others. With ReLU that costs \
nothing while a single feature is on, and when features are on together, all three share the \
damage. The antipodal pair does as well on single features, and spares feature 1 altogether."""

_DERIVED = "derived here; see Elhage et al. 2022, The Geometry of Superposition"

_ANTIPODAL_W = "1 0; 0 1; 0 -1"
_TRIANGLE_W = "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2"

_WALK = (
    _Stop(
        "orthogonal",
        "Keep two features, drop the third",
        _ORTHOGONAL,
        "1 0; 0 1; 0 0",
        "0 0 0",
        "linear",
        "1 1/4 1/2",
    ),
    _Stop(
        "interfering",
        "Embed all three, and let them interfere",
        _INTERFERING,
        "1 0; 0 1; 1/2 1/2",
        "0 0 0",
        "linear",
        "1 1/4 1/2",
    ),
    _Stop(
        "antipodal",
        "One feature to itself, two back to back",
        _ANTIPODAL,
        _ANTIPODAL_W,
        "0 0 0",
        "linear",
        "1 1/4 1/2",
    ),
    _Stop(
        "one-example",
        "One example, exactly, through the bias",
        _ONE_EXAMPLE,
        "1 0; 0 1; 0 0",
        "0 0 1/2",
        "linear",
        "1 1/4 1/2",
    ),
    _Stop(
        "bias-corrected",
        "Make up on average for what the pair takes",
        _BIAS_CORRECTED,
        _ANTIPODAL_W,
        "0 1/2 1/2",
        "linear",
        "1 1/4 1/2",
    ),
    _Stop(
        "relu",
        "Cut the negative interference off",
        _RELU,
        _ANTIPODAL_W,
        "0 0 0",
        "relu",
        "1 0 1/2",
    ),
    _Stop(
        "triangle",
        "Three features share the plane equally",
        _TRIANGLE,
        _TRIANGLE_W,
        "0 0 0",
        "relu",
        "0 1/2 0",
    ),
)


# --------------------------------------------------------------------------------------------------
# What an embedding gains and what it loses, over all inputs in [0, 1]ⁿ: computed, not told.

_ZERO = sympy.Integer(0)


def findings(model: ToyModel) -> Findings:
    """Which features and which inputs come out exactly, and how far off the others are.

    Each claim is decided by the symbolic forward pass, on the whole box or on a face of it.

    >>> found = findings(ToyModel("1 0; 0 1; 0 -1"))
    >>> found.gained[0].sentence
    'Feature 1 comes out exactly, whatever the input.'
    >>> found.gained[1].sentence
    'Every input with feature 2 or 3 off comes out exactly.'
    """
    result = forward(model)
    nearer, further = _bias_claims(model, result)
    gained = (*_exact_features(result), *_exact_inputs(result), *_all_embedded(model), *nearer)
    lost = (_loss(result, i) for i in range(model.n) if result.difference[i] != 0)
    return Findings(gained, (*lost, *further))


def _exact_features(result: Forward) -> Iterator[Claim]:
    exact = [i for i, difference in enumerate(result.difference, 1) if difference == 0]
    if len(exact) == result.model.n:
        yield Claim("Every input comes out exactly.")
    elif exact:
        come = "comes" if len(exact) == 1 else "come"
        yield Claim(f"{_features(exact)} {come} out exactly, whatever the input.")


def _exact_inputs(result: Forward) -> Iterator[Claim]:
    """The faces xⱼ = c of the box on which every feature comes out exactly."""
    model = result.model
    fixed = [
        (j, output)
        for j, output in enumerate(result.output, 1)
        if not output.free_symbols and in_unit_interval(output) and _all_exact(model, {j: output})
    ]
    off = [j for j in range(1, model.n + 1) if _all_exact(model, {j: _ZERO})]
    if off and any(result.difference):
        yield Claim(f"Every input with {_features(off, 'or').lower()} off comes out exactly.")
    rest = ", whatever the others are" if model.n > 1 else ""
    for j, value in fixed:
        if j not in off:
            yield Claim(
                f"Every input with feature {j} at {{}} comes out exactly{rest}.",
                (Number(value),),
            )
    features = range(1, model.n + 1)
    alone = ({j: _ZERO for j in features if j != i} for i in features)
    if not off and not fixed and model.n > 1 and all(_all_exact(model, rest) for rest in alone):
        yield Claim("Every input with a single active feature comes out exactly.")


def _all_embedded(model: ToyModel) -> Iterator[Claim]:
    entries, _ = model.elements()
    kept = tuple(row[i] for i, row in enumerate(entries.gram))
    if model.n > model.m and all(kept):
        shares = ", ".join(["{}"] * model.n)
        room = f"{model.m} dimensions" if model.m > 1 else "one dimension"
        yield Claim(
            f"All {model.n} features are embedded in {room}. Each brings itself into its own "
            f"output, times {shares}; what the others add or take there comes on top.",
            tuple(Number(share.to_sympy()) for share in kept),
        )


def _bias_claims(model: ToyModel, result: Forward) -> tuple[list[Claim], list[Claim]]:
    """Where the bias brings a linear output closer to its feature than b = 0 does, and where not.

    With d the difference, |d| < |d − b| exactly if b(b − 2d) > 0.
    """
    nearer: list[Claim] = []
    further: list[Claim] = []
    if model.activation != "linear":
        return nearer, further
    work = result.linear_pass
    for i, (b, z, x) in enumerate(zip(work.elements.b, work.z, work.x, strict=True), 1):
        gain = (Affine(b) - (z - x).scaled(2)).scaled(b.sign())
        if gain.sign() is None:
            start = f"Feature {i} comes out"
            nearer.append(Claim(f"{start} closer than with b = 0 where {{}}.", (gain.positive(),)))
            worse = gain.scaled(-1).positive()
            further.append(Claim(f"{start} further off than with b = 0 where {{}}.", (worse,)))
    return nearer, further


def _loss(result: Forward, i: int) -> Claim:
    output, shown = result.output[i], result.derivation.steps[-1].lines[i].value
    if not output.free_symbols:
        return Claim(f"Feature {i + 1} comes out as {{}}, whatever it was.", (Number(output),))
    if isinstance(shown, Cases):
        (first, condition), (second, _) = ((case.value, case.condition) for case in shown.branches)
        if condition is not None:
            return Claim(
                f"Feature {i + 1} is off by {{}} where {{}}, and by {{}} elsewhere.",
                (first, condition, second),
            )
    return Claim(f"Feature {i + 1} is off by {{}}.", (shown,))


def _all_exact(model: ToyModel, fixed: dict[int, sympy.Expr]) -> bool:
    x = [fixed.get(j, sympy.Symbol(f"x{j}")) for j in range(1, model.n + 1)]
    return not any(forward(model, x).difference)


def _features(numbers: list[int], conjunction: str = "and") -> str:
    plural = len(numbers) > 1 and conjunction == "and"
    return f"Feature{'s' if plural else ''} {joined(numbers, conjunction)}"

"""A forward pass that misses, and the questions that a diagnosis asks of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from handcalc.derivation import Number
from handcalc.numbers.field import Element
from handcalc.superposition.model.forward_pass import Forward
from handcalc.superposition.model.toy_model import ToyModel


@dataclass(frozen=True, slots=True)
class Pull:
    """The amount that feature ``source`` puts on top of feature ``on`` (from 1)."""

    source: int
    on: int
    amount: Element

    @property
    def shown(self) -> Number:
        """The amount for a notation to write."""
        return Number(self.amount.to_sympy())


@dataclass(frozen=True, slots=True)
class Failure:
    """The numbers of a forward pass in one field, and the features that it misses (from 1).

    ``x``, ``W``, ``b``, ``z`` and G = W Wᵀ are those of the pass; ``carried`` is z − b, and
    ``needed`` the bias with which this W would do, x − Gx. All of them count from 0.

    >>> from handcalc import ToyModel, forward
    >>> failure = Failure.of(forward(ToyModel("1 0; 0 1; 0 -1"), "1 1/2 1/4"))
    >>> failure.missed, [str(b.to_sympy()) for b in failure.needed]
    ((2, 3), ['0', '1/4', '1/2'])
    """

    model: ToyModel
    missed: tuple[int, ...]
    x: tuple[Element, ...]
    W: tuple[tuple[Element, ...], ...]
    b: tuple[Element, ...]
    carried: tuple[Element, ...]
    gram: tuple[tuple[Element, ...], ...]

    @classmethod
    def of(cls, work: Forward) -> Failure:
        """What a diagnosis looks at."""
        numbers = work.linear_pass
        return cls(
            model=work.model,
            missed=work.missed,
            x=tuple(form.constant for form in numbers.x),
            W=numbers.elements.W,
            b=numbers.elements.b,
            carried=tuple(form.constant for form in numbers.reconstruction),
            gram=numbers.elements.gram,
        )

    @property
    def z(self) -> tuple[Element, ...]:
        """W h + b."""
        return tuple(c + b for c, b in zip(self.carried, self.b, strict=True))

    @property
    def clips(self) -> bool:
        """Whether what is negative becomes 0."""
        return self.model.activation == "relu"

    @property
    def output(self) -> tuple[Element, ...]:
        """x̂."""
        return tuple(z * 0 if self.clips and z.sign() < 0 else z for z in self.z)

    @property
    def needed(self) -> tuple[Element, ...]:
        """The bias with which this W would do."""
        return tuple(x - c for x, c in zip(self.x, self.carried, strict=True))

    @property
    def has_weights(self) -> bool:
        """Whether W has an entry that is not 0."""
        return any(cell for row in self.W for cell in row)

    @property
    def unbiased(self) -> tuple[int, ...]:
        """The features that miss and have bias 0."""
        return tuple(i for i in self.missed if not self.b[i - 1])

    def share(self, feature: int) -> Element:
        """Gᵢᵢ, the share of itself that a feature (from 1) keeps: its arrow's length squared."""
        return self.gram[feature - 1][feature - 1]

    def pulls(self, feature: int) -> tuple[Pull, ...]:
        """What each other feature puts on top of a feature (from 1), if anything."""
        row = zip(self.gram[feature - 1], self.x, strict=True)
        amounts = ((source, g * x) for source, (g, x) in enumerate(row, 1) if source != feature)
        return tuple(Pull(source, feature, amount) for source, amount in amounts if amount)

    def unbiased_pairs(self, factor: int) -> Iterator[tuple[int, int]]:
        """Features without bias, one of them missed, whose arrows are Wᵢ = factor · Wⱼ ≠ 0."""
        for i, j in combinations(range(1, len(self.W) + 1), 2):
            first, second = self.W[i - 1], self.W[j - 1]
            if (
                {i, j} & set(self.missed)
                and not (self.b[i - 1] or self.b[j - 1])
                and any(first)
                and all(p == q * factor for p, q in zip(first, second, strict=True))
            ):
                yield i, j


def largest(pulls: Sequence[Pull]) -> Pull:
    """The first of the pulls whose amount is farthest from 0."""
    best = pulls[0]
    for pull in pulls[1:]:
        if (pull.amount**2 - best.amount**2).sign() > 0:
            best = pull
    return best

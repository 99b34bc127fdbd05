"""king − man + woman: whether an equation of words holds, and which word is nearest, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import NamedTuple

import sympy

from handcalc.derivation import (
    Applied,
    Derivation,
    Difference,
    Expression,
    Line,
    Name,
    Number,
    Power,
    Product,
    Ratio,
    Step,
    Sum,
)
from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.export import Exported
from handcalc.inputs.arguments import Matrix, Vector, read_vector
from handcalc.numbers.exact import exact, listed_text, sign
from handcalc.wording import brief, joined, listed

_MOST_WORDS = 30


@dataclass(frozen=True, slots=True, repr=False)
class Analogy(Displayed, Exported):
    """An equation of words as arrows: its result r, which words it is, and which are nearest.

    ``terms`` are the words of the equation with their signs. ``squares`` are cos² of the angle
    between r and each word, with the sign of the cosine; None where one of them is zero and has no
    direction. ``nearest`` are the words with the largest, and ``nearest_others`` the same with the
    words of the equation left out, as the usual demonstration does.
    """

    words: tuple[str, ...]
    vectors: Matrix
    terms: tuple[tuple[int, str], ...]
    result: Vector
    squares: tuple[sympy.Expr | None, ...]

    @property
    def equals(self) -> tuple[str, ...]:
        """The words that are the result, exactly."""
        return tuple(
            word
            for word, vector in zip(self.words, self.vectors, strict=True)
            if vector == self.result
        )

    @property
    def nearest(self) -> tuple[str, ...]:
        """The words whose direction is nearest to the result's, nothing left out."""
        return self._nearest(self.words)

    @property
    def nearest_others(self) -> tuple[str, ...]:
        """The nearest of the words that are not in the equation."""
        taken = {word for _, word in self.terms}
        return self._nearest([word for word in self.words if word not in taken])

    @property
    def equation(self) -> str:
        """The equation, with minus signs."""
        first, *rest = self.terms
        start = f"{'−' if first[0] < 0 else ''}{first[1]}"
        return start + "".join(f" {'−' if s < 0 else '+'} {word}" for s, word in rest)

    @property
    def derivation(self) -> Derivation:
        """The result place by place, and cos² with each word."""
        return Derivation((_added(self), *_compared(self)))

    def __repr__(self) -> str:
        return abridged(f"<Analogy: {self.equation} = {listed_text(self.result)}>")

    def arrays(self) -> dict[str, Matrix | Vector]:
        """The words' arrows, and the result."""
        return {"vectors": self.vectors, "result": self.result}

    def _nearest(self, among: Sequence[str]) -> tuple[str, ...]:
        known = {
            word: square
            for word, square in zip(self.words, self.squares, strict=True)
            if square is not None and word in among
        }
        best: list[str] = []
        for word, square in known.items():
            order = sign(square - known[best[0]]) if best else 1
            best = [word] if order > 0 else [*best, word] if order == 0 else best
        return tuple(best)


def analogy(words: Mapping[str, object], equation: str) -> Analogy:
    """The arrow of an equation such as king − man + woman, and the words nearest to it.

    Args:
        words: The arrow of each word, all of one length, as texts or lists of exact numbers.
        equation: Words with + and − between, each with blanks around it.

    Returns:
        The result, cos² with each word, and the nearest, with and without the words of the
        equation; ``derivation`` works it out.

    Raises:
        InputError: ``words`` for arrows that do not fit; ``equation`` for one that cannot be read.

    Source: Mikolov et al. 2013 (the demonstration).

    Examples:
        >>> royal = {"king": "3 3 0", "man": "3 0 0", "woman": "3 0 1", "queen": "2 3 2"}
        >>> found = analogy(royal, "king - man + woman")
        >>> found.result, found.nearest, found.nearest_others
        ((3, 3, 1), ('king',), ('queen',))
    """
    names, vectors = _read_words(words)
    terms = _read_equation(equation, names)
    by_name = dict(zip(names, vectors, strict=True))
    result = tuple(
        exact(sympy.Add(*(s * by_name[word][k] for s, word in terms)))
        for k in range(len(vectors[0]))
    )
    squares = tuple(_square(result, vector) for vector in vectors)
    return Analogy(names, vectors, terms, result, squares)


def _square(a: Vector, b: Vector) -> sympy.Expr | None:
    """cos² with the sign of the cosine; None where one of them has no direction."""
    across, lengths = _dot(a, b), exact(_dot(a, a) * _dot(b, b))
    return None if lengths == 0 else exact(sign(across) * across**2 / lengths)


def _dot(a: Vector, b: Vector) -> sympy.Expr:
    return exact(sympy.Add(*(p * q for p, q in zip(a, b, strict=True))))


# -- what was given --------------------------------------------------------------------------------


def _read_words(words: object) -> tuple[tuple[str, ...], Matrix]:
    if not isinstance(words, Mapping) or not words:
        raise InputError(
            "words",
            'Words are given with their arrows, such as {"king": "3 3 0", "man": "3 0 0"}, not as '
            f"{brief(words)}.",
        )
    if len(words) > _MOST_WORDS:
        raise InputError("words", f"At most {_MOST_WORDS} words are taken, not {len(words)}.")
    for word in words:
        plain = isinstance(word, str) and word.isprintable() and len(word.split()) == 1
        if not plain or word in _SIGNS:
            raise InputError("words", f"A word has no blanks and is no sign, unlike {brief(word)}.")
    vectors = tuple(read_vector(arrow, word) for word, arrow in words.items())
    lengths = {len(vector) for vector in vectors}
    if len(lengths) > 1:
        sizes = listed(sorted(lengths))
        raise InputError("words", f"All arrows have one length; here some have {sizes} numbers.")
    return tuple(words), vectors


_SIGNS = {"+": 1, "-": -1, "−": -1}


def _read_equation(equation: object, names: Sequence[str]) -> tuple[tuple[int, str], ...]:
    parts = equation.split() if isinstance(equation, str) else []
    if parts and parts[0] not in _SIGNS:
        parts = ["+", *parts]
    signs, words = parts[::2], parts[1::2]
    if not words or len(signs) != len(words) or not set(signs) <= set(_SIGNS):
        raise InputError(
            "equation",
            "An equation has words with + or - between, and blanks around each, such as "
            f"king - man + woman, not {brief(equation)}.",
        )
    for word in words:
        if word not in names:
            close = get_close_matches(word, names, 1)
            raise InputError(
                "equation",
                f"{brief(word)} is none of the words, which are {joined(names)}.",
                suggestion=close[0] if close else None,
            )
    return tuple((_SIGNS[s], word) for s, word in zip(signs, words, strict=True))


# -- the steps -------------------------------------------------------------------------------------


def _added(shown: Analogy) -> Step:
    """r, place by place."""
    by_name = dict(zip(shown.words, shown.vectors, strict=True))
    lines = tuple(
        Line(
            Name("r", (k,)),
            _signed([(s, Name(word, (k,))) for s, word in shown.terms]),
            _signed([(s, Number(by_name[word][k - 1])) for s, word in shown.terms]),
            Number(value),
        )
        for k, value in enumerate(shown.result, 1)
    )
    formula = _signed([(s, Name(word)) for s, word in shown.terms])
    return Step("Add and subtract", "Arrows are added place by place.", Name("r"), formula, lines)


def _compared(shown: Analogy) -> tuple[Step, ...]:
    """cos² with each word that has a direction; nothing where r has none."""
    lines = []
    own = _dot(shown.result, shown.result)
    for word, vector, square in zip(shown.words, shown.vectors, shown.squares, strict=True):
        if square is None:
            continue
        across, length = _dot(shown.result, vector), _dot(vector, vector)
        lines.append(
            Line(
                _squared_cosine(word),
                _symbols(word),
                Ratio(Power(Number(across), 2), Product((Number(own), Number(length)))),
                Number(abs(square)),
            )
        )
    if not lines:
        return ()
    explanation = "The nearest word has the largest cosine, so cos² and its sign tell."
    return (Step("Compare", explanation, _squared_cosine("w"), _symbols("w"), tuple(lines)),)


def _squared_cosine(word: str) -> Expression:
    return Power(Applied("cos", Name(word)), 2)


def _symbols(word: str) -> Expression:
    """(r·w)² over the squares of both lengths."""
    lengths = Product((Power(Name("r"), 2), Power(Name(word), 2)))
    return Ratio(Power(Name(f"(r·{word})"), 2), lengths)


def _signed(terms: Sequence[tuple[int, Expression]]) -> Expression:
    """Terms added or taken away, in their order."""
    first, *rest = terms
    found: Expression = first[1] if first[0] > 0 else Product((Number(sympy.Integer(-1)), first[1]))
    for s, term in rest:
        found = Sum((found, term)) if s > 0 else Difference(found, term)
    return found


# -- two that have names ---------------------------------------------------------------------------


class NamedAnalogy(NamedTuple):
    """A title, the story, the words and the equation."""

    title: str
    story: str
    words: Mapping[str, str]
    equation: str

    def worked(self) -> Analogy:
        """The analogy of these words."""
        return analogy(self.words, self.equation)


ANALOGIES: Mapping[str, NamedAnalogy] = MappingProxyType(
    {
        "king": NamedAnalogy(
            "king − man + woman",
            "The usual demonstration leaves the three words of the question out before it looks "
            "for the nearest. With nothing left out, the nearest is one of them.",
            MappingProxyType({"king": "3 3 0", "man": "3 0 0", "woman": "3 0 1", "queen": "2 3 2"}),
            "king - man + woman",
        ),
        "king-in-a-triangle": NamedAnalogy(
            "king − man + woman, in superposition",
            "Three features, base, royal and female, 120° apart in the plane: man is base, king "
            "base + royal, woman base + female, and queen all three. The equation still holds "
            "exactly, since sums are sums. But the three arrows sum to 0: queen is the zero "
            "vector, and nothing can be read off it. Linearity survives superposition, and "
            "readability does not.",
            MappingProxyType(
                {
                    "king": "1/2 sqrt(3)/2",
                    "man": "1 0",
                    "woman": "1/2 -sqrt(3)/2",
                    "queen": "0 0",
                }
            ),
            "king - man + woman",
        ),
    }
)
"""The analogies that have a page, by name."""

"""Numbers that programs write as calls: ``Fraction(1, 2)``, ``Integer(0)``, ``Decimal('0.5')``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from handcalc.parsing.tokens import Token

__all__ = ["without_calls"]

_QUOTIENTS: Final = ("Fraction", "Rational", "frac", "mpq", "fmpq", "fractions.Fraction")
_NUMBERS: Final = ("Integer", "Float", "Decimal", "mpf", "decimal.Decimal")
_SYMPY: Final = ("Rational", "Integer", "Float")
_CALLS: Final = frozenset(_QUOTIENTS) | {
    *_NUMBERS,
    *(f"{module}.{name}" for module in ("sympy", "sp", "sym") for name in _SYMPY),
}
_SIGNS: Final = frozenset({"PLUS", "MINUS"})


def without_calls(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with ``(1/2)`` for ``Fraction(1, 2)``; other calls stay as they are.

    >>> from handcalc.parsing.tokens import tokenise
    >>> "".join(token.text for token in without_calls(tokenise("Rational(-1, 2)")))
    '(-1/2)'
    """
    done: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        written = _written(tokens, index) if token.text in _CALLS else None
        if written is None:
            done.append(token)
            index += 1
        else:
            number, index = written
            done += [number[0]._replace(gap=token.gap), *number[1:]]
    return done


def _written(tokens: Sequence[Token], index: int) -> tuple[list[Token], int] | None:
    """The tokens of the number in a call, and where they end; ``None`` where it holds another."""
    closing = next((i for i in range(index, len(tokens)) if tokens[i].kind == "CLOSE"), 0)
    if closing < index + 3 or tokens[index + 1].text != "(":
        return None
    inside = [token for token in tokens[index + 2 : closing] if token.kind != "QUOTE"]
    kinds = [token.kind for token in inside]
    if "COMMA" in kinds and kinds[kinds.index("COMMA") + 1 : kinds.index("COMMA") + 3] == [
        "NAME",
        "EQUALS",
    ]:
        inside = inside[: kinds.index("COMMA")]
    inside = [
        token._replace(kind="OVER", text="/") if token.kind == "COMMA" else token
        for token in inside
    ]
    kinds = [token.kind for token in inside if token.kind not in _SIGNS]
    if kinds not in (["NUMBER"], ["NUMBER", "OVER", "NUMBER"]):
        return None
    return [tokens[index + 1], *inside, tokens[closing]], closing + 1

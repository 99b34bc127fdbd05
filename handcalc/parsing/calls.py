"""Numbers that programs write as calls: ``Fraction(1, 2)``, ``Integer(0)``, ``Decimal('0.5')``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from handcalc.parsing.refusal import UnreadableError, quoted
from handcalc.parsing.tokens import Token

_MODULES: Final = ("sympy", "sp", "sym")
_QUOTIENTS: Final = frozenset(
    {
        *("Fraction", "Rational", "frac", "mpq", "fmpq", "fractions.Fraction"),
        *(f"{module}.Rational" for module in _MODULES),
    }
)
_NUMBERS: Final = frozenset(
    {
        *("Integer", "Float", "Decimal", "mpf", "decimal.Decimal"),
        *(f"{module}.{name}" for module in _MODULES for name in ("Integer", "Float")),
    }
)
_SIGNS: Final = frozenset({"PLUS", "MINUS"})
_BRACKETS: Final = frozenset({"OPEN", "CLOSE"})


def without_calls(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with ``(1/2)`` for ``Fraction(1, 2)``; other calls stay as they are.

    Errors: ``UnreadableError`` with code ``unexpected`` for a second number where it is no divisor,
    as the digits in ``Float('0.5', 15)``.

    >>> from handcalc.parsing.tokens import tokenise
    >>> "".join(token.text for token in without_calls(tokenise("Rational(-1, 2)")))
    '(-1/2)'
    """
    done: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        is_call = token.text in _QUOTIENTS or token.text in _NUMBERS
        written = _written(tokens, index) if is_call else None
        if written is None:
            done.append(token)
            index += 1
        else:
            number, index = written
            done += [number[0]._replace(gap=token.gap), *number[1:]]
    return done


def _written(tokens: Sequence[Token], index: int) -> tuple[list[Token], int] | None:
    """The tokens of the number in a call, and where they end; ``None`` where it holds another."""
    if [token.text for token in tokens[index + 1 : index + 2]] != ["("]:
        return None
    behind = range(index + 2, len(tokens))
    closing = next((i for i in behind if tokens[i].kind in _BRACKETS), 0)
    if tokens[closing].kind != "CLOSE":
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
    name, start = tokens[index].text, tokens[index].start
    if len(kinds) > 1 and name in _NUMBERS:
        raise UnreadableError(
            "unexpected",
            f"{quoted(name)} is read with one number in its brackets, not two; type that alone.",
            start,
        )
    return [tokens[index + 1], *inside, tokens[closing]], closing + 1

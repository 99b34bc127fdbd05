"""What stands around the numbers among the tokens: LaTeX's delimiters, ``W =``, ``Fraction(…)``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from keyword import iskeyword
from typing import Final, NamedTuple

from handcalc.parsing.refusal import UnreadableError, quoted
from handcalc.parsing.table import TransposedName
from handcalc.parsing.tokens import Token

_DELIMITERS: Final = {"$": "$", "$$": "$$", r"\[": r"\]", r"\(": r"\)"}
_LABELS: Final = (
    ["NAME"],
    ["COMMAND", "NAME"],
    ["COMMAND", "OPEN", "NAME", "CLOSE"],
    ["QUOTE", "NAME", "QUOTE"],
    ["OPEN", "NAME", "CLOSE"],
)
_NAMING: Final = frozenset({"=", ":=", ":", "==", "≈", r"\approx"})
_TRANSPOSES: Final = (
    ["NAME", "QUOTE"],
    ["NAME", "POWER", "NAME"],
    ["NAME", "POWER", "COMMAND"],
    ["NAME", "POWER", "OPEN", "NAME", "CLOSE"],
    ["NAME", "POWER", "OPEN", "COMMAND", "CLOSE"],
)
_MARKS: Final = frozenset({"T", "t", r"\top", r"\intercal", r"\mathsf", "tr"})
_SURE: Final = re.compile(r"\w+[ᵀᵗ]|\w+_transposed?", re.IGNORECASE)
_MAYBE: Final = re.compile(
    r"(?:[A-Za-z][0-9]*|[A-Za-z]\w*_)_?t(?:r(?:ans(?:p(?:osed?)?)?)?)?", re.IGNORECASE
)
_FEATURE: Final = re.compile(r"x_?\{?[0-9₀-₉]+\}?")


class Bare(NamedTuple):
    """The tokens of the numbers alone, and the name of a transposed matrix if there was one."""

    tokens: list[Token]
    transposed: TransposedName | None = None


def without_surroundings(tokens: list[Token]) -> Bare:
    """The tokens inside LaTeX delimiters and after a leading name, in either order.

    >>> from handcalc.parsing.tokens import tokenise
    >>> [token.text for token in without_surroundings(tokenise("$W = 1$")).tokens]
    ['1']
    """
    # both $W = 1$ and W = $1$ are written, so delimiters are taken off before a name and behind it
    tokens = _strip_delimiters(tokens)
    marked = _find_transposed(tokens)
    if marked is not None:
        return Bare(_strip_delimiters(tokens[marked[0] :]), marked[1])
    return Bare(_strip_delimiters(_strip_name(tokens)))


def _strip_delimiters(tokens: list[Token]) -> list[Token]:
    if len(tokens) < 2 or _DELIMITERS.get(tokens[0].text) != tokens[-1].text:
        return tokens
    return tokens[1:-1]


def _find_transposed(tokens: list[Token]) -> tuple[int, TransposedName] | None:
    """Where the numbers begin behind ``Wᵀ =`` or its like, and what stands there."""
    if not tokens or tokens[0].kind != "NAME":
        return None
    name = tokens[0]
    kinds = [token.kind for token in tokens[:6]]
    for pattern in (["NAME"], *_TRANSPOSES):
        size = len(pattern)
        if kinds[:size] != pattern or kinds[size : size + 1] not in (["EQUALS"], ["COLON"]):
            continue
        # Wᵀ and W_transposed say it; Wt and W' may be names of their own; W^H is neither
        if size == 1:
            is_sure = _SURE.fullmatch(name.text) is not None
            if not (is_sure or _MAYBE.fullmatch(name.text)):
                return None
            shown = name.text
        else:
            mark = tokens[2 if size < 5 else 3].text if size > 2 else "'"
            if mark not in _MARKS | {"'"}:
                return None
            is_sure = mark != "'"
            shown = "".join(token.text for token in tokens[:size])
        return size + 1, TransposedName(shown, name.start, is_sure)
    return None


def _strip_name(tokens: list[Token]) -> list[Token]:
    r"""Without ``W =``, ``"b":``, ``\mathbf{W} =`` or torch's ``Parameter containing:``."""
    if _is_of_one_key(tokens):
        return _strip_name(tokens[1:-1])
    if [token.text for token in tokens[:3]] == ["Parameter", "containing", ":"]:
        return tokens[3:]
    kinds = [token.kind for token in tokens[:5]]
    size = next((len(it) for it in _LABELS if kinds[: len(it)] == it and len(it) < len(tokens)), 0)
    if not size:
        return tokens
    name, sign = next(token for token in tokens if token.kind == "NAME"), tokens[size]
    if sign.text not in _NAMING or not _is_label(name):
        return tokens
    if sign.text == "==":
        raise UnreadableError(
            "comparison", "One equals sign is enough behind a name: W = 1 0; 0 1.", sign.start
        )
    return tokens[size + 1 :]


def _is_of_one_key(tokens: list[Token]) -> bool:
    """Whether it is ``{"W": …}`` with no other name."""
    kinds = [token.kind for token in tokens[1:5]]
    if kinds[:2] != ["NAME", "COLON"] and kinds != ["QUOTE", "NAME", "QUOTE", "COLON"]:
        return False
    is_set = (tokens[0].text, tokens[-1].text) == ("{", "}")
    return is_set and sum(token.kind == "COLON" for token in tokens) == 1


def _is_label(name: Token) -> bool:
    if _FEATURE.fullmatch(name.text):
        raise UnreadableError(
            "unexpected",
            f"The values stand in order, without names such as {name.text}; "
            'type "1 0 1/2" for x1 = 1, x2 = 0, x3 = 1/2.',
            name.start,
        )
    return name.text.isidentifier() and not iskeyword(name.text)


# --------------------------------------------------------------------------------------------------
# Numbers that programs write as calls: Fraction(1, 2), Integer(0), Decimal('0.5').

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
        written = _number_in_call(tokens, index) if is_call else None
        if written is None:
            done.append(token)
            index += 1
        else:
            number, index = written
            done += [number[0]._replace(gap=token.gap), *number[1:]]
    return done


def _number_in_call(tokens: Sequence[Token], index: int) -> tuple[list[Token], int] | None:
    """The tokens of the number in a call, and where they end; ``None`` where it holds another."""
    if [token.text for token in tokens[index + 1 : index + 2]] != ["("]:
        return None
    behind = range(index + 2, len(tokens))
    closing = next((i for i in behind if tokens[i].kind in _BRACKETS), 0)
    if tokens[closing].kind != "CLOSE":
        return None
    # Decimal('0.5') and Float('0.5', precision=53) hold 0.5: quotes and named arguments say nothing
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

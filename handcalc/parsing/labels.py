"""What people leave around a matrix: dollars and other LaTeX delimiters, a leading ``W =``."""

from __future__ import annotations

import re
from keyword import iskeyword
from typing import Final, NamedTuple

from handcalc.parsing.refusal import UnreadableError
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
    tokens = _undelimited(tokens)
    marked = _transposed(tokens)
    if marked is not None:
        return Bare(_undelimited(tokens[marked[0] :]), marked[1])
    return Bare(_undelimited(_unnamed(tokens)))


def _transposed(tokens: list[Token]) -> tuple[int, TransposedName] | None:
    """Where the numbers begin behind ``Wᵀ =`` or its like, and what stands there."""
    if not tokens or tokens[0].kind != "NAME":
        return None
    name = tokens[0]
    kinds = [token.kind for token in tokens[:6]]
    for pattern in (["NAME"], *_TRANSPOSES):
        size = len(pattern)
        if kinds[:size] != pattern or kinds[size : size + 1] not in (["EQUALS"], ["COLON"]):
            continue
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


def _undelimited(tokens: list[Token]) -> list[Token]:
    if len(tokens) < 2 or _DELIMITERS.get(tokens[0].text) != tokens[-1].text:
        return tokens
    return tokens[1:-1]


def _unnamed(tokens: list[Token]) -> list[Token]:
    r"""Without ``W =``, ``"b":``, ``\mathbf{W} =`` or torch's ``Parameter containing:``."""
    if _is_of_one_key(tokens):
        return _unnamed(tokens[1:-1])
    if [token.text for token in tokens[:3]] == ["Parameter", "containing", ":"]:
        return tokens[3:]
    kinds = [token.kind for token in tokens[:5]]
    for pattern in _LABELS:
        size = len(pattern)
        if kinds[:size] == pattern and len(tokens) > size:
            name, sign = tokens[pattern.index("NAME")], tokens[size]
            if sign.text in {"=", ":=", ":", "==", "≈", r"\approx"} and _is_label(name):
                return _behind(sign, tokens[size + 1 :])
    return tokens


def _is_of_one_key(tokens: list[Token]) -> bool:
    """Whether it is ``{"W": …}`` with no other name."""
    kinds = [token.kind for token in tokens[1:5]]
    if kinds[:2] != ["NAME", "COLON"] and kinds != ["QUOTE", "NAME", "QUOTE", "COLON"]:
        return False
    is_set = (tokens[0].text, tokens[-1].text) == ("{", "}")
    return is_set and sum(token.kind == "COLON" for token in tokens) == 1


def _behind(sign: Token, rest: list[Token]) -> list[Token]:
    if sign.text == "==":
        raise UnreadableError(
            "comparison", "One equals sign is enough behind a name: W = 1 0; 0 1.", sign.start
        )
    return rest


def _is_label(name: Token) -> bool:
    if _FEATURE.fullmatch(name.text):
        raise UnreadableError(
            "unexpected",
            f"The values stand in order, without names such as {name.text}; "
            'type "1 0 1/2" for x1 = 1, x2 = 0, x3 = 1/2.',
            name.start,
        )
    return name.text.isidentifier() and not iskeyword(name.text)

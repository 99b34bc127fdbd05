"""The grammar of one cell, and what each of its rules works out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Final

from lark import Lark, Transformer, UnexpectedToken, v_args
from lark import Token as LarkToken
from lark.lexer import Lexer

from handcalc.parsing import arithmetic
from handcalc.parsing.arithmetic import Beyond, Place, Turn, Value
from handcalc.parsing.characters import superscript
from handcalc.parsing.messages import unexpected
from handcalc.parsing.refusal import UnreadableError
from handcalc.parsing.tokens import Token

_FUNCTIONS: Final[dict[str, Callable[[Value, Place], Value]]] = {
    "sqrt": arithmetic.root,
    "cos": arithmetic.cosine,
    "sin": arithmetic.sine,
}


def parse_cell(tokens: Sequence[Token]) -> Value:
    """The value of a cell's tokens by the grammar.

    Errors: ``UnreadableError`` for a token that cannot stand where it stands, and for what the
    arithmetic refuses.

    >>> from handcalc.parsing.tokens import tokenise
    >>> parse_cell(tokenise("2^-1 + 3(1/2)"))
    Fraction(2, 1)
    """
    try:
        value: Value = _parser().parse(tokens)  # type: ignore[assignment]  # the transformer makes it a value
    except UnexpectedToken as error:
        starts = [token.start for token in tokens]
        at_end = error.token.type == "$END"
        index = len(tokens) if at_end else starts.index(error.token.start_pos)
        raise unexpected(tokens, index) from None
    return value


@cache  # the tables are made once in a process, for the first cell that is no plain number
def _parser() -> Lark:
    text = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer=_Tokens, transformer=_Values())


class _Tokens(Lexer):
    """Hands on the tokens that tokens.py has made."""

    def __init__(self, _: object) -> None: ...

    def lex(self, tokens: Sequence[Token]) -> Iterator[LarkToken]:  # type: ignore[override]  # lark hands its lexers text
        for token in tokens:
            yield LarkToken(token.kind, token.text, token.start)


@v_args(inline=True)
class _Values(Transformer[LarkToken, Value]):
    """One method for each rule of the grammar; values go up, and no tree is built."""

    def add(self, a: Value, sign: LarkToken, b: Value) -> Value:
        return arithmetic.add(a, b, sign.start_pos)

    def subtract(self, a: Value, sign: LarkToken, b: Value) -> Value:
        return arithmetic.add(a, arithmetic.negative(b, sign.start_pos), sign.start_pos)

    def multiply(self, a: Value, sign: LarkToken, b: Value) -> Value:
        return arithmetic.multiply(a, b, sign.start_pos)

    def divide(self, a: Value, sign: LarkToken, b: Value) -> Value:
        return arithmetic.divide(a, b, sign.start_pos)

    def unclear_divisor(self, _: Value, sign: LarkToken, __: Value) -> Value:
        raise UnreadableError(
            "ambiguous",
            "It is not clear how far this division reaches; type (1/2)√3 or 1/(2√3), not 1/2√3.",
            sign.start_pos,
        )

    def juxtaposition(self, a: Value, b: Value) -> Value:
        return arithmetic.multiply(a, b, None)

    def positive(self, _: LarkToken, value: Value) -> Value:
        return value

    def negative(self, sign: LarkToken, value: Value) -> Value:
        return arithmetic.negative(value, sign.start_pos)

    def power(self, base: Value, sign: LarkToken, exponent: Value) -> Value:
        return arithmetic.power(base, exponent, sign.start_pos)

    def raised(self, base: Value, exponent: LarkToken) -> Value:
        return arithmetic.power(base, Fraction(superscript(exponent)), exponent.start_pos)

    def literal(self, token: LarkToken) -> Value:
        return arithmetic.literal_value(token.type, str(token), token.start_pos)

    def pi(self, _: LarkToken) -> Value:
        return Turn(Fraction(1))

    def inside(self, _: LarkToken, value: Value, __: LarkToken) -> Value:
        return value

    def root(self, sign: LarkToken, value: Value) -> Value:
        return arithmetic.root(value, sign.start_pos)

    def root_of_negative(self, sign: LarkToken, minus: LarkToken, value: Value) -> Value:
        return arithmetic.root(arithmetic.negative(value, minus.start_pos), sign.start_pos)

    def call(self, function: LarkToken, value: Value) -> Value:
        apply = _FUNCTIONS[function.lower().removeprefix("\\")]
        return apply(value, function.start_pos)

    def quotient(self, sign: LarkToken, a: Value, b: Value) -> Value:
        return arithmetic.divide(a, b, sign.start_pos)

    def single_digit(self, token: LarkToken) -> Value:
        if len(token) > 1:
            raise UnreadableError(
                "ambiguous",
                r"LaTeX takes only the first digit behind \frac; type \frac{12}{5}.",
                token.start_pos,
            )
        return Fraction(int(token))

    def degrees(self, value: Value, _: LarkToken) -> Value:
        return Turn(value / 180) if isinstance(value, Fraction) else Beyond()

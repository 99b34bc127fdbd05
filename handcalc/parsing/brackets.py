"""Which bracket closes which, how deep they lie, and which of them hold a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from handcalc.parsing.limits import MAX_DEPTH
from handcalc.parsing.refusal import UnreadableError, quoted
from handcalc.parsing.tokens import Token, ends_value, starts_value

Role: TypeAlias = Literal["list", "group", "wrapper"]

OPENERS: Final = frozenset({"OPEN", "BEGIN_LIST", "BEGIN"})
_CLOSERS: Final = frozenset({"CLOSE", "END_LIST", "END"})
SEPARATORS: Final = frozenset({"COMMA", "AND", "BREAK"})
_TAKES_ARGUMENT: Final = frozenset({"FUNCTION", "ROOT", "FRAC", "POWER"})
_PARTNERS: Final = {"(": ")", "[": "]", "{": "}", r"\{": r"\}"}

_MODULES: Final = ("np", "numpy", "torch", "sympy", "sp", "sym", "jnp", "jax.numpy", "tf")
_ARRAYS: Final = (
    *("array", "asarray", "matrix", "mat"),
    *("tensor", "Tensor", "FloatTensor"),
    *("Array", "DeviceArray"),
    *("Matrix", "ImmutableMatrix", "MutableDenseMatrix", "ImmutableDenseMatrix"),
    *("constant", "Variable"),
)
_NUMBERS: Final = ("float64", "float32", "float16", "int64", "int32")
COLUMNS: Final = frozenset(
    {name for name in _ARRAYS if name.endswith("Matrix")}
    | {f"{module}.{name}" for module in _MODULES for name in _ARRAYS if name.endswith("Matrix")}
)
WRAPPERS: Final = frozenset(_ARRAYS) | {
    *(f"{module}.{name}" for module in _MODULES for name in _ARRAYS),
    *(f"{module}.{name}" for module in ("np", "numpy") for name in _NUMBERS),
}


@dataclass(slots=True)
class BracketPair:
    """A bracket: where it closes, what it is, and what stands directly inside it.

    ``separators`` are the kinds of separators there (``GAP`` for a gap between two values), and
    ``lists`` counts the lists there.
    """

    opening: int
    role: Role | None
    closing: int = -1
    separators: set[str] = field(default_factory=set)
    lists: int = 0


@dataclass(frozen=True, slots=True)
class BracketPairs:
    """The pairs by the index of their opening token, and ``outside``, the text around them."""

    pairs: dict[int, BracketPair]
    outside: BracketPair


def paired(tokens: list[Token]) -> BracketPairs:
    """The bracket pairs of a text, in one pass.

    Errors: ``UnreadableError`` with code ``too_deep``, before ``unbalanced``.

    >>> from handcalc.parsing.tokens import tokenise
    >>> pairs = paired(tokenise("(1, (2+3)/4)")).pairs
    >>> [(pair.opening, pair.closing, pair.role) for pair in pairs.values()]
    [(0, 10, 'list'), (3, 7, 'group')]
    """
    _check_depth(tokens)
    outside = BracketPair(-1, "list", len(tokens))
    pairs: dict[int, BracketPair] = {}
    stack = [outside]
    for index, token in enumerate(tokens):
        if token.kind in _CLOSERS:
            _close(stack, tokens, index)
            continue
        _note(stack[-1], tokens, index)
        if token.kind in OPENERS:
            pairs[index] = BracketPair(index, _role(tokens, index))
            stack.append(pairs[index])
    if len(stack) > 1:
        raise _unbalanced(tokens[stack[-1].opening], "is never closed")
    return BracketPairs(pairs, outside)


def _check_depth(tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        depth += (token.kind in OPENERS) - (token.kind in _CLOSERS)
        if depth > MAX_DEPTH:
            raise UnreadableError(
                "too_deep",
                f"Brackets lie at most {MAX_DEPTH} deep within one another; use fewer.",
                token.start,
            )


def _role(tokens: list[Token], index: int) -> Role | None:
    """What an opening bracket is, where that shows at once; ``None`` where its inside decides."""
    token, before = tokens[index], tokens[index - 1] if index else None
    if before is not None:
        if before.kind in _TAKES_ARGUMENT:
            return "group"
        if before.kind == "NAME" and before.text in WRAPPERS and token.text == "(":
            return "wrapper"
        if token.kind == "OPEN" and not token.gap and _is_factor(before):
            return "group"
    return None if token.kind == "OPEN" else "list"


def _is_factor(token: Token) -> bool:
    """Whether a bracket right behind the token multiplies it: 2(3), f(3), but not )(."""
    return ends_value(token) and token.kind != "CLOSE"


def _note(pair: BracketPair, tokens: list[Token], index: int) -> None:
    """Note a token that separates two cells, by itself or by the gap before it."""
    token = tokens[index]
    if token.kind in SEPARATORS:
        pair.separators.add(token.kind)
    elif token.gap and index > pair.opening + 1 and ends_value(tokens[index - 1]):
        signed = token.kind in {"PLUS", "MINUS"} and index + 1 < len(tokens)
        first = tokens[index + 1] if signed and not tokens[index + 1].gap else token
        if starts_value(first):
            pair.separators.add("GAP")


def _close(stack: list[BracketPair], tokens: list[Token], index: int) -> None:
    token = tokens[index]
    if len(stack) == 1:
        raise _unbalanced(token, "closes nothing")
    pair = stack.pop()
    opening = tokens[pair.opening]
    if not _partners(opening.text, token.text):
        raise _unbalanced(token, f"does not close {quoted(opening.text)}")
    pair.closing = index
    if pair.role is None:
        is_list = (
            pair.separators
            or pair.lists
            or _is_empty_list(tokens, pair)
            or _is_item(
                tokens, pair, index, outer=tokens[stack[-1].opening].text if len(stack) > 1 else ""
            )
        )
        pair.role = "list" if is_list else "group"
    if pair.role != "group":
        stack[-1].lists += 1


def _is_item(tokens: list[Token], pair: BracketPair, closing: int, *, outer: str) -> bool:
    """Whether braces are a row of their own in {{1}, {-1}}, as in Mathematica, C and Lua."""
    before = tokens[pair.opening - 1].text if pair.opening else ""
    after = tokens[closing + 1].text if closing + 1 < len(tokens) else ""
    is_alone = before in {"", "{", ",", ";"} and after in {"", "}", ",", ";"}
    return tokens[pair.opening].text == "{" and outer in {"", "{"} and is_alone


def _is_empty_list(tokens: list[Token], pair: BracketPair) -> bool:
    r"""Whether the brackets hold nothing; those of \\frac{1}{} hold a number that is missing."""
    before = tokens[pair.opening - 1] if pair.opening else None
    is_second = before is not None and before.kind == "CLOSE" and not tokens[pair.opening].gap
    return pair.closing == pair.opening + 1 and not is_second


def _partners(opening: str, closing: str) -> bool:
    if opening.startswith("\\begin"):
        return environment(opening) == environment(closing)
    return _PARTNERS[opening] == closing


def environment(text: str) -> str:
    r"""The name in \begin{name} and \end{name}, or "" where it is neither.

    >>> environment(r"\begin{array}{cc}")
    'array'
    """
    return text.partition("{")[2].partition("}")[0]


def _unbalanced(token: Token, fault: str) -> UnreadableError:
    return UnreadableError(
        "unbalanced",
        f"Every bracket needs its partner; {quoted(token.text)} {fault}.",
        token.start,
    )

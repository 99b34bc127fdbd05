"""Which bracket closes which, which of them hold a list, and what the gaps in them mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from handcalc.parsing.limits import MAX_DEPTH
from handcalc.parsing.refusal import UnreadableError, quoted
from handcalc.parsing.tokens import Token, ends_value, starts_item, starts_value

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


def pair_brackets(tokens: list[Token]) -> BracketPairs:
    """The bracket pairs of a text, in one pass.

    Errors: ``UnreadableError`` with code ``too_deep``, before ``unbalanced``.

    >>> from handcalc.parsing.tokens import tokenise
    >>> pairs = pair_brackets(tokenise("(1, (2+3)/4)")).pairs
    >>> [(pair.opening, pair.closing, pair.role) for pair in pairs.values()]
    [(0, 10, 'list'), (3, 7, 'group')]
    """
    depth = 0
    for token in tokens:
        depth += (token.kind in OPENERS) - (token.kind in _CLOSERS)
        if depth > MAX_DEPTH:
            raise UnreadableError(
                "too_deep",
                f"Brackets lie at most {MAX_DEPTH} deep within one another; use fewer.",
                token.start,
            )
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


def _role(tokens: list[Token], index: int) -> Role | None:
    """What an opening bracket is, where that shows at once; ``None`` where its inside decides."""
    token, before = tokens[index], tokens[index - 1] if index else None
    if before is not None:
        if before.kind in _TAKES_ARGUMENT:
            return "group"
        if before.kind == "NAME" and before.text in WRAPPERS and token.text == "(":
            return "wrapper"
        # right behind a value it multiplies, as in 2(3) and f(3), but not in )(
        is_factor = ends_value(before) and before.kind != "CLOSE"
        if token.kind == "OPEN" and not token.gap and is_factor:
            return "group"
    return None if token.kind == "OPEN" else "list"


def _note(pair: BracketPair, tokens: list[Token], index: int) -> None:
    """Note a token that separates two cells, by itself or by the gap before it."""
    token = tokens[index]
    if token.kind in SEPARATORS:
        pair.separators.add(token.kind)
    elif token.gap and index > pair.opening + 1 and ends_value(tokens[index - 1]):
        # in 1 -2 a cell begins with the sign, in 1 - 2 it may not: what is behind the sign tells
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
    if opening.kind == "BEGIN":
        are_partners = environment(opening.text) == environment(token.text)
    else:
        are_partners = _PARTNERS[opening.text] == token.text
    if not are_partners:
        raise _unbalanced(token, f"does not close {quoted(opening.text)}")
    pair.closing = index
    if pair.role is None:
        outer = tokens[stack[-1].opening].text if len(stack) > 1 else ""
        # (1, 2) and (1 2) are lists, and (1 + 2) is none, as in (1 + 2)/4: the inside decides
        holds_list = bool(pair.separators or pair.lists) or _is_empty_list(tokens, pair)
        pair.role = "list" if holds_list or _is_item(tokens, pair, outer) else "group"
    if pair.role != "group":
        stack[-1].lists += 1


def _is_item(tokens: list[Token], pair: BracketPair, outer: str) -> bool:
    """Whether braces are a row of their own in {{1}, {-1}}, as in Mathematica, C and Lua."""
    before = tokens[pair.opening - 1].text if pair.opening else ""
    after = tokens[pair.closing + 1].text if pair.closing + 1 < len(tokens) else ""
    is_alone = before in {"", "{", ",", ";"} and after in {"", "}", ",", ";"}
    return tokens[pair.opening].text == "{" and outer in {"", "{"} and is_alone


def _is_empty_list(tokens: list[Token], pair: BracketPair) -> bool:
    r"""Whether the brackets hold nothing; those of \\frac{1}{} hold a number that is missing."""
    before = tokens[pair.opening - 1] if pair.opening else None
    is_second = before is not None and before.kind == "CLOSE" and not tokens[pair.opening].gap
    return pair.closing == pair.opening + 1 and not is_second


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


# --------------------------------------------------------------------------------------------------
# What a gap between two tokens means: one cell goes on, or the next begins, or it is unclear.


Style: TypeAlias = Literal["blanks", "commas", "ands", "alone"]
_Meaning: TypeAlias = Literal["joined", "apart", "begun by a sign", "sign in blanks"]
_SIGNS: Final = frozenset({"PLUS", "MINUS"})


def style_of(pair: BracketPair, *, latex: bool, alone: bool) -> Style:
    """How the cells in a bracket are set apart: by commas, by &, or by blanks.

    ``latex`` is true inside an environment, where blanks mean nothing; ``alone`` where one number
    is asked for, so that blanks have nothing to separate.
    """
    if "COMMA" in pair.separators:
        return "commas"
    if "AND" in pair.separators or latex:
        return "ands"
    return "alone" if alone and "BREAK" not in pair.separators else "blanks"


def begins_cell(style: Style, before: Token, token: Token, after: Token | None) -> bool:
    """Whether ``token`` begins a new cell, where ``before`` belongs to one already.

    Errors: ``UnreadableError`` with code ``ambiguous_minus``, ``ambiguous``, ``missing``
    or ``row_end``.

    >>> from handcalc.parsing.tokens import tokenise
    >>> one, minus, two = tokenise("1 -2")
    >>> begins_cell("blanks", one, minus, two)
    True
    """
    if token.gap in {"\\", "quad", "\n"} and ends_value(before) and starts_item(token):
        _check_row_end(style, token, after)
    meaning = _meaning(before, token, after)
    # what commas or & set apart is told by them: there, a gap matters only where it contradicts
    if meaning == "joined" or (style == "ands" and meaning != "begun by a sign"):
        return False
    if style == "blanks" and meaning != "sign in blanks":
        if token.gap == " " and _is_thousands(before, token):
            raise UnreadableError(
                "ambiguous",
                "A blank may part thousands or two numbers here; type 1000 for a thousand.",
                token.start,
            )
        if token.gap == "\t\t":
            raise UnreadableError(
                "missing", "Between two tabs a number is missing; type 0 if it is 0.", token.start
            )
        return True
    if meaning == "apart" and style != "alone":
        raise UnreadableError(
            "ambiguous",
            "Commas separate the numbers here, so a blank between two of them is unclear; "
            "type one more comma, a semicolon between rows, or an operator such as *.",
            token.start,
        )
    if style == "blanks" or meaning == "begun by a sign":
        raise _unclear_sign(token)
    return False


def _meaning(before: Token, token: Token, after: Token | None) -> _Meaning:
    """What the gap before ``token`` says by itself: 1 -1 are two cells, and 1 - 1 may be either."""
    if not ends_value(before):
        return "joined"
    if token.kind in _SIGNS and after is not None:
        if after.gap:
            return "sign in blanks"
        return "begun by a sign" if token.gap and starts_item(after) else "joined"
    return "apart" if token.gap and starts_value(token) else "joined"


def _check_row_end(style: Style, token: Token, after: Token | None) -> None:
    r"""Refuse a gap at which a row of LaTeX may have ended: its \\ may be lost on the way."""
    between_signs = token.kind in _SIGNS and after is not None and after.gap != ""
    harmless = (
        style == "alone"
        or (token.gap == "quad" and (style == "blanks" or between_signs))
        or (token.gap == "\n" and style != "ands")
    )
    if not harmless:
        raise UnreadableError(
            "row_end",
            r"A row may end here, and its \\ may have lost a backslash on the way; type \\ where a "
            "row ends, and & between two numbers of a row.",
            token.start,
        )


def _is_thousands(before: Token, token: Token) -> bool:
    """Whether it is 1 000: as a number by itself, nobody writes 000."""
    is_group = len(token.text) == 3 and token.text.isdigit() and token.text.startswith("0")
    return is_group and before.text.isdigit() and len(before.text) <= 3


def _unclear_sign(token: Token) -> UnreadableError:
    if token.kind == "PLUS":
        return UnreadableError(
            "ambiguous",
            "With blanks around it, + may add or begin the next number; "
            'type "1+1" for one number, "1, 1" for two.',
            token.start,
        )
    return UnreadableError(
        "ambiguous_minus",
        "With blanks around it, - may subtract or begin the next number; "
        'type "1-1" for one number, "1, -1" for two.',
        token.start,
    )

"""An answer in a file: which of the texts with names in it are the parts that are asked for."""

from __future__ import annotations

from collections import Counter

from exercises.exercise import AnswerKind, ChoiceAnswer, ModelAnswer
from handcalc.errors import InputError
from handcalc.parsing.named_texts import NamedText, named_texts

_ABOUT_LINES = "Leave out what is no part of the answer, or put # before its line."


def answer_parts(text: str, asked: AnswerKind, example: str = "1 1; 0 2; 0 0") -> dict[str, str]:
    r"""The parts of an answer, "W" and "b" or "answer", as they stand in a file.

    A model is ``W = …`` and ``b = …``; anything else is a text, ``answer =`` before it or not.
    Comments, code fences, JSON, YAML, and assignments of Python, MATLAB and LaTeX are known.
    ``example`` is a W to show where there is none. Errors: ``InputError`` with code
    ``not_an_answer`` where something else stands in it, or the same twice: nothing is guessed.

    >>> answer_parts("# Ada\nW = [1 0; 0 1];\nb: 0 0", ModelAnswer(2, 2, "relu")).keys()
    dict_keys(['W', 'b'])
    """
    try:
        if isinstance(asked, ModelAnswer):
            return _model_parts(named_texts(text), example)
        if isinstance(asked, ChoiceAnswer):  # b: 1 is a claim and a reason
            parts = named_texts(text, only=["answer"])
        else:
            parts = named_texts(text)
    except InputError as error:
        if error.suggestion is None and isinstance(asked, ModelAnswer):
            error.suggestion = _suggested(example)
        raise
    return {"answer": _only(parts, getattr(asked, "name", "answer"))}


def _model_parts(parts: tuple[NamedText, ...], example: str) -> dict[str, str]:
    for part in parts:
        if not part.name:
            reason = f"it must begin with W = … or b = …. {_ABOUT_LINES}"
            raise _no_model(reason, part.row, example)
        if part.key not in ("W", "b"):
            raise _no_model(_unknown(part), part.row, example)
    names = Counter(part.key for part in parts)
    if "W" not in names:
        raise _no_model("there is no W = … in it.", None, example)
    for name, count in names.items():
        if count > 1:
            last = [part for part in parts if part.key == name][1]
            reason = f"{name} = … stands {'twice' if count == 2 else f'{count} times'} in it."
            raise _no_model(reason, last.row, example)
    return {part.key: part.alone(parts) for part in parts}


def _unknown(part: NamedText) -> str:
    if part.key[:1] == "W" and part.key[1:].strip("^_{}\\. ") in _TRANSPOSED:
        return f"{part.name} = … in line {part.row} is W transposed: its rows must be the features."
    return f"{part.name} = … in line {part.row} is neither. {_ABOUT_LINES}"


_TRANSPOSED = frozenset({"T", "ᵀ", "⊤", "'", "′", "’", "top", "intercal", "t"})


def _no_model(reason: str, row: int | None, example: str) -> InputError:
    message = f"The file holds W = … and b = …, each from a new line; {reason}"
    return InputError("not_an_answer", message, row=row, suggestion=_suggested(example))


def _suggested(example: str) -> str:
    zeros = " ".join("0" for _ in example.split(";"))
    return f"W = {example}\nb = {zeros}"


def _only(parts: tuple[NamedText, ...], name: str) -> str:
    """The one text that is an answer; W or b only where they are what is asked for."""
    if not parts:
        return ""
    named = [part for part in parts if part.key in ("answer", name)]
    first = (named or list(parts))[0]
    others = [part for part in parts if part is not first]
    for part in [*others, *([first] if first.key in {"W", "b"} - {name} else [])]:
        what = f"{part.name} = … in line {part.row}" if part.name else f"line {part.row}"
        message = f"The file holds one answer, and {what} is no part of it. {_ABOUT_LINES}"
        raise InputError("not_an_answer", message, row=part.row)
    return first.text

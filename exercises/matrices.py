"""Matrices by their names: how they are read from texts, files, mappings and arrays."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import sympy

from exercises.exercise import MatricesAnswer, NamedMatrix
from exercises.tables import TableError
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix, Vector, read_matrix
from handcalc.numbers.exact import equal, exact, join_text, sign
from handcalc.parsing import parse_matrix
from handcalc.parsing.named_texts import NamedText, named_texts
from handcalc.wording import brief, joined

_DRESS = re.compile(r"[\\{}\s]|mathrm|text")
FROM_FLOATS = 'Type them exactly, as fractions in texts such as "1/2".'


@dataclass(frozen=True, slots=True)
class NamedMatrices:
    """Exact matrices by their names, in the order in which they are asked for.

    >>> one = NamedMatrices((("W_OV", parse_matrix("1 0; 0 1/2")),))
    >>> one["W_OV"][1], one.numbers, str(one)
    ((0, 1/2), (1, 0, 0, 1/2), 'W_OV = 1 0; 0 1/2')
    """

    parts: tuple[tuple[str, Matrix], ...]

    def __getitem__(self, name: str) -> Matrix:
        return dict(self.parts)[name]

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in their order."""
        return tuple(name for name, _ in self.parts)

    @property
    def numbers(self) -> Vector:
        """All numbers, matrix by matrix and row by row."""
        return tuple(cell for _, rows in self.parts for row in rows for cell in row)

    def with_numbers(self, numbers: Sequence[object]) -> NamedMatrices:
        """Matrices of the same names and shapes with other numbers."""
        left = iter(numbers)
        return NamedMatrices(
            tuple(
                (name, tuple(tuple(next(left) for _ in row) for row in rows))
                for name, rows in self.parts
            )
        )

    def replaced(self, name: str, rows: Matrix) -> NamedMatrices:
        """The same with another matrix under one of the names."""
        return NamedMatrices(tuple((n, rows if n == name else own) for n, own in self.parts))

    def multiples(self, other: NamedMatrices) -> Vector | None:
        """Of each matrix the number > 0 times which it is the other's; None where there is none.

        >>> two, one = (NamedMatrices((("M", parse_matrix(text)),)) for text in ("2 0", "1 0"))
        >>> two.multiples(one), one.multiples(one)
        ((2,), (1,))
        >>> two.multiples(one.replaced("M", parse_matrix("1 1")))
        """
        pairs = zip(self.parts, other.parts, strict=True)
        found = [_multiple(mine, theirs) for (_, mine), (_, theirs) in pairs]
        return None if None in found else tuple(found)

    def __str__(self) -> str:
        return ", ".join(f"{name} = {matrix_line(rows)}" for name, rows in self.parts)


def _multiple(rows: Matrix, others: Matrix) -> sympy.Expr | None:
    """The number > 0 times which the others are these; 1 where all are zeros."""
    mine, theirs = ([cell for row in each for cell in row] for each in (rows, others))
    at = next((i for i, cell in enumerate(theirs) if sign(cell)), None)
    if at is None:
        return None if any(map(sign, mine)) else sympy.Integer(1)
    factor = exact(mine[at] / theirs[at])
    same = sign(factor) > 0 and all(equal(factor * b, a) for a, b in zip(mine, theirs, strict=True))
    return factor if same else None


def matrix_line(rows: Matrix) -> str:
    """A matrix on one line, as the reader reads it back."""
    return "; ".join(map(join_text, rows))


def read_part(matrix: NamedMatrix, given: object) -> Matrix:
    """One of the matrices, of its shape.

    Errors: ``InputError`` with code ``empty``, ``wrong_shape``, ``transposed``, or that of a text
    or a number that could not be read.

    >>> read_part(NamedMatrix("W_O", 1, 2), "1 1/2")
    ((1, 1/2),)
    """
    name, rows, columns = matrix.name, matrix.rows, matrix.columns
    if given is None or (isinstance(given, str) and not given.strip()):
        said = f"{name} is missing: it is a matrix with {_shape(rows, columns)}."
        raise InputError("empty", said)
    if isinstance(given, str):
        return parse_matrix(_own_text(matrix, given), rows, columns)
    found = read_matrix(given, name, FROM_FLOATS)
    came = (len(found), len(found[0]))
    if came == (rows, columns):
        return found
    wanted = f"{name} must have {_shape(rows, columns)} ({rows} × {columns})"
    if came != (columns, rows):
        raise InputError("wrong_shape", f"{wanted}, not {came[0]} × {came[1]}.")
    turned = matrix_line(tuple(zip(*found, strict=True)))
    raise InputError(
        "transposed",
        f"{wanted}, not {came[0]} × {came[1]}; this looks transposed.",
        suggestion=turned,
    )


def _own_text(matrix: NamedMatrix, text: str) -> str:
    """The text of a matrix, which may stand behind its own name and no other."""
    for part in named_texts(text):
        if part.name and _bare(part.key) not in (_bare(matrix.name), "answer"):
            said = f"{matrix.name} is asked for here, and {part.name} = … is another name."
            raise InputError("not_an_answer", said)
    return text


def _shape(rows: int, columns: int) -> str:
    return f"{rows} row{'' if rows == 1 else 's'} of {columns}"


# --------------------------------------------------------------------------------------------------
# Which texts with names, or which keys, are the matrices that are asked for.


def parts_of_text(text: str, asked: MatricesAnswer, example: str = "") -> dict[str, str]:
    r"""The texts of the matrices by name, as a file or a line holds them.

    One that is asked for alone needs no name. Errors: ``InputError`` with code ``not_an_answer``
    for names that are unknown, missing or there twice, and for what has no name.

    >>> two = MatricesAnswer((NamedMatrix("W_1", 1, 1), NamedMatrix("W_2", 1, 1)))
    >>> parts_of_text("W_2 = 3\nw_{1} = 1/2", two)
    {'W_1': '1/2', 'W_2': '3'}
    """
    parts = named_texts(text)
    if len(asked.names) == 1 and len(parts) == 1 and _bare(parts[0].key) in ("", "answer"):
        return {asked.names[0]: parts[0].text}
    for part in parts:
        if not part.name and not part.is_drawn:
            reason = f"line {part.row} has no name"
            raise _no_matrices(asked, reason, part.row, example)
    named = {id(part): _known(part.key, asked) for part in parts if part.name}
    for part in parts:
        if part.name and named[id(part)] is None:
            raise _unknown(part, asked, example)
    counts = Counter(named.values())
    for name, count in counts.items():
        if count > 1:
            last = [part for part in parts if named.get(id(part)) == name][1]
            times = "twice" if count == 2 else f"{count} times"
            raise _no_matrices(asked, f"{name} = … stands {times} in it", last.row, example)
    _refuse_missing(asked, counts, example)
    found = {named[id(part)]: part.alone(()).strip() for part in parts if part.name}
    return {name: found[name] for name in asked.names}


def parts_of_mapping(given: Mapping[object, object], asked: MatricesAnswer) -> dict[str, object]:
    """The matrices of a mapping by name. Errors: as for a text.

    >>> parts_of_mapping({"W_1": [[1]]}, MatricesAnswer((NamedMatrix("W_1", 1, 1),)))
    {'W_1': [[1]]}
    """
    for key in given:
        if key not in asked.names:
            near = get_close_matches(str(key), asked.names, n=1)
            hint = f"; did you mean {near[0]}?" if near else "."
            said = f"The answer has {_names(asked)}, and {brief(key)} is no name of it{hint}"
            raise InputError("not_an_answer", said)
    _refuse_missing(asked, given, "")
    return {name: given[name] for name in asked.names}


def without_names(asked: MatricesAnswer) -> InputError:
    """What is said of several matrices that come in a list: which is which is not guessed."""
    example = ", ".join(f'"{name}": …' for name in asked.names)
    said = f"the matrices came without their names; give a dict such as {{{example}}}"
    return _no_matrices(asked, said, None, "")


def _refuse_missing(asked: MatricesAnswer, names: Collection[object], example: str) -> None:
    missing = [name for name in asked.names if name not in names]
    if missing:
        reason = f"{joined(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        raise _no_matrices(asked, reason, None, example)


def _unknown(part: NamedText, asked: MatricesAnswer, example: str) -> InputError:
    near = get_close_matches(_bare(part.key), [_bare(name) for name in asked.names], n=1)
    meant = [name for name in asked.names if near and _bare(name) == near[0]]
    hint = f"; is it {meant[0]}?" if meant else ""
    reason = f"{part.name} = … in line {part.row} is no name of it{hint}"
    return _no_matrices(asked, reason.rstrip("?"), part.row, example)


def _no_matrices(asked: MatricesAnswer, reason: str, row: int | None, example: str) -> InputError:
    each = "each behind its name" if len(asked.names) > 1 else "behind its name or alone"
    message = f"The answer has {_names(asked)}, {each}; {reason}."
    return InputError("not_an_answer", message, row=row, suggestion=example or None)


def _names(asked: MatricesAnswer) -> str:
    return joined([f"{name} = …" for name in asked.names])


def _known(key: str, asked: MatricesAnswer) -> str | None:
    """The name of a matrix that a name in a text is, whatever dress it wears."""
    return next((name for name in asked.names if _bare(name) == _bare(key)), None)


def _bare(name: str) -> str:
    r"""A name without its dress: W_{OV}, W^OV and w_ov are one.

    >>> _bare(r"W_{\mathrm{OV}}"), _bare("W_OV")
    ('w_ov', 'w_ov')
    """
    return _DRESS.sub("", name).replace("^", "_").lower()


# --------------------------------------------------------------------------------------------------
# In the file of an exercise each matrix has a key of its own, beside those of every answer.


_BESIDE: Mapping[str, tuple[str, ...]] = {
    "example": (),
    "solutions": ("title", "reasoning"),
    "wrong": ("diagnosis", "happened", "try"),
}


def with_matrices(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """A file's tables with the keys of matrices, which have these names, put together.

    Errors: ``TableError`` for a matrix that is missing or no text, and for an unknown key.

    >>> with_matrices({"example": {"W_O": "1"}}, ["W_O"])["example"]
    {'matrices': [['W_O', '1']]}
    """
    found = dict(values)
    for key, beside in _BESIDE.items():
        given = values.get(key)
        if isinstance(given, Mapping):
            found[key] = _put_together(given, key, names, beside)
        elif isinstance(given, list):
            found[key] = [
                _put_together(each, f"{key}[{i}]", names, beside)
                if isinstance(each, Mapping)
                else each
                for i, each in enumerate(given, 1)
            ]
    return found


def _put_together(
    table: Mapping[str, Any], where: str, names: Sequence[str], beside: Sequence[str]
) -> dict[str, Any]:
    for key in table:
        if key not in (*names, *beside):
            near = get_close_matches(key, [*names, *beside], n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"matrices are {', '.join(names)}."
            said = f'there is no key "{key}" here; {hint}'
            raise TableError("unknown_key", f"{where}.{key}", said)
    for name in names:
        place = f"{where}.{name}"
        if name not in table:
            raise TableError("missing_key", place, f'the key "{name}" is missing.')
        if not isinstance(table[name], str):
            raise TableError("wrong_type", place, f'"{name}" must be a text, as it is typed.')
        if not table[name].strip():
            raise TableError("blank", place, f'"{name}" must not be blank.')
    own = {key: each for key, each in table.items() if key in beside}
    return {**own, "matrices": [[name, table[name]] for name in names]}

"""Eight numbers side by side, as compiled loops work on them: each a lane, none meets another.

A compiler that is left to find what can be done together asks first, in every loop, whether arrays
overlap. Here it is told: ``load``, ``store``, ``fill``, ``choose`` and the operators + − · / and
comparisons are single operations on vectors, which LLVM cuts to the width of the machine. They
exist in compiled loops alone. No operation has leave to round otherwise than as written.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from llvmlite import ir  # type: ignore[import-untyped] # it has no stubs
from numba import config, types
from numba.core.datamodel import models
from numba.extending import intrinsic, overload, register_model
from numba.np.arrayobj import make_array

_SETTINGS: Any = config
if _SETTINGS.DISABLE_JIT:
    raise ImportError(
        "NUMBA_DISABLE_JIT is set: numba compiles nothing, and lanes are not Python's."
    )

LANES = 8

Lanes: TypeAlias = Any
"""Eight float64, or eight answers of a comparison: known to numba, not to Python."""

_NUMBERS = ir.VectorType(ir.DoubleType(), LANES)
_PLACES = ir.VectorType(ir.IntType(32), LANES)
_ANSWERS = ir.VectorType(ir.IntType(1), LANES)
_ALIGNMENT = 8  # bytes: NumPy promises no more


class _LanesType(types.Type):
    """The type of eight numbers."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


class _MaskType(types.Type):
    """The type of eight answers."""

    def __init__(self) -> None:
        super().__init__(name="Mask")


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    """Numbers are one value of LLVM."""

    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, _NUMBERS)  # type: ignore[no-untyped-call] # numba's own


@register_model(_MaskType)
class _MaskModel(models.PrimitiveModel):
    """And so are answers."""

    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, _ANSWERS)  # type: ignore[no-untyped-call] # numba's own


_LANES, _MASK = _LanesType(), _MaskType()

_operation: Callable[[Callable[..., Any]], Callable[..., Any]] = intrinsic
# An intrinsic says what types it takes, and writes LLVM's instructions for them. numba hands it its
# context of types, and what it returns the context of code, a builder, the signature and values.


@_operation
def load(_: Any, array: Any, row: Any) -> Any:  # noqa: ARG001 - their types are in the signature
    """Row ``row`` of an array (rows, LANES)."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        found = builder.load(_place(context, builder, signature, given))
        found.align = _ALIGNMENT
        return found

    return _LANES(array, types.intp), code


@_operation
def store(_: Any, array: Any, row: Any, value: Any) -> Any:  # noqa: ARG001 - as above
    """Write row ``row`` of an array (rows, LANES)."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        builder.store(given[2], _place(context, builder, signature, given)).align = _ALIGNMENT
        return context.get_dummy_value()

    return types.void(array, types.intp, _LANES), code


def _place(context: Any, builder: Any, signature: Any, given: Any) -> Any:
    kind: Any = make_array(signature.args[0])  # type: ignore[no-untyped-call] # numba's own
    data = kind(context, builder, given[0]).data
    start = builder.mul(given[1], ir.Constant(given[1].type, LANES))
    return builder.bitcast(builder.gep(data, [start]), _NUMBERS.as_pointer())


@_operation
def fill(_: Any, number: Any) -> Any:  # noqa: ARG001 - as above
    """One number in all lanes."""

    def code(_: Any, builder: Any, __: Any, given: Any) -> Any:
        nothing = ir.Constant(_NUMBERS, ir.Undefined)
        first = builder.insert_element(nothing, given[0], ir.Constant(ir.IntType(32), 0))
        return builder.shuffle_vector(first, nothing, ir.Constant(_PLACES, [0] * LANES))

    return _LANES(types.float64), code


@_operation
def choose(_: Any, where: Any, yes: Any, no: Any) -> Any:  # noqa: ARG001 - as above
    """``yes`` in the lanes where something holds, ``no`` in the others."""
    return _LANES(_MASK, _LANES, _LANES), _written("select")


@_operation
def both(_: Any, one: Any, other: Any) -> Any:  # noqa: ARG001 - as above
    """In which lanes both hold."""
    return _MASK(_MASK, _MASK), _written("and_")


def _written(name: str, *first: str) -> Callable[..., Any]:
    """One instruction, by the name of the builder's method for it."""

    def code(_: Any, builder: Any, __: Any, given: Any) -> Any:
        return getattr(builder, name)(*first, *given)

    return code


def _define(symbol: Callable[..., Any], result: types.Type, name: str, *first: str) -> None:
    """Have an operator work on lanes, and on lanes and one number."""

    @_operation
    def work(_: Any, left: Any, right: Any) -> Any:  # noqa: ARG001 - as above
        return result(_LANES, _LANES), _written(name, *first)

    @overload(symbol, strict=False)  # the lambdas are not annotated
    def chosen(left: Any, right: Any) -> Callable[..., Any] | None:
        kinds = left == _LANES, right == _LANES
        if all(kinds):
            return lambda left, right: work(left, right)  # noqa: PLW0108 - numba compiles functions
        if kinds[0] and isinstance(right, types.Float):
            return lambda left, right: work(left, fill(right))
        if kinds[1] and isinstance(left, types.Float):
            return lambda left, right: work(fill(left), right)
        return None

    del chosen  # numba has it


for _symbol, _name in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _define(_symbol, _LANES, _name)
for _symbol, _sign in ((operator.gt, ">"), (operator.ge, ">="), (operator.lt, "<")):
    _define(_symbol, _MASK, "fcmp_ordered", _sign)

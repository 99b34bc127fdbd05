"""What is given for a setting of a model or a run, read and checked, or refused for a reader."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from math import inf, isfinite, nan
from numbers import Real
from typing import get_args

from handcalc.errors import InputError
from handcalc.inputs.containers import as_int, is_float
from handcalc.inputs.floats import is_narrow, short_fraction
from handcalc.superposition.model.toy_model import Activation
from handcalc.wording import brief

EXACT_ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
"""Those of which the exact loss is known; models with others are trained on samples alone."""

SEEDS = 1 << 32  # a seed, a restart and a step are each one of the words that Philox counts with


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse what is none of the choices; the error's code is the name of the setting.

    Where one of them is near, it is what to type instead.

    >>> check_choice("optimiser", "adamm", ("adam", "adamw"))
    Traceback (most recent call last):
    ...
    handcalc.errors.InputError: The optimiser is "adam" or "adamw", not 'adamm'.
    """
    if not (isinstance(value, str) and value in choices):
        listed = " or ".join(f'"{choice}"' for choice in choices)
        near = get_close_matches(str(value).lower(), choices, 1) if isinstance(value, str) else []
        raise InputError(
            name,
            f"The {name} is {listed}, not {brief(value)}.",
            suggestion=f'{name}="{near[0]}"' if near else None,
        )


def check_activation(name: str, value: object) -> None:
    """Refuse what is no activation of a model; the error's code is the name of the setting.

    >>> check_activation("activation", "tanh")
    """
    if isinstance(value, str) and value in EXACT_ACTIVATIONS:
        return
    from torchsim.elementwise import check_elementwise  # torch is asked for others alone

    check_elementwise(name, value)


def activation_word(activation: str) -> str:
    """What an activation is called.

    >>> activation_word("relu"), activation_word("gelu")
    ('ReLU', 'gelu')
    """
    return "ReLU" if activation == "relu" else activation


def read_seed(value: object) -> int:
    """A seed, checked. Errors: ``seed``.

    >>> read_seed(7)
    7
    """
    whole = as_int(value)
    if whole is None or not 0 <= whole < SEEDS:
        raise InputError(
            "seed", f"A seed is a whole number from 0 to 2^32 - 1, not {brief(value)}."
        )
    return whole


def read_count(what: str, value: object, most: int = SEEDS - 1) -> int:
    """A number of something, from 1, checked. Errors: ``size``.

    >>> read_count("number of steps", 7)
    7
    """
    found = as_int(value)
    if found is None or found < 1:
        raise InputError("size", f"The {what} is a whole number from 1, not {brief(value)}.")
    if found > most:
        raise InputError("size", f"The {what} is at most {most:,}, not {brief(value)}.")
    return found


def read_positive(name: str, value: object, *, or_zero: bool = False) -> float:
    """A number above 0, or 0 itself, checked; the error's code is the name of the setting.

    >>> read_positive("rate", 0.5)
    0.5
    """
    number = as_real(value)
    if not (0 < number < inf or (or_zero and number == 0)):
        least = "from 0" if or_zero else "above 0"
        raise InputError(name, f"The {name} is a number {least}, not {brief(value)}.")
    return number


def as_real(value: object) -> float:
    """A real number of any library as a float, NaN for what is none.

    A float32 is the float nearest to the short fraction that it stands for.

    >>> import numpy as np
    >>> from fractions import Fraction
    >>> as_real(0.01), as_real(np.float32(0.01)), as_real(Fraction(1, 100)), as_real(True)
    (0.01, 0.01, 0.01, nan)
    """
    is_array = getattr(value, "ndim", 0) != 0
    is_bool = isinstance(value, bool) or str(getattr(value, "dtype", "")).endswith("bool")
    if is_array or is_bool or not (isinstance(value, Real) or is_float(value)):
        return nan
    try:
        number = float(value)  # type: ignore[arg-type]  # asked of numbers only
    except OverflowError:
        return inf
    return float(short_fraction(number)) if isfinite(number) and is_narrow(number) else number

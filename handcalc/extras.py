"""Optional parts: what a call needs beside the base install, and how to get it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from handcalc.errors import InputError

__all__ = ["imported", "require"]


def require(extra: str, *modules: str) -> None:
    """Refuse to go on where a module of an optional part is missing, and say what to install.

    Errors: ``missing_extra``.

    >>> require("optimum", "sympy")
    >>> try:
    ...     require("plot", "no_such_module")
    ... except InputError as error:
    ...     print(error.suggestion)
    pip install "handcalc[plot]"
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise InputError(
            "missing_extra",
            f"This needs {missing[0]}, which is not installed.",
            suggestion=f'pip install "handcalc[{extra}]"',
        )


def imported(extra: str, module: str) -> Any:
    """A module of an optional part, for those who ask for it; nothing else imports it here.

    Errors: ``missing_extra``.

    >>> imported("optimum", "math").pi > 3
    True
    """
    require(extra, module)
    return import_module(module)

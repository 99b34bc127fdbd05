"""Attention-only transformers worked exactly: one file an idea, in the order of the theory.

A vector is a row and matrices multiply on its right, so that row t of W_E is the arrow of token t.
``handcalc.circuits()`` lists the named circuits: the package itself is what is called.
"""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False  # as in handcalc: importing typing would cost more
if TYPE_CHECKING:
    from handcalc.circuits.gallery.circuit import Circuit


class _Package(ModuleType):
    """A package that can be called, as the list of named circuits goes by its name."""

    def __call__(self) -> tuple[Circuit, ...]:
        from importlib import import_module

        found: tuple[Circuit, ...] = import_module(f"{__name__}.gallery.listing").circuits()
        return found


sys.modules[__name__].__class__ = _Package

"""Attention-only transformers worked exactly: one file an idea, in the order of the theory.

A vector is a row and matrices multiply on its right, so that row t of W_E is the arrow of token t.
``handcalc.circuits()`` lists the named circuits: the package itself is what is called.
"""

from __future__ import annotations

from handcalc.lazy import make_callable

make_callable(__name__, "gallery.listing")

"""Networks with a ReLU on their hidden layer: what they compute, and lose, exactly.

``handcalc.networks()`` lists the named networks: the package itself is what is called.
"""

from __future__ import annotations

from handcalc.lazy import make_callable

make_callable(__name__, "gallery")

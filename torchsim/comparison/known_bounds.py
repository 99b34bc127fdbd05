"""Between which two numbers the loss of a model lies that is too wide for the exact one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from torchsim.run import Trained

_TELLING = 0.2  # the part of a loss that bounds on it may leave open, to be told


class KnownBounds(NamedTuple):
    """What is known of the exact loss; None where nothing is."""

    at_least: float | None
    at_most: float | None

    @classmethod
    def of(cls, trained: Trained) -> KnownBounds:
        """Of the best restart; nothing where its exact loss is there, and without numba."""
        if trained.exact_loss is not None:
            return cls(None, None)
        try:
            from torchsim.comparison.expansion import bounds
        except ImportError:  # its loops are compiled
            return cls(None, None)
        found = bounds(trained)
        if found is None:
            return cls(None, None)
        return cls(float(found.lower[0]), float(found.upper[0]))

    def sentences(self) -> Iterator[str]:
        """What is said of them, where they are close enough to tell something."""
        least, most = self
        if least is not None and most is not None and most - least <= _TELLING * most:
            yield (
                f"The exact loss is at least {least:.6g} and at most {most:.6g}, by the inputs "
                "with few features active and a bound on all others."
            )

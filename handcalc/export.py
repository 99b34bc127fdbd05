"""The way out: models and results as arrays, tensors, sympy matrices, LaTeX, data frames, plots.

What a result holds stays exact until it is asked for in floating point, here and nowhere else; each
float is the one nearest to the exact number. numpy, torch and pandas are imported for whoever asks
for their arrays, and never otherwise.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import isfinite, isnan
from typing import Any

import sympy

from handcalc.display import latex_of, plot_of
from handcalc.errors import InputError, imported
from handcalc.numbers.exact import to_float


class AsArrays(ABC):
    """A model or a result with numbers, vectors and matrices in it.

    Each method answers with a named tuple, one entry an array, in the same order: ``W, b`` for a
    model. ``NAME.to_numpy()._fields`` lists them.
    """

    __slots__ = ()

    @abstractmethod
    def arrays(self) -> Mapping[str, Any]:
        """The exact numbers by name: a number, or tuples of them, nested as an array is."""

    def to_numpy(self) -> Any:
        """Arrays in float64, every float the nearest: W is (n, m), b (n,), one number ().

        A number past the largest float is infinite, as in IEEE rounding.

        Errors: ``symbolic`` where a symbol has no number yet, ``missing_extra`` without numpy.

        >>> from handcalc.superposition.model.toy_model import ToyModel
        >>> W, b = ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2").to_numpy()
        >>> W.shape, b.tolist(), str(b.dtype)
        ((3, 2), [0.0, 0.5, 0.5], 'float64')
        """
        np = imported("optimum", "numpy")
        return self._each(lambda name, values: np.asarray(_floats(values, name), dtype=np.float64))

    def to_torch(self) -> Any:
        """Tensors in float64 on the CPU, of the shapes of ``to_numpy``; ``.to(…)`` moves them.

        Errors: ``symbolic``, and ``missing_extra`` without torch.

        >>> from handcalc.superposition.model.toy_model import ToyModel
        >>> W, b = ToyModel("1 0; 0 1; 0 -1").to_torch()
        >>> tuple(W.shape), str(W.dtype)
        ((3, 2), 'torch.float64')
        """
        torch = imported("sim", "torch")
        return self._each(
            lambda name, values: torch.tensor(_floats(values, name), dtype=torch.float64)
        )

    def to_sympy(self) -> Any:
        """The exact numbers as sympy has them: W as an n × m matrix, b as a column, numbers alone.

        >>> from handcalc.superposition.model.toy_model import ToyModel
        >>> W, b = ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2").to_sympy()
        >>> W * W.T * b + b
        Matrix([
        [  0],
        [1/2],
        [1/2]])
        """
        return self._each(lambda _, values: _sympy(values))

    def _each(self, convert: Callable[[str, Any], Any]) -> Any:
        found = {name: convert(name, values) for name, values in self.arrays().items()}
        return namedtuple(type(self).__name__, found)(**found)


class Exported(AsArrays):
    """One that has formulas too."""

    __slots__ = ()

    def latex(self) -> str:
        r"""LaTeX (amsmath) of the formulas, without dollar signs.

        >>> from handcalc.superposition.model.toy_model import ToyModel
        >>> ToyModel("1; -1").latex().partition(",")[0]
        'W = \\begin{bmatrix} 1 \\\\ -1 \\end{bmatrix}'
        """
        return latex_of(self)


class Tabular(ABC):
    """A result that is a table, or has one."""

    __slots__ = ()

    @abstractmethod
    def columns(self) -> Mapping[str, Sequence[Any]]:
        """The columns by name, the row labels first."""

    def to_frame(self) -> Any:
        """A pandas data frame, exact numbers as the nearest floats; the first column is its index.

        Errors: ``symbolic`` where a symbol has no number yet, ``missing_extra`` without pandas.

        >>> from handcalc.superposition.model.geometry import geometry
        >>> geometry("1 0; 0 1; 0 -1").to_frame()["dimensionality"].to_dict()
        {1: 1.0, 2: 0.5, 3: 0.5}
        """
        pd = imported("frame", "pandas")
        columns = {
            name: [
                _float(value, name) if isinstance(value, sympy.Expr | Fraction) else value
                for value in values
            ]
            for name, values in self.columns().items()
        }
        return pd.DataFrame(columns).set_index(next(iter(columns)))


class Plotted(ABC):  # noqa: B024 - how each kind is drawn is registered with its views
    """A result that can be drawn with matplotlib."""

    __slots__ = ()

    def plot(self, *, ax: Any = None, dark: bool | None = None) -> Any:
        """Draw it into the axes ``ax``, or into a figure of its own, and return the axes.

        ``dark`` is for a dark page; left out, it is as dark as the figure of ``ax``. The label of
        the axes says in words what is to be seen. Errors: ``missing_extra`` without matplotlib.

        >>> import handcalc
        >>> model = handcalc.circuit("copying").model
        >>> handcalc.bigram_table(model).plot().get_title(loc="left")
        'W_E W_U'
        """
        return plot_of(self, ax=ax, dark=dark)


def _floats(values: Any, name: str) -> Any:
    if isinstance(values, Sequence) and not isinstance(values, str):
        return [_floats(each, name) for each in values]
    return _float(values, name)


def _float(value: Any, name: str) -> float:
    """The nearest float, of a number or of a decimal in full."""
    if isinstance(value, sympy.Expr):
        if value is sympy.nan:
            return float("nan")
        if value.free_symbols:
            symbols = ", ".join(sorted(map(str, value.free_symbols)))
            remedy = "give a sparsity" if symbols == "S" else "give an x of numbers"
            raise InputError(
                "symbolic",
                f"{name} depends on {symbols}, which is no number yet: {remedy}, or take "
                "to_sympy().",
            )
        return to_float(value)
    return float(value)


def _sympy(values: Any) -> Any:
    """A number, a column, a matrix, or an array of more axes."""
    nested = _exact(values)
    if not isinstance(nested, list):
        return nested
    # sympy's matrices have two axes, and a list becomes a column, as b is in W Wᵀ x + b
    array = sympy.ImmutableDenseNDimArray(nested)
    if array.rank() > 2:
        return array
    return sympy.ImmutableMatrix(nested)


def _exact(values: Any) -> Any:
    if isinstance(values, Sequence) and not isinstance(values, str):
        return [_exact(each) for each in values]
    if hasattr(values, "to_sympy"):  # a sum of exponentials
        return values.to_sympy()
    if isinstance(values, float) and not isfinite(values):  # Rational takes both for 0
        return sympy.nan if isnan(values) else sympy.oo if values > 0 else -sympy.oo
    return values if isinstance(values, sympy.Basic) else sympy.Rational(values)

"""Closed forms: the best pair, k-gon and dropped feature, and where two families are as good."""

from __future__ import annotations

from handcalc.superposition.closed_forms.compositions import Composition as Composition
from handcalc.superposition.closed_forms.crossings import Crossing as Crossing
from handcalc.superposition.closed_forms.crossings import CrossingValues as CrossingValues
from handcalc.superposition.closed_forms.crossings import crossing as crossing
from handcalc.superposition.closed_forms.parts import ClosedForm as ClosedForm
from handcalc.superposition.closed_forms.parts import ClosedPart as ClosedPart
from handcalc.superposition.closed_forms.parts import closed_form as closed_form
from handcalc.superposition.closed_forms.parts import dropped_loss as dropped_loss
from handcalc.superposition.closed_forms.real_root import RealRoot as RealRoot
from handcalc.superposition.closed_forms.regular import RegularOptimum as RegularOptimum
from handcalc.superposition.closed_forms.regular import RegularValues as RegularValues
from handcalc.superposition.closed_forms.regular import best_regular as best_regular
from handcalc.superposition.closed_forms.symbolic import SymbolicCell as SymbolicCell
from handcalc.superposition.closed_forms.symbolic import stationarity as stationarity

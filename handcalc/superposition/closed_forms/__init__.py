"""Closed forms: the best pair, k-gon and dropped feature, and where two families are as good."""

from __future__ import annotations

from handcalc.superposition.closed_forms.balls import RealRoot as RealRoot
from handcalc.superposition.closed_forms.crossing import CrossingValues as CrossingValues
from handcalc.superposition.closed_forms.crossing import FamilyCrossing as FamilyCrossing
from handcalc.superposition.closed_forms.crossing import crossing as crossing
from handcalc.superposition.closed_forms.crossing import family_loss as family_loss
from handcalc.superposition.closed_forms.family_optimum import ClosedForm as ClosedForm
from handcalc.superposition.closed_forms.family_optimum import ClosedPart as ClosedPart
from handcalc.superposition.closed_forms.family_optimum import Composition as Composition
from handcalc.superposition.closed_forms.family_optimum import closed_form as closed_form
from handcalc.superposition.closed_forms.family_optimum import dropped_loss as dropped_loss
from handcalc.superposition.closed_forms.regular import RegularOptimum as RegularOptimum
from handcalc.superposition.closed_forms.regular import RegularValues as RegularValues
from handcalc.superposition.closed_forms.regular import SymbolicCell as SymbolicCell
from handcalc.superposition.closed_forms.regular import best_regular as best_regular
from handcalc.superposition.closed_forms.regular import stationarity as stationarity

"""Where the best embedding changes: along S, and by a feature's importance and density."""

from __future__ import annotations

from handcalc.superposition.phases.diagram import PhaseDiagram as PhaseDiagram
from handcalc.superposition.phases.diagram import Point as Point
from handcalc.superposition.phases.diagram import phase_diagram as phase_diagram
from handcalc.superposition.phases.phase_map import MapPoint as MapPoint
from handcalc.superposition.phases.phase_map import PhaseMap as PhaseMap

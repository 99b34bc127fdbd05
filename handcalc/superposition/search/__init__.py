"""The search for the best embedding: descents from many starts at once, and where they end."""

from __future__ import annotations

from handcalc.superposition.search.minima import Found as Found
from handcalc.superposition.search.minima import Minimum as Minimum
from handcalc.superposition.search.minima import merged as merged
from handcalc.superposition.search.minima import same_loss as same_loss
from handcalc.superposition.search.searching import descend as descend
from handcalc.superposition.search.searching import search as search

"""Text to exact numbers: the one reader, with a bounded grammar, which evaluates no code.

>>> parse_scalar("√2/2"), parse_vector("0 1/2 1/2"), parse_matrix("1 0; 0 -1")
(sqrt(2)/2, (0, 1/2, 1/2), ((1, 0), (0, -1)))
"""

from __future__ import annotations

from handcalc.parsing.parse import parse_input as parse_input
from handcalc.parsing.parse import parse_matrix as parse_matrix
from handcalc.parsing.parse import parse_scalar as parse_scalar
from handcalc.parsing.parse import parse_vector as parse_vector

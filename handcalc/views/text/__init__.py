"""Worked calculations in the terminal, as rich renderables that fit 80 columns."""

from __future__ import annotations

from handcalc.views.text.blocks import heading, matrix, model
from handcalc.views.text.losses import distribution, gradient, loss
from handcalc.views.text.optima import optimum
from handcalc.views.text.shapes import arrows, embedding, embeddings, geometry, sameness
from handcalc.views.text.steps import claims, derivation, forward, parts

__all__ = [
    "arrows",
    "claims",
    "derivation",
    "distribution",
    "embedding",
    "embeddings",
    "forward",
    "geometry",
    "gradient",
    "heading",
    "loss",
    "matrix",
    "model",
    "optimum",
    "parts",
    "sameness",
]

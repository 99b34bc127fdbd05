"""Figures of a training run beside what is best: readable on a slide, light and dark.

>>> import torchsim.figures as figures
>>> figures.KINDS
('embeddings', 'gram', 'phases', 'losses')
"""

from __future__ import annotations

from torchsim.figures.drawing import KINDS as KINDS
from torchsim.figures.drawing import Kind as Kind
from torchsim.figures.drawing import describe as describe
from torchsim.figures.drawing import draw as draw
from torchsim.figures.drawing import kinds as kinds
from torchsim.figures.drawing import rendered as rendered
from torchsim.figures.drawing import shows_best as shows_best
from torchsim.figures.drawing import write as write

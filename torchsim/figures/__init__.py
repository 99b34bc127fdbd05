"""Figures of a training run beside what is best: readable on a slide, light and dark.

>>> import torchsim.figures as figures
>>> figures.KINDS
('embeddings', 'gram', 'phases', 'losses')
"""

from __future__ import annotations

from torchsim.figures.drawing import describe as describe
from torchsim.figures.drawing import draw as draw
from torchsim.figures.files import rendered as rendered
from torchsim.figures.files import write as write
from torchsim.figures.kinds import KINDS as KINDS
from torchsim.figures.kinds import Kind as Kind
from torchsim.figures.kinds import kinds as kinds
from torchsim.figures.kinds import shows_best as shows_best

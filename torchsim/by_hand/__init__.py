"""Trained weights as one could have written them by hand: simple exact numbers, named shapes."""

from __future__ import annotations

from torchsim.by_hand.naming import Nearest as Nearest
from torchsim.by_hand.naming import nearest as nearest
from torchsim.by_hand.shapes import Shape as Shape
from torchsim.by_hand.shapes import shapes as shapes
from torchsim.by_hand.turning import Arrows as Arrows
from torchsim.by_hand.turning import turned as turned
from torchsim.by_hand.writing import WITHIN as WITHIN
from torchsim.by_hand.writing import ByHand as ByHand
from torchsim.by_hand.writing import by_hand as by_hand

"""How many dimensions a feature of a trained model takes."""

from __future__ import annotations

from torchsim.run import Trained


def dimensions_a_feature(trained: Trained) -> float:
    """m/‖W‖²_F of the best restart: dimensions a feature, where those held are of length 1.

    Source: Elhage et al. 2022, "The Geometry of Superposition".
    """
    W = trained.W[trained.best].double()
    return trained.model.hidden / float(W.square().sum())

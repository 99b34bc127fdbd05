"""Networks with a ReLU on their hidden layer: what they compute, and lose, exactly."""

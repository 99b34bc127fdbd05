"""Random inputs and weights by counter: the same however the work is batched."""

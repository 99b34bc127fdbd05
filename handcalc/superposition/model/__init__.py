"""The toy model: its forward pass, its geometry, when two are the same, and the named ones."""

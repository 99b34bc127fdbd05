"""The search for the best embedding: descents from many starts, polished and named exactly."""

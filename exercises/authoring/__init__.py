"""For authors: whether a course is sound, and whether a hint gives the answer away."""

"""Pages on directions: blocks, which a terminal and a notebook each render, and formulas."""

"""Models and results in LaTeX: worked calculations for a page, and formulas alone."""

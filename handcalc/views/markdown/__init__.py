"""Results as Markdown with LaTeX: what a notebook shows, which is not less than the terminal."""

"""Text on a terminal, in a pipe or in a file: its width, its colours, its characters."""

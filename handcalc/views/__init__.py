"""Views of one worked calculation, one file a medium; none of them does mathematics."""

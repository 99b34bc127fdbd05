"""Views of one worked calculation, one file or package a medium; none of them does mathematics."""

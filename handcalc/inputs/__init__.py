"""What comes from Python and from files: texts, lists, arrays and frames, as exact numbers."""

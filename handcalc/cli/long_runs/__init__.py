"""Long work: what is kept of it, its bar, Ctrl-C, and how to go on."""

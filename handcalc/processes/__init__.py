"""Work in several processes: signals that stop it, limits on its time, and results as they come."""

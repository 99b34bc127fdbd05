"""Models to take hold of in a browser: one ES module, and pages that hold all they need."""

"""Networks with a hidden ReLU as pages and as formulas."""

"""The exact expected loss over random sparse inputs, and its derivatives."""

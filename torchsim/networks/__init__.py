"""Networks with a hidden layer of neurons, trained."""

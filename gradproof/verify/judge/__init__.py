"""Hand-written gradients: exactly where the function runs in balls, else by finite differences, at several points."""

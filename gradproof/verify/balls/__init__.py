"""The user's own NumPy code, unmodified, in ball arithmetic with dual numbers."""

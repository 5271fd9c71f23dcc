"""Ordinary NumPy code, written as people write it: how much of it runs in balls, and is differentiated rightly."""

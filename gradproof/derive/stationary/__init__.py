"""Stationary points: the gradient set to zero, and solved."""

from gradproof.derive.stationary.solution import Solution, Unknown
from gradproof.derive.stationary.solve import solve

__all__ = ["Solution", "Unknown", "solve"]

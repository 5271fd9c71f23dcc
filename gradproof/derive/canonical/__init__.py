"""One form for equal expressions: definitions written in, sums multiplied out and split, quotients cancelled."""

from gradproof.derive.canonical.form import canonical, difference
from gradproof.derive.canonical.inline import closed_values

__all__ = ["canonical", "closed_values", "difference"]

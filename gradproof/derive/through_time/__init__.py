"""How a state depends on an earlier one: the Jacobian of one step, the product of the steps, and its norm."""

from __future__ import annotations

from gradproof.derive.through_time.jacobian import through_time

__all__ = ["through_time"]

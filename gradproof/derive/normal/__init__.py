"""The normal form: a sum of terms, each a coefficient times powers of factors; a factor may be a sum of a term."""

from gradproof.derive.normal.context import ALL_RULES, Context
from gradproof.derive.normal.normalise import normalise
from gradproof.derive.normal.sums import make_sum

__all__ = ["ALL_RULES", "Context", "make_sum", "normalise"]

"""Letters for axes that the page gives none."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from itertools import chain

#: In the order in which they are taken.
LETTERS = "ijklabcdefghopqrstuvxyz"


def first_free(wanted: str, live: AbstractSet[str]) -> str:
    """Return the wanted letter if it is not taken, else the first that is free."""
    candidates = chain([wanted], LETTERS, (f"i{k}" for k in range(1, 1000)))
    return next(c for c in candidates if c and c not in live)

"""Two systems as one: names matched, sizes matched through shapes, and what is computed by both side by side."""

from gradproof.derive.matching.claim import claimed
from gradproof.derive.matching.induction import Induction
from gradproof.derive.matching.merge import Merged, Pair, merge
from gradproof.derive.matching.proof import Proof, prove

__all__ = ["Induction", "Merged", "Pair", "Proof", "claimed", "merge", "prove"]

"""Vector mathematics: branch-free scalar functions that LLVM turns into SIMD code inside loops, as text.

A generated module holds the text of what it calls, constants among it, and needs numpy and numba alone. The
coefficients are minimax polynomials that `fit` makes from the functions themselves; `constants` holds them.
"""

from gradproof.kernels.vector.loops import loops_text
from gradproof.kernels.vector.text import HELPERS, NAMES, ULPS, helper_imports, helpers_text, in_order

__all__ = ["HELPERS", "NAMES", "ULPS", "helper_imports", "helpers_text", "in_order", "loops_text"]

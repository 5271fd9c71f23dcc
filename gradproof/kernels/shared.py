"""The modules that kernels in the cache folder share: the product of matrices, and functions of numbers.

They are compiled once for each type. A kernel names the digest of the text that it was generated with, by which the
module is found on disk; its text is made where it is not there yet.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from gradproof.kernels import cache


def shared_product(dtype: str, known: str = "") -> ModuleType:
    """Return the module with the product of float32 or of float64 matrices.

    Args:
        dtype: "float32" or "float64".
        known: the digest of the text that a cached kernel was compiled with.

    Raises:
        ImportError: there is no such text any more.
    """

    def text() -> str:
        from gradproof.kernels.product.source import product_source

        return product_source(dtype)

    return _shared("product", dtype, known, text)


def shared_mathematics(dtype: str, known: str) -> ModuleType:
    """Return the module with all functions of float32 or of float64 numbers; the arguments are those of the product."""

    def text() -> str:
        from gradproof.kernels.vector.shared import mathematics_source

        return mathematics_source(dtype)

    return _shared("mathematics", dtype, known, text)


def _shared(what: str, dtype: str, known: str, text: Callable[[], str]) -> ModuleType:
    module = cache.recall(known, f"{what}_{dtype}") if known else None
    if module is not None:
        return module
    here = text()
    if known and known != cache.digest(here):
        raise ImportError(
            f"this kernel was generated with the {what} {known}, and here is {cache.digest(here)}: generate it again"
        )
    return cache.load(here, f"{what}_{dtype}")

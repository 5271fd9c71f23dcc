"""The product that the modules in the cache folder share: compiled once for each type, and kept on disk."""

from __future__ import annotations

from types import ModuleType

from gradproof.kernels import cache
from gradproof.kernels.product.source import KEY, product_source


def shared_product(dtype: str, key: str = KEY) -> ModuleType:
    """Return the module with the product of float32 or of float64 matrices.

    Args:
        dtype: "float32" or "float64".
        key: of the text that a cached kernel was compiled with.

    Raises:
        ImportError: the kernel was generated with another text of the product.
    """
    if key != KEY:
        raise ImportError(f"this kernel was generated with the product {key}, and here is {KEY}: generate it again")
    return cache.load(product_source(dtype), f"product_{dtype}")

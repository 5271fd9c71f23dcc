"""Equations in, readable Python source and compiled callables out.

    system or derivation -> prepare -> plan (loop nests) -> emit (source) -> cache (compiled)

Importing this package loads neither SymPy nor numba: each name is fetched when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradproof.kernels.compiled import Kernel
    from gradproof.kernels.files import module_source
    from gradproof.kernels.generate import kernel

_HOMES = {"Kernel": "compiled", "kernel": "generate", "module_source": "files"}
__all__ = ["Kernel", "kernel", "module_source"]


def __getattr__(name: str) -> Any:
    """Return a public name, importing its home the first time."""
    if name in _HOMES:
        return getattr(import_module(f"gradproof.kernels.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'gradproof.kernels' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)

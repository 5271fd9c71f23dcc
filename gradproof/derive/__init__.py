"""Equations in, adjoint equations and steps out.

The module is callable: `gradproof.derive(system, of="L", wrt=["W"])` is `gradproof.derive.derivation.derive`.
That the folder and the verb share a name is wanted; importing the folder still loads nothing.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradproof.derive.steps import Derivation


class _CallableModule(ModuleType):
    """A module that can be called as the verb it is named after."""

    def __call__(self, *args: Any, **options: Any) -> "Derivation":
        """Return the gradients of a system with their steps (see `gradproof.derive.derivation.derive`)."""
        from gradproof.derive.derivation import derive

        return derive(*args, **options)


sys.modules[__name__].__class__ = _CallableModule

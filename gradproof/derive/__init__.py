"""Equations in, adjoint equations and steps out. The folder is the verb: its module can be called.

    gradproof.derive(system, of=None, wrt=None, *, without=(), kinks='torch', order=1) -> Derivation

Args:
    system: the equations, as gradproof.system(text) or gradproof.load(name) returns them.
    of: the outputs to differentiate, a name or several; default: the losses of the updates, or else every tensor
        that is computed and not used again.
    wrt: with respect to what, a name or several; default: the parameters, or else every real input.
    without: names of assumptions (or one) not to use ("all" for none of them).
    kinks: whose convention to take where there is no derivative, "torch" or "jax".
    order: 1 for the gradient; 2 for the second derivative of an elementwise function, the Hessian with respect to one
        vector, and else the Hessian times a direction.

Returns:
    Derivation: `d.gradients["W"]` is an equation, `d.steps` the list that computed it, `d.evaluate(inputs)` numbers;
    `d.latex()`, `d.markdown()`, `d.plain()` and `d.json()` print it.

Raises:
    InputError: for names that do not fit the system.
    NotYet: for what is not supported yet.

Importing the folder loads nothing of it.
"""

import sys
from collections.abc import Collection, Sequence
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradproof.derive.model import System
    from gradproof.derive.steps import Derivation


class _CallableModule(ModuleType):
    """A module that can be called as the verb it is named after."""

    def __call__(
        self,
        system: "System",
        of: str | Sequence[str] | None = None,
        wrt: str | Sequence[str] | None = None,
        *,
        without: str | Collection[str] = (),
        kinks: str = "torch",
        order: int = 1,
    ) -> "Derivation":
        """Return the gradients of a system with their steps (see `gradproof.derive.derivation.derive`)."""
        from gradproof.derive.derivation import derive

        return derive(system, of, wrt, without=without, kinks=kinks, order=order)


sys.modules[__name__].__class__ = _CallableModule

"""Equations in; derivations to read, kernels to run, and a verdict on every gradient.

    import gradproof as gp

    net = gp.load("softmax_cross_entropy")       # or gp.system(text), gp.load("my.eqs"), gp.read_document("notes.md")
    d = gp.derive(net, of="L", wrt=["z"])        # d.gradients["z"] is an equation, d.steps how it came about
    k = gp.kernel(d)                             # callable; k.source is readable Python
    gp.assert_gradient(f, grad, inputs)          # judge a gradient written by hand

Importing gradproof loads none of SymPy, numba and NumPy: each name is fetched when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradproof.derive.derivation import derive
    from gradproof.derive.forward import jvp
    from gradproof.derive.gauss_newton import gauss_newton
    from gradproof.derive.interpret import evaluate
    from gradproof.derive.second import hvp
    from gradproof.derive.stationary import solve
    from gradproof.derive.through_time import through_time
    from gradproof.errors import GradproofError, InputError, InternalError, NotYet
    from gradproof.kernels import kernel
    from gradproof.loading import load, read_document, system
    from gradproof.verify import assert_gradient, check
    from gradproof.verify.modules.declare import gradient_of
    from gradproof.verify.sameness import compare

__version__ = "0.1.0"

__all__ = [
    "GradproofError",
    "InputError",
    "InternalError",
    "NotYet",
    "assert_gradient",
    "check",
    "claim",
    "compare",
    "derive",
    "evaluate",
    "gauss_newton",
    "gradient_of",
    "hvp",
    "jacobian",
    "jvp",
    "kernel",
    "load",
    "read_document",
    "solve",
    "system",
    "through_time",
]

_HOMES = {
    "GradproofError": "gradproof.errors",
    "InputError": "gradproof.errors",
    "InternalError": "gradproof.errors",
    "NotYet": "gradproof.errors",
    "assert_gradient": "gradproof.verify",
    "check": "gradproof.verify",
    "claim": "gradproof.verify.sameness",
    "compare": "gradproof.verify.sameness",
    "evaluate": "gradproof.derive.interpret",
    "gauss_newton": "gradproof.derive.gauss_newton",
    "gradient_of": "gradproof.verify.modules.declare",
    "hvp": "gradproof.derive.second",
    "jacobian": "gradproof.derive.jacobian",
    "jvp": "gradproof.derive.forward",
    "kernel": "gradproof.kernels",
    "load": "gradproof.loading",
    "read_document": "gradproof.loading",
    "solve": "gradproof.derive.stationary",
    "system": "gradproof.loading",
    "through_time": "gradproof.derive.through_time",
}


def __getattr__(name: str) -> Any:
    """Return a public name, importing its home the first time."""
    if name == "derive":
        return import_module("gradproof.derive")  # the folder is the verb: its module is callable
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'gradproof' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted([*__all__, "__version__"])

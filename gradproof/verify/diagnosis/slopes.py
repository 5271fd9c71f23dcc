"""Which factors of an adjoint's equation are the derivative of an activation."""

from __future__ import annotations

from sympy import Basic, Pow

from gradproof.derive.model import Equation, System
from gradproof.derive.nodes import Call, elements, names_in
from gradproof.verify.diagnosis.forms import Form


def is_slope(form: Form, equation: Equation, part: Basic | None) -> bool:
    """Is it made of an activation's output (or input) at the very indices of the equation?

    An activation's output is a tensor that is an elementwise function of the one whose adjoint the equation gives.
    """
    if part is None:
        return False
    about = form.of.get(equation.name, "")
    outputs = {about, *_outputs(form.system, about)}
    mine = elements(part)
    if isinstance(part, Call) or (isinstance(part, Pow) and isinstance(part.base, Call)):
        return bool(mine) and names_in(part) <= outputs
    return names_in(part) <= outputs and all(e.indices == equation.target.indices for e in mine) and bool(outputs)


def _outputs(system: System, about: str) -> set[str]:
    """Return the tensors that are an elementwise function of one tensor alone."""
    found = set()
    for e in system.definitions:
        if e.value.atoms(Call) and not e.name.startswith("d_") and names_in(e.value) == {about}:
            found.add(e.name)
    return found

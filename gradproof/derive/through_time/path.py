"""What is known of the norm of a product of steps: the bound by one weight and one activation, or by a gate."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, S

from gradproof.derive.functions import FUNCTIONS
from gradproof.derive.index import Index
from gradproof.derive.model import Equation, System
from gradproof.derive.nodes import Call, Element
from gradproof.derive.through_time.recurrence import Recurrence


@dataclass(frozen=True, slots=True)
class NormBound:
    """‖∂h[T-1]/∂h[t]‖ <= (γ ‖U‖)**(number of steps), for one step diag(φ'(pre)) Uᵀ.

    Attributes:
        weight: the matrix U.
        turned: whether the step has Uᵀ, as where h is a row.
        function: the activation φ; "" where there is none.
        steepest: γ, the least bound of |φ'|; None for an unknown function.
    """

    weight: str
    turned: bool
    function: str
    steepest: Expr | None


@dataclass(frozen=True, slots=True)
class GateBound:
    """The product of gates between 0 and 1 lies between 0 and 1.

    Attributes:
        gate: the tensor that the old state is multiplied with, entry by entry.
        number: of its equation.
    """

    gate: str
    number: int


@dataclass(frozen=True, slots=True)
class Path:
    """A derivative through time.

    Attributes:
        recurrence: the shape of the recurrence.
        step: the name of the Jacobian of one step, `J`.
        product: the name of the product, `P`.
        columns: the letters of the earlier state's entries.
        bound: what bounds the norm; None where the step is of another form.
    """

    recurrence: Recurrence
    step: str
    product: str
    columns: tuple[str, ...]
    bound: NormBound | GateBound | None


def norm_bound(equation: Equation, slope: Expr, recurrence: Recurrence, column: Index) -> NormBound | None:
    """Return the bound for a step h = φ(pre), pre linear in the old h by one matrix; None for any other.

    Args:
        equation: of the state, the argument of its activation named.
        slope: how the argument depends on the entry `column` of the old state.
        recurrence: the recurrence.
        column: the index of the old state's entry.
    """
    if len(recurrence.across) != 1 or not isinstance(slope, Element):
        return None
    row = equation.target.indices[recurrence.across[0]]
    if slope.indices not in ((row, column), (column, row)):
        return None
    value = equation.value
    turned = slope.indices == (column, row)
    if not isinstance(value, Call):
        return NormBound(slope.name, turned, "", S.One)
    record = FUNCTIONS.get(value.name)
    if record is not None and (record.steepest is None or record.arity != 1):
        return None
    return NormBound(slope.name, turned, value.name, None if record is None else record.steepest)


def gate_bound(system: System, slope: Expr, recurrence: Recurrence) -> GateBound | None:
    """Return the bound for a step that multiplies each entry of the old state with a gate, a sigmoid."""
    if recurrence.across or not isinstance(slope, Element):
        return None
    for e in system.definitions:
        if e.name == slope.name and isinstance(e.value, Call) and e.value.name == "sigmoid":
            return GateBound(slope.name, e.number)
    return None

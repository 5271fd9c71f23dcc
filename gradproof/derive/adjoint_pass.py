"""The adjoint pass over one system: what it knows, and what it does for linear systems and symmetric matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradproof.derive.implicit import is_solution, opened
from gradproof.derive.implicit_adjoint import multiple_of_another, transposed
from gradproof.derive.ledger import Ledger
from gradproof.derive.model import Equation, System
from gradproof.derive.nodes import names_in
from gradproof.derive.normal import Context
from gradproof.derive.request import Request
from gradproof.derive.steps import MetKink
from gradproof.derive.symmetric import arranged, is_symmetric, reasons


@dataclass
class AdjointPass:
    """The adjoint pass over one system: what is asked, the names, the context, and the ledgers it fills."""

    system: System
    request: Request
    names: dict[str, str]
    seeds: dict[str, str]
    context: Context
    ledgers: dict[str, Ledger]
    convention: str
    kinks: list[MetKink]
    right: dict[str, str]
    symmetric: Mapping[str, str]

    def tensor_of(self, adjoint: str) -> str:
        return next(t for t, a in self.names.items() if a == adjoint)

    @property
    def cotangents(self) -> dict[str, str]:
        """For each tensor the cotangent with which its equation passes on: where it is solved for, the right side's."""
        return {**self.names, **self.right}


def right_side(state: AdjointPass, name: str) -> None:
    """Solve the transposed system for the cotangent of the right side of a tensor that is given by its residual."""
    equation, cotangent = state.system.equations_of(name)[0], state.names[name]
    target, value = transposed(equation, state.system, state.right[name], cotangent, state.symmetric)
    number = len(state.system.equations) + len(state.ledgers) + 1
    ledger = Ledger()
    own = opened(equation.value)
    because = "implicit differentiation" if is_solution(value) else "its inverse is at hand"
    if is_solution(value) and is_symmetric(own, state.symmetric):
        because += ", the matrix is symmetric"
        ledger.assumptions += reasons(own, state.symmetric)
    solved = Equation(number, target, value)
    ledger.state("solve the transposed system", solved, because=because, uses=(equation.number,), detail=1)
    known = state.ledgers[cotangent].equation if cotangent in state.ledgers else None
    if known is not None and is_solution(value):
        again = multiple_of_another(value, known, state.system.definitions)
        ledger.replace("the same system", value if again is None else again, because=f"{cotangent} for the right side")
    ledger.run(state.context)
    state.ledgers[target.name] = ledger


def arrange(state: AdjointPass, ledger: Ledger) -> None:
    """Write the indices of symmetric tensors in one order: equal terms are then equal."""
    if ledger.equation is not None and not names_in(ledger.value).isdisjoint(state.symmetric):
        value, assumed = arranged(ledger.value, state.symmetric, ledger.equation.target.indices)
        if value != ledger.value:
            because = f"assuming that {' and '.join(assumed)} is symmetric" if assumed else ""
            ledger.replace("symmetry", value, because=because)
            ledger.assumptions += [a for a in assumed if a not in ledger.assumptions]
            ledger.run(state.context)

"""What a whole matrix gives, as a kernel computes it: matrix and right side are filled, and one helper eliminates.

`solve Y: sum[j] A[i,j]*Y[j,k] = B[i,k]` becomes `Y_matrix[i,j] = A[i,j]`, `Y_right[i,k] = B[i,k]`, and a call that
writes the solution over the right side, from which Y is read. The two arrays hold float64 in every module.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sympy import Basic, Expr

from gradproof.derive.implicit import LinearSystem, is_solution, opened
from gradproof.derive.index import Index, fresh
from gradproof.derive.model import Equation, Role, System, Tensor
from gradproof.derive.nodes import Element, Reduce, free, free_indices, rebuild, substitute
from gradproof.errors import NotYet

#: Names of the helpers in `mathematics.FORMS`.
SOLVE, LOG_DETERMINANT = "solve_rows", "log_abs_det"


def with_matrices(system: System) -> System:
    """Return the system in which every linear system and log-determinant is one of a tensor that holds the matrix."""
    if not any(_is_whole(r) for e in system.equations for r in e.value.atoms(Reduce)):
        return system
    work = _Expansion([*system.tensors], {t.name for t in system.tensors} | {s.name for s in system.sizes})
    for equation in system.equations:
        work.add(equation)
    return replace(system, tensors=tuple(work.tensors), equations=tuple(work.equations))


def wide_names(equations: Sequence[Equation]) -> frozenset[str]:
    """Return the tensors that hold a matrix or a right side: elimination needs float64."""
    wholes = [r for e in equations for r in e.value.atoms(Reduce) if _is_whole(r)]
    return frozenset(a.name for r in wholes for a in r.atoms(Element))


def _is_whole(e: Basic) -> bool:
    return isinstance(e, Reduce) and e.op in ("solve", "logdet")


@dataclass
class _Expansion:
    """The equations so far, and the tensors added for them."""

    tensors: list[Tensor]
    taken: set[str]
    equations: list[Equation] = field(default_factory=list)

    def add(self, equation: Equation) -> None:
        value = self._solved(equation) if is_solution(equation.value) else self._lifted(equation.value, equation)
        self.equations.append(equation if value == equation.value else replace(equation, value=value))

    def _solved(self, equation: Equation) -> Expr:
        own = opened(equation.value)
        if len(own.rows) != 1 or len(own.columns) != 1:
            raise NotYet(f"equation ({equation.number}): a kernel of a linear system with unknowns over several axes")
        rest = [i for i in equation.indices if i not in own.slots]
        batch = [i for i in rest if i in free(own.matrix)]
        others = [i for i in rest if i not in batch]
        matrix = self._tensor(f"{equation.name}_matrix", [*batch, *own.rows, *own.columns], own.matrix, equation)
        right = self._tensor(f"{equation.name}_right", [*batch, *own.rows, *others], own.right, equation)
        return LinearSystem(own.rows, own.columns, matrix, right, own.slots).value

    def _lifted(self, e: Basic, equation: Equation) -> Basic:
        """Put a tensor in the place of every log-determinant."""
        if not any(_is_whole(r) for r in e.atoms(Reduce)):
            return e
        if isinstance(e, Reduce) and e.op == "logdet":
            (row, column), body, _ = e.open()
            batch = free_indices(e)
            matrix = self._tensor(f"{equation.name}_matrix", [*batch, row, column], body, equation)
            return self._tensor(f"{equation.name}_logdet", batch, Reduce("logdet", matrix, [row, column]), equation)
        if isinstance(e, Reduce):
            binders, body, conditions = e.open()
            return Reduce(e.op, self._lifted(body, equation), binders, e.sizes, conditions)
        return rebuild(e, [self._lifted(a, equation) if isinstance(a, Expr) else a for a in e.args])

    def _tensor(self, stem: str, indices: Sequence[Index], value: Expr, equation: Equation) -> Element:
        """Add `stem[indices] = value` and return the element."""
        name = next(n for k in (0, *range(2, 1000)) if (n := f"{stem}{k or ''}") not in self.taken)
        self.taken.add(name)
        self.tensors.append(Tensor(name, tuple(i.size for i in indices), Role.OUTPUT))
        own = {i: fresh(i.size) for i in indices}
        target = Element(name, *own.values())
        self.equations.append(Equation(equation.number, target, substitute(value, own)))
        return Element(name, *indices)

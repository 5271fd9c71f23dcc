"""Matrix notation of a recurrence, step by step: `h[t] = tanh(x[t] W + h[t-1] U + 1 bᵀ)`, `∂W = Σ[t] x[t]ᵀ ∂h[t]`.

The index that counts the steps is held, and what is left of each tensor is a matrix, a column or a number. An equation
is rewritten over tensors without that index, brought to matrix notation, and the rows are put back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from sympy import Add, Expr, Mul, Symbol

from gradproof.derive.index import Index
from gradproof.derive.mapping import map_elements
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.nodes import Element, Iverson, Reduce, elements, free, free_indices, substitute
from gradproof.derive.render.matrix import matrix_form
from gradproof.derive.render.matrix_nodes import Matrix, Plus, Scalar, Scaled, Summed, Whole
from gradproof.derive.render.order import sign_and_size
from gradproof.derive.steps import Derivation

Form = tuple[Matrix, Matrix]


@dataclass(frozen=True, slots=True)
class Held:
    """The indices that are held: by the ranges of their axes.

    Attributes:
        letters: for each range the letter of its index.
        shapes: the tensors' shapes.
    """

    letters: Mapping[Expr, str] = field(default_factory=dict)
    shapes: Mapping[str, tuple[Expr, ...]] = field(default_factory=dict)


NOTHING = Held()


def held_in(derivation: Derivation) -> Held:
    """Return what is held in a derivation: the steps of its recurrences, and the axes that their Jacobians share."""
    system = derivation.system if derivation.first is None else derivation.first.system
    sizes: dict[Expr, str] = {}
    for e in system.definitions:
        for axis in _step_axes(e):
            sizes.setdefault(system[e.name].shape[axis], _letter(system, e.name, axis))
    if derivation.path is not None:
        recurrence = derivation.path.recurrence
        own = recurrence.equation.indices
        sizes |= {own[a].size: own[a].name for a in recurrence.shared}
    if not sizes:
        return NOTHING
    tensors = (*derivation.system.tensors, *derivation.backward.tensors)
    shapes = {t.name: t.shape for t in tensors}
    shapes |= {e.name: tuple(i.size for i in e.indices) for e in derivation.arguments}
    return Held(sizes, shapes)


def _step_axes(equation: Equation) -> list[int]:
    """Return the axes along which a start row is fixed; the rows of a matrix that starts nowhere are no steps."""
    if equation.kind is not Kind.START or len(equation.target.indices) > 3:
        return []
    return [k for k, i in enumerate(equation.target.indices) if not isinstance(i, Index)]


def _letter(system: System, name: str, axis: int) -> str:
    own = next(e for e in system.equations_of(name) if e.kind is not Kind.START)
    index = own.target.indices[axis]
    return index.name if isinstance(index, Index) else "t"


def form_of(equation: Equation, held: Held = NOTHING) -> Form | None:
    """Return both sides of an equation in matrix notation, or None where there is none."""
    if not held.letters or equation.kind is Kind.START or not _has_steps(equation, held):
        return matrix_form(equation)
    indices = [i for i in equation.target.indices if isinstance(i, Index) and i.size in held.letters]
    if len(set(indices)) != len(indices) or len({i.size for i in indices}) != len(indices):
        return None
    if indices:
        return _at_a_step(equation, indices, held)
    return _over_all_steps(equation, held)


def _has_steps(equation: Equation, held: Held) -> bool:
    names = {x.name for x in elements(equation.value) | {equation.target}}
    return any(n in held.letters for name in names for n in held.shapes.get(name, ()))


def _at_a_step(equation: Equation, indices: list[Index], held: Held) -> Form | None:
    """Return the form of an equation for one step."""
    rows = _Rows(held, frozenset(indices))
    try:
        changed = replace(equation, target=rows.without(equation.target), value=rows.put(equation.value))
        form = matrix_form(changed)
    except _NoRow:
        return None
    return None if form is None else (rows.back(form[0]), rows.back(form[1]))


def _over_all_steps(equation: Equation, held: Held) -> Form | None:
    """Return the form of a sum over all steps, of what each of them adds."""
    factor, total = equation.value.as_independent(Reduce, as_Add=False)
    if not isinstance(total, Reduce) or total.op != "sum":
        return _at_a_step(equation, [], held)
    binders, body, conditions = total.open()
    steps = [b for b in binders if b.size in held.letters]
    if len(steps) != 1:
        return _at_a_step(equation, [], held)
    step = Index(held.letters[steps[0].size], steps[0].size)
    if step in free(equation.value) or step in equation.target.indices:
        return None
    inner = [b for b in binders if b is not steps[0]]
    value = Mul(*([Iverson(*conditions)] if conditions else []), body)
    value = substitute(Reduce("sum", value, inner) if inner else value, {steps[0]: step})
    form = _at_a_step(replace(equation, value=value), [step], held)
    if form is None:
        return None
    if free_indices(factor) or elements(factor):
        return None
    negative, size = sign_and_size(factor)
    summed: Matrix = Summed(step, form[1])
    summed = summed if size == 1 else Scaled(summed, (Scalar(size),))
    return form[0], Plus(((True, summed),)) if negative else summed


def _apart(e: Expr, steps: frozenset[Index]) -> Expr:
    """[t+1 == T, j == k] = [t+1 == T]*[j == k]: the conditions on the steps apart from those on entries."""
    if isinstance(e, Add | Mul):
        return e.func(*(_apart(a, steps) for a in e.args))
    if not isinstance(e, Iverson):
        return e
    of_steps = [c for c in e.conditions if steps.issuperset(free_indices(c))]
    return Iverson(*of_steps) * Iverson(*(c for c in e.conditions if c not in of_steps))


class _NoRow(Exception):
    """A read of the steps that is at no fixed distance from the one at hand."""


class _Rows:
    """Writes an equation over tensors that have no axis of steps, and puts the steps back."""

    def __init__(self, held: Held, indices: frozenset[Index]) -> None:
        self.held, self.indices = held, indices
        #: Stand in expressions that are left for the indices: these have no axis any more.
        self.symbols = {i: Symbol(i.name, integer=True) for i in indices}
        self.known: dict[str, tuple[str, tuple[Expr, ...], Element]] = {}

    def put(self, value: Expr) -> Expr:
        """Return the expression over tensors without the axes."""
        value = _apart(value, self.indices)
        names = [n for n in sorted({x.name for x in elements(value)}) if self._axes(n)]
        return substitute(map_elements(value, dict.fromkeys(names, self.without)), self.symbols)

    def without(self, element: Element) -> Element:
        """Return the element of what is left of a tensor at its row."""
        axes = [k for k in self._axes(element.name) if k < len(element.indices)]
        if not axes:
            return element
        rows = tuple(element.indices[k] for k in axes)
        if any(set(free_indices(r)) - self.indices for r in rows):
            raise _NoRow
        name = f"{element.name}@{','.join(map(str, rows))}"
        self.known[name] = (element.name, rows, element)
        return Element(name, *(i for k, i in enumerate(element.indices) if k not in axes))

    def _axes(self, name: str) -> list[int]:
        return [k for k, n in enumerate(self.held.shapes.get(name, ())) if n in self.held.letters]

    def back(self, m: Any) -> Any:
        """Return the matrix expression with the rows in it."""
        if isinstance(m, tuple):
            return tuple(self.back(p) for p in m)
        if isinstance(m, Whole):
            name, rows, _ = self.known.get(m.name, (m.name, (), None))
            return replace(m, name=name, at=rows)
        if isinstance(m, Scalar):
            return Scalar(self._scalar(m.value))
        if not isinstance(m, Matrix):
            return m
        return replace(m, **{f.name: self.back(getattr(m, f.name)) for f in fields(m)})

    def _scalar(self, e: Expr) -> Expr:
        turned = {s: i for i, s in self.symbols.items()}
        back = {n: (lambda x, own=own: own) for n, (_, _, own) in self.known.items()}
        return map_elements(substitute(e, turned), back)

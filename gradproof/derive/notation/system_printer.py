"""System -> notation, as a text that parses back to an equal system."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from sympy import Expr

from gradproof.derive.implicit import is_solution, opened
from gradproof.derive.index import Index, Size
from gradproof.derive.model import Equation, Kind, Role, System, Tensor
from gradproof.derive.nodes import elements, substitute
from gradproof.derive.notation.declared import adjoint_of
from gradproof.derive.notation.integer_layout import integer_box
from gradproof.derive.notation.letters import Names
from gradproof.derive.notation.printer import equation_sides, format_expr
from gradproof.derive.notation.writer import write

WIDTH = 88
#: Left sides up to this width are aligned at the equals sign.
ALIGNED = 16


def format_system(system: System) -> str:
    """Return the system in the notation: docstring, declarations, assumptions, equations.

    `parse_system(format_system(s)) == s` for every system that was read from text.
    """
    names = Names.of(system)
    shapes = [t for t in system.tensors if t.role in (Role.STATE, Role.OUTPUT) and _needs_shape(system, t)]
    blocks = [
        _docstring(system),
        [
            *_inputs(system),
            *_wrapped("given size ", _sizes(system, shapes)),
            *_wrapped("given function ", list(system.functions)),
            *_wrapped("shape ", [_declared(t) for t in shapes]),
            *_wrapped("adjoint ", [t.name for t in system.tensors if adjoint_of(t.name, system.by_name)]),
            *[f"outside {t.name} = {format_expr(t.outside)}" for t in system.tensors if t.outside is not None],
            *[f"assume {format_expr(a.left, names)} = {format_expr(a.right, names)}" for a in system.assumptions],
        ],
        _equations(system.equations, names),
    ]
    return "\n".join(line for block in blocks for line in block)


def _docstring(system: System) -> list[str]:
    text = "\n".join(part for part in (system.title, system.source) if part)
    if not text:
        return []
    quotes = "'''" if '"""' in text else '"""'
    return [f"{quotes}{text}{quotes}" if not text.endswith(quotes[0]) else f"{quotes}{text}\n{quotes}"]


def _inputs(system: System) -> list[str]:
    out = []
    for role, group in groupby(system.inputs, key=lambda t: t.role):
        out += _wrapped(f"{role.value} ", [_declared(t) for t in group])
    return out


def _declared(tensor: Tensor) -> str:
    axes = f"[{', '.join(_size(n) for n in tensor.shape)}]" if tensor.shape else ""
    return f"{tensor.name}{axes}" + (f" in {_size(tensor.bound)}" if tensor.bound is not None else "")


def _size(n: Expr) -> str:
    return write(integer_box(n))


def _wrapped(head: str, items: list[str]) -> list[str]:
    """Join declarations to lines that are not too long."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(item) + 2 <= WIDTH:
            lines[-1] += f", {item}"
        else:
            lines.append(head + item)
    return lines


def _sizes(system: System, shapes: Iterable[Tensor]) -> list[str]:
    """The sizes that no declared axis shows."""
    declared = (*system.inputs, *shapes)
    shown = {s for t in declared for n in (*t.shape, t.bound) if n is not None for s in n.free_symbols}
    return [s.name for s in system.sizes if s not in shown]


def _needs_shape(system: System, tensor: Tensor) -> bool:
    """Would a reader of the equations alone not find this tensor's shape?"""
    hidden = {n for n in tensor.shape if isinstance(n, Size) and n.least} - _axes(system)
    own = system.equations_of(tensor.name)
    return bool(hidden) or not all(_tells(system, own, axis, n) for axis, n in enumerate(tensor.shape))


def _axes(system: System) -> set[Expr]:
    return {n for t in system.inputs for n in (*t.shape, t.bound) if n is not None}


def _tells(system: System, own: tuple[Equation, ...], axis: int, size: Expr) -> bool:
    """Does the index of this axis stand alone in axes of this size, and of no other?"""
    found: set[Expr] = set()
    for equation in own:
        slot = equation.target.indices[axis]
        if isinstance(slot, Index):
            earlier = {t.name for t in system.inputs} | {
                e.name for e in system.definitions if e.number < equation.number
            }
            earlier.discard(equation.name)
            reads = [e for e in elements(_evidence(equation)) if e.name in earlier]
            found |= {n for e in reads for i, n in zip(e.indices, system[e.name].shape, strict=True) if i == slot}
    return found == {size}


def _evidence(equation: Equation) -> Expr:
    """The value; of a tensor given by its residual, the matrix and the right side with its own indices for columns."""
    if not is_solution(equation.value):
        return equation.value
    own = opened(equation.value)
    return substitute(own.matrix, dict(zip(own.columns, own.slots, strict=True))) + own.right


def _equations(equations: Iterable[Equation], names: Names) -> list[str]:
    sides = [(equation_sides(e, names), e.kind) for e in equations]
    widths = [len(left) for (left, _), _ in sides if not left.startswith("solve ")]
    width = max(widths) if widths and max(widths) <= ALIGNED else 0
    return [f"{left:<{width}} {':=' if kind is Kind.UPDATE else '='} {right}" for (left, right), kind in sides]

"""Name the argument of an activation: h = tanh(W x + b) becomes pre_h = W x + b and h = tanh(pre_h).

The adjoint of pre_h is the delta of the books. It is derived once and used by all that the argument is made of, and
written back into its users where that is no longer to read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial

from sympy import Basic, Expr, S

from gradproof.derive.conditions import Condition
from gradproof.derive.inverses import with_inverses
from gradproof.derive.logits import logits, with_logits
from gradproof.derive.mapping import map_elements
from gradproof.derive.model import Equation, Kind, Role, System, Tensor
from gradproof.derive.nodes import Call, Element, Reduce, names_in

#: Functions that keep their argument to themselves. The argument of exp or log belongs with its neighbours: a
#: log-sum-exp stays in one equation.
_KEPT = ("abs", "cosh", "exp", "expm1", "floor", "log", "log1p", "sign", "sinh", "stop")


def named(system: System, path: Collection[str]) -> tuple[System, tuple[Equation, ...]]:
    """Return the system with the arguments of its activations named, and the equations that name them.

    The inverses that log-determinants need are named with them.

    Args:
        system: the forward equations, which keep their numbers; the new ones are numbered behind them.
        path: only arguments that read one of these tensors are named.
    """
    system, inverses = with_inverses(system, path)
    taken = set(system.by_name)
    defined = frozenset(e.name for e in system.definitions)
    equations: list[Equation] = []
    added: list[Equation] = []
    for equation in system.equations:
        argument = _argument(equation) or logits(equation, defined)
        if argument is None or names_in(argument).isdisjoint(path):
            equations.append(equation)
            continue
        name = next(n for k in (0, *range(2, 1000)) if (n := f"pre{k or ''}_{equation.name}") not in taken)
        taken.add(name)
        target = Element(name, *equation.target.indices)
        added.append(Equation(len(system.equations) + len(added) + 1, target, argument))
        equations += [added[-1], replace(equation, value=_with_argument(equation.value, argument, target))]
    if not added:
        return system, inverses
    tensors = [Tensor(e.name, tuple(i.size for i in e.indices), Role.OUTPUT) for e in added]
    return replace(system, tensors=(*system.tensors, *tensors), equations=tuple(equations)), (*inverses, *added)


def _argument(equation: Equation) -> Expr | None:
    """Return the argument that is worth a name: a sum over an axis inside the one function that is the right side."""
    value = equation.value
    if equation.kind is not Kind.DEFINE or not isinstance(value, Call) or value.name in _KEPT:
        return None
    rest = [a for a in value.arguments if a != S.Zero]
    return rest[0] if len(rest) == 1 and rest[0].atoms(Reduce) else None


def _with_argument(value: Expr, argument: Expr, target: Element) -> Expr:
    if isinstance(value, Call) and argument in value.arguments:
        return Call(value.name, *[a if a == S.Zero else target for a in value.arguments])
    return with_logits(value, argument, target)


def in_terms_of_outputs(value: Expr, system: System) -> Expr:
    """Write [pre_a > 0] as [a > 0] where a is relu(pre_a): the two agree in their sign, and a is at hand."""
    read = names_in(value)
    outputs: dict[str, Callable[[Element], Basic]] = {}
    for equation in system.definitions:
        argument = _rectified(equation)
        if argument is not None and argument.name in read and not _is_read(value, argument.name):
            outputs[argument.name] = partial(_renamed, equation.name)
    return map_elements(value, outputs) if outputs else value


def _renamed(name: str, element: Element) -> Element:
    return Element(name, *element.indices)


def _rectified(equation: Equation) -> Element | None:
    """Return the named argument z of relu(z) or max(0, z)."""
    value = equation.value
    if not isinstance(value, Call) or value.name not in ("relu", "max"):
        return None
    rest = [a for a in value.arguments if a != S.Zero]
    if len(rest) != 1 or not isinstance(rest[0], Element) or rest[0].indices != equation.target.indices:
        return None
    return rest[0] if rest[0].name.startswith("pre") else None


def _is_read(e: Basic, name: str) -> bool:
    """Is the tensor read for more than its sign?"""
    if isinstance(e, Element) and e.name == name:
        return True
    if isinstance(e, Condition) and e.kind == "gt" and e.operands[1] == 0 and isinstance(e.operands[0], Element):
        return False
    return any(_is_read(a, name) for a in e.args)

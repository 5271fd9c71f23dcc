"""Which sides of its comparisons a system takes at a point: `[z[i] > 0]` may hold, or not, or both at different i.

`abs(z)` and `max(a, b)` compare too: z with 0, a with b.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from sympy import Basic, S

from gradproof.derive.conditions import Condition, greater, truth
from gradproof.derive.interpret.evaluate import holds, integer
from gradproof.derive.interpret.fields import Float64
from gradproof.derive.interpret.run import machine_for
from gradproof.derive.interpret.scope import Scope
from gradproof.derive.model import System
from gradproof.derive.nodes import Call, Reduce

#: Number of an equation, place of the comparison in it.
Place = tuple[int, ...]
Branch = tuple[Place, bool]
_KINDS = ("gt", "gte")
#: Functions that choose by the sign of their argument, and by which of their arguments is the larger.
_OF_ONE, _OF_SEVERAL = ("relu", "abs", "sign"), ("max", "min", "clip")


def has_branches(system: System) -> bool:
    """Does an equation compare real numbers by size?"""
    return any(
        any(c.kind in _KINDS for c in e.value.atoms(Condition)) or any(_chosen(c) for c in e.value.atoms(Call))
        for e in system.definitions
    )


def _chosen(e: Call) -> tuple[Condition, ...]:
    """Return the comparisons by which a function with kinks chooses."""
    if e.name in _OF_ONE:
        return (greater(e.arguments[0], S.Zero),)
    return tuple(greater(e.arguments[0], a) for a in e.arguments[1:]) if e.name in _OF_SEVERAL else ()


def branches(
    system: System, inputs: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
) -> frozenset[Branch]:
    """Return each comparison with each answer that it has at the inputs, computed in floats.

    Raises:
        InputError: the system cannot be evaluated at the inputs.
    """
    machine = machine_for(system, inputs, Float64(), functions=functions)
    found: set[Branch] = set()
    with np.errstate(all="ignore"):
        for equation in system.definitions:
            if equation.value.has(Condition, Call):
                scope = machine.scope({}, 0)
                lengths = tuple(int(integer(i.size, scope)) for i in equation.indices)
                found.update(_taken(equation.value, scope.within(tuple(equation.indices), lengths), (equation.number,)))
    return frozenset(found)


def _taken(e: Basic, scope: Scope, place: Place) -> Iterator[Branch]:
    if isinstance(e, Condition) and e.kind in _KINDS:
        answers = holds(e, scope)
        yield from ((place, answer) for answer in (True, False) if np.any(answers == answer))
    elif isinstance(e, Reduce):
        opened, body, conditions = e.open()
        lengths = tuple(int(integer(n, scope)) for n in e.sizes)
        inner = scope.within(tuple(opened), lengths)
        for k, part in enumerate((body, *conditions)):
            yield from _taken(part, inner, (*place, k))
    elif e.has(Condition, Call):
        for k, c in enumerate(_chosen(e) if isinstance(e, Call) else ()):
            if truth(c) is None:
                yield from _taken(c, scope, (*place, -1 - k))
        for k, part in enumerate(e.args):
            yield from _taken(part, scope, (*place, k))


def other_sides(seen: frozenset[Branch]) -> frozenset[Branch]:
    """Return the answers that comparisons have not had yet.

    >>> other_sides(frozenset({((1, 0), True), ((2, 0), True), ((2, 0), False)}))
    frozenset({((1, 0), False)})
    """
    return frozenset((place, not answer) for place, answer in seen if (place, not answer) not in seen)

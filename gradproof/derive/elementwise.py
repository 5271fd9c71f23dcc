"""A function of numbers, applied to every entry of an array."""

from __future__ import annotations

from dataclasses import replace

from gradproof.derive.index import Index, Size
from gradproof.derive.mapping import map_elements
from gradproof.derive.model import Equation, System
from gradproof.derive.nodes import Element


def is_scalar_function(system: System) -> bool:
    """Does the system compute numbers from numbers, so that it can be applied entry by entry?"""
    return (
        bool(system.definitions) and not system.updates and all(t.rank == 0 and t.bound is None for t in system.tensors)
    )


def elementwise(system: System) -> System:
    r"""Return the system with every number an array of one axis: a = f(z) becomes a[i] = f(z[i]).

    A system that has an axis already, or an update, is returned as it is.

    Example:
        >>> import gradproof as gp
        >>> print(elementwise(gp.system("given z\na = z*sigmoid(z)")).equations[0])
        a[i] = z[i]*sigmoid(z[i])
    """
    if not is_scalar_function(system):
        return system
    taken = {*system.by_name, *(s.name for s in system.sizes), *system.functions}
    size = Size(next(n for n in ("n", "m", "N", "M", "entries") if n not in taken))
    index = Index(next(i for i in ("i", "j", "k", "index") if i not in taken | {size.name}), size)
    at_entry = {name: lambda e: Element(e.name, index) for name in system.by_name}
    equations = tuple(
        Equation(e.number, Element(e.name, index), map_elements(e.value, at_entry), e.kind) for e in system.equations
    )
    return replace(
        system,
        tensors=tuple(replace(t, shape=(size,)) for t in system.tensors),
        equations=equations,
        sizes=(*system.sizes, size),
        index_names=((size, (index.name,)),),
    )

"""Tensors that stabilising adds: `z_max`, `z_shift`, `z_sumexp`, `z_log`, each defined once for its indices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sympy import Basic, Expr, Mul, Symbol, Tuple, preorder_traversal

from gradproof.derive.conditions import INTEGER_KINDS, Condition, differs
from gradproof.derive.index import Index, is_fresh
from gradproof.derive.model import Equation, Role, System, Tensor
from gradproof.derive.nodes import Element, Iverson, elements, free, names_in, substitute
from gradproof.derive.seen_through import seen_through


class Additions:
    """The tensors and equations of a system, and those added to it.

    Attributes:
        given: the system.
        tensors: all tensors so far.
        equations: those that are done, in order.
        number: the equation that is being rewritten; what is added for it bears its number.
        target: the tensor that this equation defines.
    """

    def __init__(self, given: System) -> None:
        self.given = given
        self.definitions = seen_through(given)
        self.tensors = list(given.tensors)
        self.equations: list[Equation] = []
        self.number, self.target = 0, ""
        self._taken = {t.name for t in given.tensors} | {s.name for s in given.sizes} | set(given.functions)
        self._shared: dict[Basic, str] = {}
        self._shifts: set[str] = set()
        self._guards: tuple[Condition, ...] = ()

    @contextmanager
    def where(self, conditions: Iterable[Basic]) -> Iterator[None]:
        """Inside, what is added is needed only where the conditions hold, and may read past an edge elsewhere."""
        outside = self._guards
        mine = (c for c in conditions if isinstance(c, Condition) and c.kind in INTEGER_KINDS and not elements(c))
        self._guards = tuple(dict.fromkeys((*outside, *mine)))
        yield
        self._guards = outside

    def definition(self, e: Element) -> Expr | None:
        """Return what stands for an element: its tensor's definition at its indices."""
        equation = self.definitions.get(e.name)
        if equation is None:
            return None
        return substitute(equation.value, dict(zip(equation.target.indices, e.indices, strict=True)))

    def shift(self, largest: Expr) -> Element:
        """Return the element of a tensor with the value of `largest`, and 0 where that is infinite.

        Subtracted from exponents it changes no value; an infinite one would make inf - inf of them.
        """
        names = sorted(names_in(largest))
        stem = stem_of(names[0]) if len(names) == 1 else self.target
        shifted = self.tensor(f"{stem}_shift", finite_or_zero(self.tensor(f"{stem}_max", largest)))
        self._shifts.add(shifted.name)
        return shifted

    def is_shift(self, e: Basic) -> bool:
        """Is it an element of a tensor that `shift` made, in this pass or in an earlier one, or of a maximum?"""
        if not isinstance(e, Element):
            return False
        value = self.definition(e)
        return e.name in self._shifts or is_finite_or_zero(value) or getattr(value, "op", "") == "max"

    def tensor(self, wish: str, value: Expr) -> Element:
        """Return the element of a tensor that is defined as the value; equal values share one."""
        value = self._guarded(value)
        own = _own_indices(value)
        places = {i: Index(f"@{k}", i.size) for k, i in enumerate(own)}
        key = Tuple(Symbol(wish.rpartition("_")[2]), substitute(value, places))
        if key not in self._shared:
            self._shared[key] = self._add(wish, own, value)
        return Element(self._shared[key], *own)

    def _guarded(self, value: Expr) -> Expr:
        """Return the value with those conditions on its indices that a read beside the index itself may need."""
        own = {s for s in free(value) if isinstance(s, Index)}
        moved = {s for e in elements(value) for slot in e.indices if not isinstance(slot, Index) for s in free(slot)}
        needed = [c for c in self._guards if free(c) & moved and {s for s in free(c) if isinstance(s, Index)} <= own]
        return Mul(Iverson(*needed), value) if needed else value

    def _add(self, wish: str, own: tuple[Index, ...], value: Expr) -> str:
        name, number = wish, 2
        while name in self._taken:
            name, number = f"{wish}{number}", number + 1
        self._taken.add(name)
        self.tensors.append(Tensor(name, tuple(i.size for i in own), Role.OUTPUT))
        letters = self._letters(own, value)
        self.equations.append(Equation(self.number, Element(name, *letters.values()), substitute(value, letters)))
        return name

    def _letters(self, own: tuple[Index, ...], value: Expr) -> dict[Index, Index]:
        """Return for each index one with a letter that a reader can follow."""
        taken = self._taken | {s.name for s in free(value) if not is_fresh(s)}
        out: dict[Index, Index] = {}
        for i in own:
            wishes = (*self.given.names_for(i.size), *"ijklabuvqr", *(f"i{n}" for n in range(2, 100)))
            letter = next(w for w in wishes if w not in taken) if is_fresh(i) else i.name
            taken.add(letter)
            out[i] = Index(letter, i.size)
        return out


def stem_of(name: str) -> str:
    """Return z for z_shift and z_shift2."""
    return re.sub(r"_shift\d*$", "", name)


def finite_or_zero(m: Expr) -> Expr:
    """m where it is finite, 0 where it is infinite, nan for nan: only 0 and the infinities are their own doubles."""
    return Mul(Iverson(differs(m, 2 * m)), m)


def is_finite_or_zero(e: Basic | None) -> bool:
    """Was the expression made by `finite_or_zero`?"""
    if not isinstance(e, Mul) or len(e.args) != 2:
        return False
    bracket, m = sorted(e.args, key=lambda a: not isinstance(a, Iverson))
    return isinstance(bracket, Iverson) and bracket.conditions == (Condition("differs", m, 2 * m),)


def _own_indices(e: Expr) -> tuple[Index, ...]:
    """Return the free indices in the order in which they stand in e."""
    mine = {s for s in free(e) if isinstance(s, Index)}
    return tuple(dict.fromkeys(s for s in preorder_traversal(e) if s in mine))

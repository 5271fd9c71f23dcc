"""What the backward pass needs of the forward pass: the tensors to save, and their memory as a formula in the sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sympy import Add, Expr, Mul, Pow

from gradproof.derive.model import Kind, Role, System, Tensor
from gradproof.derive.nodes import Product, Reduce, names_in
from gradproof.derive.steps import Derivation


@dataclass(frozen=True, slots=True)
class Recomputable:
    """A saved tensor that follows without a sum from others that are there, and so may be computed again instead."""

    tensor: Tensor
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """What the backward equations read that they do not compute.

    Attributes:
        tensors: computed by the forward pass: these have to be saved.
        inputs: what came into the forward pass and is read again.
        cotangents: what comes into the backward pass.
        again: arguments of activations whose equations stand in the backward pass: computed again, not saved.
        recomputable: of `tensors`, those that may be computed again from the rest and from inputs.
    """

    tensors: tuple[Tensor, ...]
    inputs: tuple[Tensor, ...]
    cotangents: tuple[Tensor, ...]
    again: tuple[str, ...]
    recomputable: tuple[Recomputable, ...]

    @property
    def numbers(self) -> Expr:
        """How many numbers the saved tensors hold: a formula in the sizes."""
        return numbers(self.tensors)


def numbers(tensors: Iterable[Tensor]) -> Expr:
    """Return the number of entries of all the tensors; a product has its sizes in the order of the axes."""
    counts = Counter(tuple(t.shape) for t in tensors)
    return Add(*(_product(shape, count) for shape, count in counts.items()))


def _product(shape: tuple[Expr, ...], count: int) -> Expr:
    symbolic = Counter(n for n in shape if not n.is_Integer)
    times = Mul(count, *(n for n in shape if n.is_Integer))
    factors = [Pow(n, k) for n, k in symbolic.items()]
    return Product(*([] if times == 1 else [times]), *factors) if len(factors) > 1 else Mul(times, *factors)


def saved(derivation: Derivation) -> Saved:
    """Return the least set of forward tensors with which the backward equations can be evaluated as they stand.

    It is least among the sets of the system's tensors as long as no forward equation is evaluated again: each tensor
    in it is read by a backward equation. `recomputable` says what an evaluation without a sum would spare.

    >>> import gradproof as gp
    >>> from gradproof.derive.memory import saved
    >>> found = saved(gp.derive(gp.load("softmax_cross_entropy"), wrt="z"))
    >>> [t.name for t in found.tensors], found.numbers
    (['p'], m*C)
    """
    system, backward = derivation.system, derivation.backward
    own = {e.name for e in backward.definitions if e.kind is not Kind.START}
    read = {n for e in backward.definitions for n in names_in(e.value)} - own
    there = [t for t in system.tensors if t.name in read]
    kept = tuple(t for t in there if t not in system.inputs)
    return Saved(
        kept,
        tuple(t for t in there if t in system.inputs),
        tuple(t for t in backward.inputs if t.name in read and t.name not in system.by_name),
        tuple(e.name for e in derivation.arguments if e.name in own),
        _recomputable(kept, system),
    )


def _recomputable(kept: tuple[Tensor, ...], system: System) -> tuple[Recomputable, ...]:
    """Go from the last tensor to the first; what another is to be computed from stays."""
    left = {t.name for t in kept}
    needed: set[str] = set()
    inputs = {t.name for t in system.inputs}
    found: list[Recomputable] = []
    for t in reversed(kept):
        sources = _sources(t, system)
        if t.name not in needed and sources is not None and sources <= (left | inputs) - {t.name}:
            left.discard(t.name)
            needed |= sources
            found.append(Recomputable(t, tuple(s.name for s in system.tensors if s.name in sources)))
    return tuple(reversed(found))


def _sources(t: Tensor, system: System) -> set[str] | None:
    """Return what a tensor follows from without a sum; None for a recurrence and where a sum or a maximum is taken."""
    equations = system.equations_of(t.name)
    if t.role is Role.STATE or len(equations) != 1 or equations[0].value.has(Reduce):
        return None
    return set(names_in(equations[0].value)) - {t.name}

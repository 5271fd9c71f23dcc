"""np.einsum over object arrays of numbers: operands two by two, each pair as stacks of matrix products."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.verify.balls.products import matmul
from gradproof.verify.balls.trace import BudgetedTrace
from gradproof.verify.balls.traced import Array

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Operand:
    """An array and a letter for each of its axes, no letter twice."""

    array: Array
    letters: str


def einsum(subscripts: str, arrays: Sequence[Array], trace: BudgetedTrace) -> Array:
    """Return the sum of products that the subscripts write.

    Raises:
        ValueError: they do not fit the arrays.
    """
    terms, output = expanded(subscripts, [a.ndim for a in arrays])
    left = [_without_repeats(Operand(a, t)) for a, t in zip(arrays, terms, strict=True)]
    while len(left) > 1:
        first, second, *rest = left
        needed = set(output).union(*[o.letters for o in rest])
        left = [_pair(first, second, needed, trace), *rest]
    return _finished(left[0], output, trace)


def expanded(subscripts: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """Return the letters of each operand and of the result, dots and a missing result written out.

    Raises:
        ValueError: a term has another number of letters than its operand has axes.
    """
    written, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = written.split(",")
    if len(terms) != len(ranks):
        raise ValueError(f"einsum: {len(terms)} terms for {len(ranks)} operands in {subscripts!r}")
    free = [c for c in _LETTERS if c not in subscripts]
    extra = [r - len(t.replace("...", "")) for t, r in zip(terms, ranks, strict=True)]
    dotted = max((e for e, t in zip(extra, terms, strict=True) if "..." in t), default=0)
    dots = "".join(free[:dotted])
    for t, e in zip(terms, extra, strict=True):
        if e < 0 or (e and "..." not in t):
            raise ValueError(f"einsum: the term {t!r} of {subscripts!r} does not fit an operand of another rank")
    full = [t.replace("...", dots[dotted - e :]) for t, e in zip(terms, extra, strict=True)]
    if arrow:
        return full, result.replace("...", dots)
    joined = "".join(t.replace("...", "") for t in terms)
    return full, dots + "".join(sorted(c for c in set(joined) if joined.count(c) == 1))


def _without_repeats(o: Operand) -> Operand:
    """Take the diagonal where a letter stands twice."""
    array, letters = o.array, o.letters
    for c in dict.fromkeys(letters):
        while letters.count(c) > 1:
            i, j = letters.index(c), letters.rindex(c)
            if array.shape[i] != array.shape[j]:
                raise ValueError(f"einsum: the axes {c!r} have lengths {array.shape[i]} and {array.shape[j]}")
            array = np.diagonal(array, axis1=i, axis2=j)
            letters = letters[:i] + letters[i + 1 : j] + letters[j + 1 :] + c
    return Operand(array, letters)


def _pair(a: Operand, b: Operand, needed: set[str], trace: BudgetedTrace) -> Operand:
    """Return the product of two operands, summed over the letters that nothing else needs."""
    a = _summed(a, needed | set(b.letters), trace)
    b = _summed(b, needed | set(a.letters), trace)
    shared = [c for c in a.letters if c in b.letters]
    stacked = [c for c in shared if c in needed]
    contracted = [c for c in shared if c not in needed]
    only_a = [c for c in a.letters if c not in shared]
    only_b = [c for c in b.letters if c not in shared]
    lengths = _lengths(a, b)
    left = _arranged(a, stacked, only_a, contracted, lengths)
    right = _arranged(b, stacked, contracted, only_b, lengths)
    found = matmul(left, right, trace)
    letters = [*stacked, *only_a, *only_b]
    return Operand(found.reshape([lengths[c] for c in letters]), "".join(letters))


def _lengths(a: Operand, b: Operand) -> dict[str, int]:
    found: dict[str, int] = {}
    for o in (a, b):
        for c, n in zip(o.letters, o.array.shape, strict=True):
            if found.get(c, n) not in (n, 1) and n != 1:
                raise ValueError(f"einsum: the axes {c!r} have lengths {found[c]} and {n}")
            found[c] = max(found.get(c, n), n) if n and found.get(c, n) else 0
    return found


def _arranged(o: Operand, stacked: list[str], rows: list[str], columns: list[str], lengths: dict[str, int]) -> Array:
    """Return an operand as stacks of matrices: [*stacked, all rows, all columns]."""
    order = [*stacked, *rows, *columns]
    array = o.array.transpose([o.letters.index(c) for c in order])
    array = np.broadcast_to(array, [lengths[c] for c in order])
    sizes = [math.prod(lengths[c] for c in part) for part in (rows, columns)]
    return array.reshape([lengths[c] for c in stacked] + sizes)


def _summed(o: Operand, needed: set[str], trace: BudgetedTrace) -> Operand:
    """Sum over the axes whose letters nothing needs."""
    axes = tuple(i for i, c in enumerate(o.letters) if c not in needed)
    if not axes:
        return o
    trace.spend(o.array.size)
    rest = "".join(c for c in o.letters if c in needed)
    return Operand(np.asarray(np.sum(o.array, axis=axes), dtype=object), rest)


def _finished(o: Operand, output: str, trace: BudgetedTrace) -> Any:
    unknown = [c for c in output if c not in o.letters]
    if unknown:
        raise ValueError(f"einsum: the result has {unknown[0]!r}, which no operand has")
    o = _summed(o, set(output), trace)
    return o.array.transpose([o.letters.index(c) for c in output])

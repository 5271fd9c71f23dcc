"""The right numbers in the wrong places: transposed, reshaped in another order, reversed, shifted, permuted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, permutations

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.families.shaped import times
from gradproof.verify.diagnosis.hypothesis import Hypothesis, Model, exactly
from gradproof.verify.diagnosis.study import Point, Study

_MOST_AXES = 4
#: Vectors of so many entries are looked at for the order of the input.
_DISTINCT, _MOST_ORDERED = 4, 100_000


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield transposes, other orders of axes, reversals, shifts, and any permutation of the entries."""
    shape = study.here.true[k].shape
    if study.here.true[k].size < 2:
        return
    yield from _transposed(study, k, shape)
    yield from _flipped(study, k, shape)
    yield from _shifted(k, shape)
    yield from _permuted(study, k)


# ---------------------------------------------------------------- axes


def _transposed(study: Study, k: int, shape: tuple[int, ...]) -> Iterator[Hypothesis]:
    for i, j in combinations(range(len(shape)), 2):
        if shape[i] == shape[j] > 1:
            which = "" if len(shape) == 2 else f" (axes {i} and {j})"
            yield times(study, k, "transpose", f"the gradient of {{of}} is transposed{which}", _swap(k, i, j))
    if len(shape) > _MOST_AXES:
        return
    for order in permutations(range(len(shape))):
        if order != tuple(range(len(shape))):
            text = f"the gradient of {{of}} is laid out in the order of axes {order}: transposed before a reshape"
            yield times(study, k, "transpose", text, _laid_out(k, order))


def _swap(k: int, i: int, j: int) -> Model:
    return lambda p: np.swapaxes(p.true[k], i, j)


def _laid_out(k: int, order: tuple[int, ...]) -> Model:
    return lambda p: np.transpose(p.true[k], order).reshape(p.true[k].shape)


# ---------------------------------------------------------------- along an axis


def _flipped(study: Study, k: int, shape: tuple[int, ...]) -> Iterator[Hypothesis]:
    long = [axis for axis, n in enumerate(shape) if n > 1]
    for count in range(1, len(long) + 1):
        for axes in combinations(long, count):
            along = _along(axes, len(shape))
            yield times(study, k, "flip", f"the gradient of {{of}} is reversed{along}", _flip(k, axes))


def _flip(k: int, axes: tuple[int, ...]) -> Model:
    return lambda p: np.flip(p.true[k], axes)


def _along(axes: tuple[int, ...], rank: int) -> str:
    if rank == 1:
        return ""
    return f" along axis {axes[0]}" if len(axes) == 1 else f" along the axes {', '.join(map(str, axes))}"


def _shifted(k: int, shape: tuple[int, ...]) -> Iterator[Hypothesis]:
    for axis, n in enumerate(shape):
        for step in (1, -1, 2, -2):
            if n <= abs(step) + 1:
                continue
            by = "off by one" if abs(step) == 1 else f"off by {abs(step)}"
            text = f"the gradient of {{of}} is shifted by {step}{_along((axis,), len(shape))} ({by})"
            for edge in ("wrap", "constant", "edge"):
                yield exactly(k, "shift", text, _shift(k, axis, step, edge))
            size = int(np.prod(shape)) // n
            if (n - abs(step)) * size > 2 * abs(step) * size:
                beside = f"{text}; what comes in at the edge is no part of it (of a padding, maybe)"
                yield Hypothesis(k, _say("shift", beside), _shift_open(k, axis, step), fitted=abs(step) * size)


def _say(kind: str, text: str) -> Callable[[float], tuple[str, str]]:
    return lambda _: (kind, text)


def _shift_open(k: int, axis: int, step: int) -> Model:
    """Return the true gradient moved, and what is claimed where it has nothing to say."""
    closed = _shift(k, axis, step, "wrap")

    def model(p: Point) -> Array | None:
        found = closed(p)
        if found is None:
            return None
        free = (slice(None),) * axis + (slice(None, step) if step > 0 else slice(step, None),)
        found[free] = p.claimed[k][free]
        return found

    return model


def _shift(k: int, axis: int, step: int, edge: str) -> Model:
    """Return the true gradient moved; what comes in at the edge is the other end, zeros, or the edge again."""

    def model(p: Point) -> Array:
        true = p.true[k]
        if edge == "wrap":
            return np.roll(true, step, axis)
        width = [(0, 0)] * true.ndim
        width[axis] = (max(step, 0), max(-step, 0))
        padded = np.pad(true, width, mode=edge)  # type: ignore[call-overload]
        kept = slice(None, true.shape[axis]) if step > 0 else slice(-true.shape[axis], None)
        return np.asarray(padded[(slice(None),) * axis + (kept,)])

    return model


# ---------------------------------------------------------------- any order


def _permuted(study: Study, k: int) -> Iterator[Hypothesis]:
    true, claimed = study.here.true[k].reshape(-1), study.here.claimed[k].reshape(-1)
    if true.size < 3 or true.size > 100_000 or not np.all(np.isfinite(true)):
        return
    order = np.empty(true.size, dtype=np.int64)
    order[np.argsort(claimed, kind="stable")] = np.argsort(true, kind="stable")
    moved = np.flatnonzero(order != np.arange(true.size))
    text = "the entries of the gradient of {of} are the right numbers in the wrong places"
    if len(moved) == 2:
        one, two = (_place(int(i), study.here.true[k].shape) for i in moved)
        text = f"the entries {one} and {two} of the gradient of {{of}} are exchanged"
    yield exactly(k, "permutation", text, lambda p: p.true[k].reshape(-1)[order].reshape(p.true[k].shape))


def ordered(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: the right numbers, in places that follow from the input's order, taken the wrong way round."""
    true = study.here.true[k]
    if true.ndim != 1 or not _DISTINCT <= true.size <= _MOST_ORDERED or not np.all(np.isfinite(true)):
        return
    text = "the gradient of {of} takes the order (argsort) of {of} for its ranks, which are that order's inverse"
    yield exactly(k, "permutation", text, lambda p: p.true[k][_order(study, p, k)][_order(study, p, k)])
    text = "the gradient of {of} takes the ranks of {of} for its order (argsort), which is their inverse"
    yield exactly(k, "permutation", text, lambda p: p.true[k][_ranks(study, p, k)][_ranks(study, p, k)])
    text = "the gradient of {of} stands in the order of {of} sorted: it is to be put back to where each came from"
    yield exactly(k, "permutation", text, lambda p: p.true[k][_order(study, p, k)])


def _order(study: Study, p: Point, k: int) -> Array:
    return np.argsort(study.input(p, k), kind="stable")


def _ranks(study: Study, p: Point, k: int) -> Array:
    return np.argsort(_order(study, p, k), kind="stable")


def _place(flat: int, shape: tuple[int, ...]) -> str:
    return f"[{', '.join(str(int(i)) for i in np.unravel_index(flat, shape))}]"

"""NumPy's operations on numbers of a tape, recorded with their derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradproof.verify.diagnosis.tape.arrays import dressed, ids, numbers, single, tape_of, taped, values
from gradproof.verify.diagnosis.tape.linear import OF_MATRICES
from gradproof.verify.diagnosis.tape.record import Array, Group, Slot, Tape, Untapeable
from gradproof.verify.diagnosis.tape.reductions import cumsum, mean, reduced, std, var
from gradproof.verify.diagnosis.tape.rules import RULES

#: NumPy's own, whatever stands in their place while a function runs on a tape.
_array, _asarray, _empty, _full, _ones = np.array, np.asarray, np.empty, np.full, np.ones
_PREDICATES = frozenset(
    {
        "greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "isfinite", "isnan", "isinf",
        "signbit", "logical_not", "logical_and", "logical_or",
    }
)  # fmt: skip


#: Options of ufuncs that change the result.
_MATTERS = ("axis", "axes", "keepdims", "where", "initial")


def ufunc_on_tape(ufunc: Any, method: str, inputs: Any, options: dict[str, Any], tape: Tape) -> Any:
    """Return what a ufunc's call or method gives, recorded.

    Raises:
        Untapeable: there is no derivative for it.
    """
    out = options.pop("out", None)
    name = {"true_divide": "divide", "vecdot": "matmul"}.get(ufunc.__name__, ufunc.__name__)
    if name in _PREDICATES:
        return getattr(ufunc, method)(*[values(x) for x in inputs], **options)
    options = {k: v for k, v in options.items() if k in _MATTERS and (k == "keepdims" or v is not True)}
    if method == "__call__" and name == "matmul":
        found = matmul(inputs[0], inputs[1], tape)
    elif method == "__call__" and not options:
        found = recorded(name, ufunc, list(inputs), tape)
    elif method == "reduce":
        found = reduced(name, inputs[0], options, tape)
    elif method == "accumulate" and name == "add":
        found = cumsum(inputs[0], options.get("axis", 0))
    elif method == "outer":
        a, b = _asarray(inputs[0]), _asarray(inputs[1])
        found = recorded(name, ufunc, [taped(a.reshape(a.shape + (1,) * b.ndim), tape), b], tape)
    elif method == "at" and name == "add":
        return _add_at(inputs, tape)
    else:
        raise Untapeable(f"np.{ufunc.__name__}.{method} with {sorted(options)}")
    if out is not None:
        if out[0].dtype != object:
            raise Untapeable("an array of floats is filled with results")
        out[0][...] = found
        return out[0]
    return found


def recorded(name: str, ufunc: Any, operands: list[Any], tape: Tape) -> Any:
    """Return an elementwise operation's results, recorded."""
    if name not in RULES:
        raise Untapeable(f"np.{name}")
    plain = [values(x) for x in operands]
    if any(v.dtype.kind == "c" for v in plain):
        raise Untapeable("complex numbers")
    plain = [v.astype(np.float64) for v in plain]
    change = tape.change.get(len(tape.groups))
    if change is not None and change.number is not None:
        plain[change.operand] = _full(plain[change.operand].shape, change.number)
    with np.errstate(all="ignore"):
        found = _asarray(ufunc(*plain), dtype=np.float64)
        wide = [np.broadcast_to(v, found.shape) for v in plain]
        slopes = [_asarray(rule(found, *wide), dtype=np.float64) for rule in RULES[name]]
    new = tape.new(found)
    slots, which = [], []
    for k, (x, slope) in enumerate(zip(operands, slopes, strict=False)):
        parents = np.broadcast_to(ids(x), found.shape).reshape(-1)
        live = parents >= 0
        if np.any(live):
            weights = np.broadcast_to(slope, found.shape).reshape(-1)
            slots.append(Slot(new.reshape(-1)[live], parents[live], weights[live]))
            which.append(k)
    constants = tuple(_constant(v, x) for v, x in zip(plain, operands, strict=True))
    tape.add(Group(name, new, tuple(slots), constants, tuple(which), elementwise=True))
    return single(numbers(found, new, tape))


def _constant(value: Array, x: Any) -> float | None:
    """Return the one value of a constant operand, else None."""
    if np.any(ids(x) >= 0) or not value.size:
        return None
    first = float(value.reshape(-1)[0])
    return first if np.all(value == first) else None


def copied(found: Array, tape: Tape, name: str) -> Any:
    """Return new numbers equal to those that were chosen, so that the choice is a step of its own."""
    places, plain = ids(found), values(found)
    new = tape.new(plain)
    live = places.reshape(-1) >= 0
    slot = Slot(new.reshape(-1)[live], places.reshape(-1)[live], _ones(int(np.sum(live))))
    tape.add(Group(name, new, (slot,) if np.any(live) else (), which=(0,), elementwise=True))
    return numbers(plain, new, tape)


def matmul(a: Any, b: Any, tape: Tape) -> Any:
    """Return a @ b, recorded: an edge from each product's sum to each factor."""
    change = tape.change.get(len(tape.groups))
    if change is not None:
        a, b = (_turned(x) if j == change.operand else x for j, x in enumerate((a, b)))
    x, y = values(a).astype(float), values(b).astype(float)
    found = _asarray(np.matmul(x, y))
    rows, columns = x[None, :] if x.ndim == 1 else x, y[:, None] if y.ndim == 1 else y
    left, right = ids(a).reshape(rows.shape), ids(b).reshape(columns.shape)
    if max(rows.ndim, columns.ndim) > 2:
        return _batched(rows, columns, (left, right), found, tape)
    new = tape.new(found)
    shape = (rows.shape[0], columns.shape[1], rows.shape[1])
    children = np.broadcast_to(new.reshape(shape[:2])[:, :, None], shape).reshape(-1)
    pairs = (
        (np.broadcast_to(left[:, None, :], shape), np.broadcast_to(columns.T[None], shape)),
        (np.broadcast_to(right.T[None], shape), np.broadcast_to(rows[:, None, :], shape)),
    )
    _add_product(tape, new, children, pairs)
    return single(numbers(found, new, tape))


def _turned(x: Any) -> Any:
    if np.ndim(x) != 2 or np.shape(x)[0] != np.shape(x)[1]:
        raise Untapeable("no square matrix to transpose")
    return x.T


def _batched(rows: Array, columns: Array, places: tuple[Array, Array], found: Array, tape: Tape) -> Any:
    left, right = places
    batch = np.broadcast_shapes(rows.shape[:-2], columns.shape[:-2])
    wide = [np.broadcast_to(v, batch + v.shape[-2:]) for v in (rows, columns, left, right)]
    rows, columns, left, right = wide
    new = tape.new(found)
    shape = (*batch, rows.shape[-2], columns.shape[-1], rows.shape[-1])
    children = np.broadcast_to(new.reshape(shape[:-1])[..., None], shape).reshape(-1)
    turned = np.swapaxes(columns, -1, -2), np.swapaxes(right, -1, -2)
    pairs = (
        (np.broadcast_to(left[..., :, None, :], shape), np.broadcast_to(turned[0][..., None, :, :], shape)),
        (np.broadcast_to(turned[1][..., None, :, :], shape), np.broadcast_to(rows[..., :, None, :], shape)),
    )
    _add_product(tape, new, children, pairs)
    return numbers(found, new, tape)


def _add_product(tape: Tape, new: Array, children: Array, pairs: Any) -> None:
    slots, which = [], []
    for k, (parents, weights) in enumerate(pairs):
        flat, live = parents.reshape(-1), parents.reshape(-1) >= 0
        if np.any(live):
            slots.append(Slot(children[live], flat[live], weights.reshape(-1)[live]))
            which.append(k)
    tape.add(Group("matmul", new, tuple(slots), (None, None), tuple(which)))


def _add_at(inputs: Any, tape: Tape) -> None:
    target, key, added = inputs
    if not (isinstance(target, np.ndarray) and target.dtype == object):
        raise Untapeable("np.add.at on an array of floats")
    np.add.at(target.view(np.ndarray), key, _asarray(added, dtype=object).view(np.ndarray))
    del tape


def _where(condition: Any, a: Any = None, b: Any = None) -> Any:
    if a is None:
        return np.where(values(condition))
    tape = tape_of(a, b)
    chosen_from = values(condition).astype(bool)
    change = tape.change.get(len(tape.groups))
    if change is not None:
        chosen_from = _full(chosen_from.shape, change.operand == 1)
    chosen = np.where(chosen_from, _asarray(a, dtype=object).view(np.ndarray), _asarray(b, dtype=object))
    return single(copied(_asarray(chosen, dtype=object).view(np.ndarray), tape, "where"))


def _dot(a: Any, b: Any, out: Any = None) -> Any:
    if out is not None or np.ndim(a) > 2 or np.ndim(b) > 2:
        raise Untapeable("np.dot of arrays of more than two axes")
    return matmul(a, b, tape_of(a, b)) if np.ndim(a) and np.ndim(b) else a * b


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
    if ord not in (None, 2, "fro"):
        raise Untapeable(f"np.linalg.norm of order {ord}")
    return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))


def _einsum(subscripts: str, *operands: Any, **_: Any) -> Any:
    return dressed(np.einsum(subscripts, *[_asarray(x, dtype=object) for x in operands]), tape_of(*operands))


#: Functions that are recorded as a whole, by name.
FUNCTIONS: dict[str, Any] = {
    "where": _where,
    "dot": _dot,
    "norm": _norm,
    "cumsum": cumsum,
    "mean": mean,
    "var": var,
    "std": std,
    "argmax": lambda a, *p, **k: np.argmax(values(a), *p, **k),
    "argmin": lambda a, *p, **k: np.argmin(values(a), *p, **k),
    "argsort": lambda a, *p, **k: np.argsort(values(a), *p, **k),
    **OF_MATRICES,
}

"""Functions of linear algebra, and convolutions, on numbers of a tape: recorded as a whole, with their Jacobians."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradproof.verify.diagnosis.tape.arrays import ids, numbers, single, tape_of, values
from gradproof.verify.diagnosis.tape.record import Array, Group, Slot, Tape, Untapeable

#: NumPy's own, whatever stands in their place while a function runs on a tape.
_asarray, _zeros, _eye = np.asarray, np.zeros, np.eye
#: Edges of one function.
_MOST = 500_000
#: In an alteration: of both operands.
BOTH = 2


def recorded_whole(name: str, found: Array, operands: list[tuple[Any, Array]], tape: Tape) -> Any:
    """Return results, recorded with an edge from each of them to each entry of each operand.

    Args:
        name: of the function.
        found: its values.
        operands: each with its Jacobian, [*found.shape, *operand.shape].
        tape: that they stand on.
    """
    new = tape.new(found)
    slots, which = [], []
    for k, (x, jacobian) in enumerate(operands):
        places = ids(x).reshape(-1)
        if jacobian.size > _MOST:
            raise Untapeable(f"np.{name} of so many numbers")
        children, parents = np.broadcast_arrays(new.reshape(-1)[:, None], places[None])
        live = parents.reshape(-1) >= 0
        if np.any(live):
            weights = jacobian.reshape(children.shape).reshape(-1)
            slots.append(Slot(children.reshape(-1)[live], parents.reshape(-1)[live], weights[live]))
            which.append(k)
    tape.add(Group(name, new, tuple(slots), (None,) * len(operands), tuple(which)))
    return single(numbers(found, new, tape))


def _square(a: Any, name: str) -> Array:
    plain = values(a).astype(float)
    if plain.ndim != 2 or plain.shape[0] != plain.shape[1]:
        raise Untapeable(f"np.linalg.{name} of a stack of matrices")
    return plain


def _turned(inverted: Array, tape: Tape) -> Array:
    """Return an inverse as the derivatives take it: transposed where the step is altered so."""
    return inverted.T if len(tape.groups) in tape.change else inverted


def inverse(a: Any) -> Any:
    """Return the inverse, recorded: dY = -Y dA Y."""
    y = np.linalg.inv(_square(a, "inv"))
    z = _turned(y, tape_of(a))
    return recorded_whole("inv", y, [(a, -np.einsum("ik,lj->ijkl", z, z))], tape_of(a))


def solve(a: Any, b: Any) -> Any:
    """Return the solution x of A x = b, recorded: dx = A^-1 (db - dA x)."""
    inverted, right = np.linalg.inv(_square(a, "solve")), values(b).astype(float)
    if right.ndim not in (1, 2):
        raise Untapeable("np.linalg.solve of a stack of systems")
    x = _asarray(np.linalg.solve(values(a).astype(float), right))
    inverted = _turned(inverted, tape_of(a, b))
    if right.ndim == 1:
        jacobians = -np.einsum("ik,l->ikl", inverted, x), inverted
    else:
        jacobians = -np.einsum("ik,lj->ijkl", inverted, x), np.einsum("ik,jl->ijkl", inverted, _eye(right.shape[1]))
    return recorded_whole("solve", x, [(a, jacobians[0]), (b, jacobians[1])], tape_of(a, b))


def determinant(a: Any) -> Any:
    """Return the determinant, recorded: d det = det tr(A^-1 dA)."""
    plain = _square(a, "det")
    value = _asarray(np.linalg.det(plain))
    return recorded_whole("det", value, [(a, value * _turned(np.linalg.inv(plain), tape_of(a)).T)], tape_of(a))


def sign_and_log_determinant(a: Any) -> Any:
    """Return the sign, which is constant, and the logarithm, recorded: d log|det| = tr(A^-1 dA)."""
    plain = _square(a, "slogdet")
    sign, value = np.linalg.slogdet(plain)
    logarithm = recorded_whole(
        "slogdet", _asarray(value), [(a, _turned(np.linalg.inv(plain), tape_of(a)).T)], tape_of(a)
    )
    return np.linalg._linalg.SlogdetResult(sign, logarithm)  # noqa: SLF001  (it is public nowhere else)


def cholesky(a: Any, *, upper: bool = False) -> Any:
    """Return the factor L of A = L L^T, recorded: dL = L tril(L^-1 dA L^-T), half of it on the diagonal.

    NumPy reads the lower triangle alone: an entry below the diagonal stands for the one above it as well.
    """
    if upper:
        raise Untapeable("np.linalg.cholesky of the upper triangle")
    factor = np.linalg.cholesky(_square(a, "cholesky"))
    n = len(factor)
    inverted = np.linalg.inv(factor)
    half = np.tril(np.ones((n, n))) - 0.5 * _eye(n)
    jacobian = _zeros((n, n, n, n))
    for k in range(n):
        for m in range(k + 1):
            change = _zeros((n, n))
            change[k, m] = change[m, k] = 1.0
            jacobian[:, :, k, m] = factor @ (half * (inverted @ change @ inverted.T))
    return recorded_whole("cholesky", factor, [(a, jacobian)], tape_of(a))


def eigenvalues(a: Any, uplo: str = "L") -> Any:
    """Return the eigenvalues of a symmetric matrix, recorded: d w = v^T dA v, of the triangle that is read."""
    found, vectors = np.linalg.eigh(_square(a, "eigvalsh"), uplo)  # type: ignore[call-overload]
    whole = np.einsum("ki,mi->ikm", vectors, vectors)
    triangle = np.tril if uplo.upper() == "L" else np.triu
    read = triangle(np.ones(whole.shape[1:]), -1 if uplo.upper() == "L" else 1) * 2 + _eye(len(found))
    return recorded_whole("eigvalsh", found, [(a, whole * read)], tape_of(a))


def matrix_power(a: Any, n: int) -> Any:
    """Return a power, recorded as products."""
    if not 0 < n <= 16:
        raise Untapeable(f"np.linalg.matrix_power with {n}")
    found = a
    for _ in range(n - 1):
        found = found @ a
    return found


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Return a convolution of vectors, recorded: y[n] = sum[j] a[j] v[n-j]."""
    x, w = values(a).astype(float), values(v).astype(float)
    found = np.convolve(x, w, mode)  # type: ignore[call-overload]
    tape = tape_of(a, v)
    change = tape.change.get(len(tape.groups))
    turned = () if change is None else (0, 1) if change.operand == BOTH else (change.operand,)
    by_a = np.stack([np.convolve(e, w[::-1] if 0 in turned else w) for e in _eye(len(x))], axis=-1)
    by_v = np.stack([np.convolve(x[::-1] if 1 in turned else x, e) for e in _eye(len(w))], axis=-1)
    begin = (len(by_a) - len(found)) // 2
    kept = slice(begin, begin + len(found))
    return recorded_whole("convolve", found, [(a, by_a[kept]), (v, by_v[kept])], tape)


#: By name: functions of np.linalg, and of NumPy.
OF_MATRICES: dict[str, Any] = {
    "inv": inverse,
    "solve": solve,
    "det": determinant,
    "slogdet": sign_and_log_determinant,
    "cholesky": cholesky,
    "eigvalsh": eigenvalues,
    "matrix_power": matrix_power,
    "convolve": convolve,
}

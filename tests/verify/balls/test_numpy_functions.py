# ruff: noqa: PLW0108  # functions are called as users call them
"""Each function of NumPy's, alone: its value is NumPy's own, and its derivative that of differences."""

import numpy as np
import pytest

from gradproof.verify.balls.exactly import exact_slopes
from gradproof.verify.calls import Problem

RNG = np.random.default_rng(5)
X = RNG.normal(size=(3, 4))
MASK = np.array([True, False, True, True])
I3 = np.array([0, 2, 1])


def into(z, change):
    out = z.copy()
    change(out)
    return out


FUNCTIONS = {
    # making
    "zeros": lambda z: into(np.zeros((3, 4)), lambda o: o.__setitem__(slice(None), z)),
    "empty": lambda z: into(np.empty(4), lambda o: o.__setitem__(Ellipsis, z[0])),
    "full": lambda z: np.full((2, 2), z[0, 0]) * z[1, 1],
    "full of integers": lambda z: np.full(3, 2) * z[:, 0],
    "ones": lambda z: np.ones(4) * z[0],
    "ones_like": lambda z: np.ones_like(z) + z**2,
    "empty_like": lambda z: into(np.empty_like(z), lambda o: np.copyto(o, z * 2)),
    "full_like": lambda z: np.full_like(z, z[0, 0]) * z,
    "zeros_like of integers": lambda z: np.zeros_like(I3) + z[:, 0],
    "eye": lambda z: into(np.eye(3, 4), lambda o: o.__iadd__(z)),
    "identity": lambda z: np.identity(3) @ z,
    "arange": lambda z: into(np.arange(4.0), lambda o: o.__imul__(z[0])),
    "linspace": lambda z: np.linspace(0, 1, 4) * z[0],
    "array": lambda z: np.array([[z[0, 0], 1.0], [2, z[0, 1] ** 2]]),
    "array of rows": lambda z: np.array([z[0], z[1] * 2]),
    "array of at least two axes": lambda z: np.array(z[0], ndmin=2) ** 2,
    "array is a copy": lambda z: into(np.array(z), lambda o: o.__setitem__(0, 0)) + z,
    "asarray is none": lambda z: np.asarray(z) * 2,
    "asarray of a list": lambda z: np.asarray([v**2 for v in z[0]], dtype=np.float64),
    "fromiter": lambda z: np.fromiter((v * 2 for v in z[0]), float),
    "meshgrid": lambda z: sum(np.meshgrid(z[0], z[1] ** 2)),
    "fromfunction": lambda z: np.fromfunction(lambda i, j: i + j, (3, 4)) * z,
    "diag": lambda z: np.diag(z[0]) @ z.T + np.diag(z).sum(),
    "diagflat": lambda z: np.diagflat(z[0]),
    "tri": lambda z: np.tri(3, 4) * z,
    "tril, triu": lambda z: np.tril(z) * 2 + np.triu(z, 1) ** 2,
    "vander": lambda z: np.vander(z[0], 3),
    # joining and shaping
    "concatenate": lambda z: np.concatenate([z, z[:1] ** 2, np.ones((1, 4))]),
    "stack": lambda z: np.stack([z, z**2], axis=1),
    "stack of numbers": lambda z: np.stack([z[0, 0], z[1, 1]]),
    "hstack, vstack": lambda z: np.hstack([z, z]) @ np.vstack([z.T, z.T**2]),
    "dstack": lambda z: np.dstack([z, z**2]),
    "column_stack": lambda z: np.column_stack([z[:, 0], z[:, 1] ** 2]),
    "append, insert, delete": lambda z: (np.append(z[0], 1.0).sum() * np.insert(z[1], 1, z[0, 0])
                        * np.delete(z, 0, 1)[0, 0]),
    "block": lambda z: np.block([[z, z**2]]),
    "r_, c_": lambda z: np.r_[z[0], 1.0, z[1]].sum() * np.c_[z, z**2],
    "split": lambda z: np.split(z, 2, axis=1)[0] * np.array_split(z, 2, axis=1)[1],
    "hsplit, vsplit": lambda z: np.hsplit(z, 2)[1].sum() * np.vsplit(z, 3)[0],
    "pad": lambda z: np.pad(z, ((1, 0), (2, 1))) ** 2,
    "pad with a value": lambda z: np.pad(z, 1, constant_values=3.0) ** 2,
    "pad by reflection": lambda z: np.pad(z, 1, mode="reflect") ** 2,
    "pad by the edge": lambda z: np.pad(z, 1, mode="edge") ** 2,
    "pad around": lambda z: np.pad(z, 1, mode="wrap") ** 2,
    "roll": lambda z: np.roll(z, 2, axis=1) * z,
    "flip": lambda z: np.flip(z, 0) * np.fliplr(z) + np.flipud(z) ** 2,
    "rot90": lambda z: np.rot90(z) ** 2,
    "tile, repeat": lambda z: np.tile(z, (2, 1)).T @ np.repeat(z, 2, axis=0),
    "broadcast_to": lambda z: np.broadcast_to(z[0], (3, 4)) * z,
    "broadcast_arrays": lambda z: np.broadcast_arrays(z[0], z)[0] * z,
    "reshape": lambda z: np.reshape(z, (2, 6)) ** 2,
    "reshape in Fortran's order": lambda z: z.reshape((4, 3), order="F") * np.arange(12).reshape(4, 3),
    "ravel, flatten": lambda z: z.ravel() * z.flatten("F"),
    "transpose": lambda z: np.transpose(z) @ z + z.T.dot(z),
    "swapaxes, moveaxis, rollaxis": lambda z: np.swapaxes(z, 0, 1) * np.moveaxis(z, 0, 1) * np.rollaxis(z, 1),
    "squeeze, expand_dims": lambda z: np.squeeze(np.expand_dims(z, (0, 2))) ** 2,
    "newaxis": lambda z: z[:, None, :] * z[None, :, :],
    "atleast": lambda z: np.atleast_1d(z[0, 0]) * np.atleast_2d(z[0]) * np.atleast_3d(z[:1]),
    "resize": lambda z: np.resize(z, (2, 2)) ** 2,
    "trim_zeros": lambda z: np.trim_zeros(np.concatenate([[0.0], z[0]])) ** 2,
    # choosing
    "slices": lambda z: z[::-1, 1::2] ** 2,
    "mask": lambda z: z[z > 0] ** 2,
    "mask of columns": lambda z: z[:, MASK] ** 2,
    "fancy": lambda z: z[I3, I3] * z[[2, 0, 1], 1],
    "where": lambda z: np.where(z > 0, z**2, -z),
    "where with a number": lambda z: np.where(MASK, z[0, 0], 0.0) * z[1],
    "where of one": lambda z: z[np.where(z > 0)] ** 2,
    "nonzero, argwhere": lambda z: z[np.nonzero(z < 0)].sum() * len(np.argwhere(z)) * z,
    "flatnonzero": lambda z: np.flatnonzero(z[0] > 0).sum() * z[0, 0],
    "select": lambda z: np.select([z < -0.5, z < 0.5], [z**2, z], default=1.0),
    "piecewise": lambda z: np.piecewise(z, [z < 0, z >= 0], [lambda v: v**2, lambda v: np.sin(v)]),
    "choose": lambda z: np.choose([0, 1, 0, 1], [z[0], z[1] ** 2]),
    "compress, extract": lambda z: np.compress(MASK, z, axis=1).sum() * np.extract(z > 0, z),
    "take": lambda z: np.take(z, [0, 0, 2], axis=0) ** 2,
    "take_along_axis": lambda z: np.take_along_axis(z, np.argsort(z, axis=1), axis=1) * np.arange(4),
    "put_along_axis": lambda z: into(z, lambda o: np.put_along_axis(o, np.argmax(o, 1)[:, None], 0.5, 1)) ** 2,
    "put": lambda z: into(z, lambda o: np.put(o, [0, 1], z[2, :2])) ** 2,
    "place, putmask": lambda z: into(z, lambda o: (np.place(o, o > 0, [1.0]), np.putmask(o, o < -1, z**2))) ** 2,
    "copyto": lambda z: into(z, lambda o: np.copyto(o, 1.0, where=o > 0)) ** 2,
    "fill_diagonal": lambda z: into(z, lambda o: np.fill_diagonal(o, 2.0)) ** 2,
    "fill": lambda z: into(z, lambda o: o[1].fill(3.0)) ** 2,
    "diagonal": lambda z: np.diagonal(z, 1) ** 2,
    "triu_indices": lambda z: z[np.triu_indices(3, 1)] ** 2,
    "unravel_index": lambda z: z[np.unravel_index(np.argmax(z), z.shape)] ** 2,
    "ix_": lambda z: z[np.ix_([0, 2], [1, 3])] ** 2,
    "unique": lambda z: np.unique(z) ** 2,
    "isin": lambda z: z[np.isin(np.arange(3), [0, 2])] ** 2,
    # sums and orders
    "sum": lambda z: np.sum(z**2, axis=0, keepdims=True) * z.sum((0, 1)),
    "sum of a list": lambda z: np.sum([z[0, 0], z[0, 1] ** 2]),
    "sum where": lambda z: np.sum(z**2, where=MASK),
    "sum with an initial": lambda z: np.sum(z**2, initial=3.0) * z.sum(initial=1.0),
    "sum into": lambda z: np.sum(z**2, axis=0, out=np.empty(4)),
    "mean": lambda z: np.mean(z**2, axis=-1) * z.mean(axis=(0, 1), keepdims=True),
    "mean of a list": lambda z: np.mean([v**2 for v in z[0]]),
    "mean where": lambda z: np.mean(z**2, where=z > 0),
    "var, std": lambda z: np.var(z, axis=0, ddof=1) * z.std(0),
    "prod": lambda z: np.prod(z, axis=1) * z.prod(),
    "max, min": lambda z: np.max(z, axis=0) * z.min(axis=0) + np.amax(z, initial=0.1),
    "argmax, argmin": lambda z: z[0, np.argmax(z[0])] ** 2 + z[z.argmin(axis=0), np.arange(4)] ** 3,
    "sort": lambda z: np.sort(z, axis=0) * np.arange(4),
    "sort in place": lambda z: into(z, lambda o: o.sort(axis=1)) * np.arange(4),
    "argsort": lambda z: z.ravel()[z.argsort(axis=None)] * np.arange(12),
    "partition": lambda z: np.partition(z, 1, axis=1)[:, 1] ** 2,
    "lexsort": lambda z: z[np.lexsort((z[:, 0], z[:, 1]))] * np.arange(3)[:, None],
    "median": lambda z: np.median(z, axis=1) ** 2 + np.median(z[:, :3]),
    "quantile": lambda z: np.quantile(z, 0.35, axis=0) ** 2 + np.percentile(z, 90),
    "quantiles": lambda z: np.quantile(z, [0.25, 0.5], axis=1) ** 2 + np.percentile(z, (10, 90))[:, None],
    "cumsum, cumprod": lambda z: np.cumsum(z, axis=1) * np.cumprod(z, axis=0) + z.cumsum().sum(),
    "diff, ediff1d": lambda z: np.diff(z, n=2, axis=1).sum() * np.ediff1d(z[0]),
    "average": lambda z: np.average(z, axis=0, weights=[1.0, 2.0, 3.0]) ** 2,
    "ptp": lambda z: np.ptp(z, axis=1) ** 2,
    "any, all": lambda z: z.sum() ** 2 if np.any(z > 0) and not np.all(z > 0) else z.sum(),
    "count_nonzero": lambda z: np.count_nonzero(z > 0) * z**2,
    "nansum and others": lambda z: np.nansum(with_nan(z)) * np.nanmean(with_nan(z), axis=0) + np.nanmax(with_nan(z)),
    "nanvar, nanstd": lambda z: np.nanvar(with_nan(z), axis=0) * np.nanstd(with_nan(z)),
    "cov, corrcoef": lambda z: np.cov(z) @ np.corrcoef(z),
    "searchsorted": lambda z: np.searchsorted(np.sort(z[0]), 0.0) * z[0] ** 2,
    "bincount": lambda z: np.bincount([0, 1, 1, 3], weights=z[0] ** 2),
    "digitize": lambda z: z[0] ** (1 + np.digitize(z[0], [-0.5, 0.5])),
    "reduceat": lambda z: np.add.reduceat(z[0] ** 2, [0, 2]),
    "add.at": lambda z: into(np.zeros(3), lambda o: np.add.at(o, [0, 0, 2, 1], z[0] ** 2)),
    "multiply.at": lambda z: into(z[0], lambda o: np.multiply.at(o, [0, 0], z[1, 0])),
    "subtract.at": lambda z: into(z[0], lambda o: np.subtract.at(o, [0, 1], 1.5)) ** 2,
    "maximum.at": lambda z: into(np.zeros(2), lambda o: np.maximum.at(o, [0, 1, 0, 1], z[0])) ** 2,
    "maximum.reduce, accumulate": lambda z: np.maximum.reduce(z) * np.maximum.accumulate(z, axis=1)[0],
    "outer of a ufunc": lambda z: np.subtract.outer(z[0], z[1]) ** 2,
    "logical_or.reduce": lambda z: z[0] * np.logical_or.reduce(z > 0),
    "out": lambda z: np.multiply(z, z, out=np.zeros((3, 4))) * 2,
    "out and where": lambda z: np.log(z, out=np.zeros_like(z), where=z > 0),
    "divide where": lambda z: np.divide(1, z, out=np.zeros((3, 4)), where=np.abs(z) > 0.3),
    # products
    "dot": lambda z: np.dot(z, z.T) + z.dot(z[0])[:, None] + np.dot(2.0, z[0, 0]),
    "matmul of stacks": lambda z: np.matmul(z.reshape(3, 2, 2), z.reshape(3, 2, 2).swapaxes(1, 2)),
    "matmul of one and many": lambda z: z[0, :3] @ z @ z[1],
    "inner, vdot": lambda z: np.inner(z, z) * np.vdot(z, z**2),
    "outer": lambda z: np.outer(z[0], z[1]),
    "tensordot": lambda z: np.tensordot(z, z, axes=([0], [0])) + np.tensordot(z, z, axes=2),
    "einsum": lambda z: np.einsum("ij,kj->ik", z, z) @ np.einsum("ij->j", z[:, :3]),
    "einsum without an arrow": lambda z: np.einsum("ij,jk", z, z.T),
    "einsum of three": lambda z: np.einsum("i,ij,j->", z[:, 0], z, z[0]),
    "einsum, a diagonal": lambda z: np.einsum("ii->i", z[:, :3]) * np.einsum("ii", z[:, :3]),
    "einsum with dots": lambda z: np.einsum("...ij,...jk->...ik", z.reshape(3, 2, 2), z.reshape(3, 2, 2)),
    "einsum by lists": lambda z: np.einsum(z, [0, 1], z, [2, 1], [0, 2]),
    "einsum, elementwise": lambda z: np.einsum("ij,ij->ij", z, z) + np.einsum("ij,i->ij", z, z[:, 0]),
    "einsum, optimised": lambda z: np.einsum("ij,jk,kl->il", z, z.T, z, optimize=True),
    "kron": lambda z: np.kron(z[:2, :2], z[1:, :1]),
    "trace": lambda z: np.trace(z) ** 2 + z.trace(offset=1),
    "cross": lambda z: np.cross(z[0, :3], z[1, :3]),
    "convolve, correlate": lambda z: np.convolve(z[0], z[1, :2]) * np.correlate(z[0], z[1, :3], "full")[:5],
    "gradient": lambda z: np.gradient(z, 0.5, axis=1) ** 2,
    "trapezoid": lambda z: np.trapezoid(z, dx=0.5, axis=1) ** 2,
    "interp": lambda z: np.interp([0.2, 1.5], [0.0, 1.0, 2.0], z[:, 0]) ** 2,
    "polyval": lambda z: np.polyval(z[0], z[1]),
    "apply_along_axis": lambda z: np.apply_along_axis(lambda r: r / np.sum(np.exp(r)), 1, z),
    "apply_along_axis to a number": lambda z: np.apply_along_axis(lambda r: np.linalg.norm(r), 0, z) ** 2,
    "vectorize": lambda z: np.vectorize(lambda v: v if v > 0 else v**2)(z),
    "bare object arrays": lambda z: np.piecewise(z, [z < 0], [lambda v: np.sort(v)[::-1] * np.mean(v) + np.var(v)]),
    "frompyfunc": lambda z: np.frompyfunc(lambda v: v**2, 1, 1)(z),
    # linear algebra
    "inv": lambda z: np.linalg.inv(z @ z.T),
    "inv of stacks": lambda z: np.linalg.inv(z.reshape(3, 2, 2)),
    "solve": lambda z: np.linalg.solve(z @ z.T, z) @ np.linalg.solve(z[:, :3], z[:, 3])[0:1].repeat(4),
    "det": lambda z: np.linalg.det(z @ z.T) + np.linalg.det(z.reshape(3, 2, 2)),
    "slogdet": lambda z: np.linalg.slogdet(z @ z.T)[1] + np.linalg.slogdet(z[:, :3]).logabsdet,
    "cholesky": lambda z: np.linalg.cholesky(z @ z.T),
    "norm": lambda z: np.linalg.norm(z) + np.linalg.norm(z[0], 1) + np.linalg.norm(z, axis=1, keepdims=True) * z,
    "norms of matrices": lambda z: (np.linalg.norm(z, 1) + np.linalg.norm(z, np.inf) + np.linalg.norm(z, -1)
                        + np.linalg.norm(z, -np.inf)),
    "norms of vectors": lambda z: (np.linalg.norm(z, np.inf, axis=0) * np.linalg.norm(z, -np.inf, axis=0)
                        * np.linalg.norm(z, 2.5, axis=0)),
    "norm of 0": lambda z: np.linalg.norm(z[0], 0) * z[0],
    "eigvalsh": lambda z: np.linalg.eigvalsh(z[:, :3]) + np.linalg.eigvalsh(z[:, 1:], "U"),
    "eigh": lambda z: np.linalg.eigh(z @ z.T)[1] * np.linalg.eigh(z @ z.T).eigenvalues,
    "svd": lambda z: joined(np.linalg.svd(z, full_matrices=False)),
    "svd of a tall matrix": lambda z: joined(np.linalg.svd(z.T, full_matrices=False)),
    "singular values": lambda z: np.linalg.svd(z, compute_uv=False) * np.linalg.svd(z[:, :3]).U[0],
    "norms by singular values": lambda z: np.linalg.norm(z, 2) + np.linalg.norm(z, -2) * np.linalg.norm(z, "nuc"),
    "qr": lambda z: joined(np.linalg.qr(z.T)) + np.linalg.qr(z[:, :3], mode="r").sum(),
    "lstsq": lambda z: np.linalg.lstsq(z.T, z[0] ** 2, rcond=None)[0] + np.linalg.lstsq(z.T, z.T**2)[1],
    "lstsq of a wide matrix": lambda z: np.linalg.lstsq(z, z[:, 0] ** 2)[0],
    "pinv, cond": lambda z: np.linalg.pinv(z) * np.linalg.cond(z) + np.linalg.pinv(z.T).T + np.linalg.cond(z[:, :3], 1),
    "polyfit": lambda z: np.polyfit(z[0], z[1], 2),
    "matrix_power": lambda z: np.linalg.matrix_power(z[:, :3], 3) + np.linalg.matrix_power(z[:, :3], -1),
    "multi_dot": lambda z: np.linalg.multi_dot([z, z.T, z]),
    # elementwise, beside those of the table
    "power": lambda z: np.abs(z) ** 1.7 + z**3 + 2.0**z + np.power(np.abs(z), z),
    "clip": lambda z: np.clip(z, -0.5, None) * z.clip(max=0.3),
    "sign, heaviside": lambda z: np.sign(z) * z + np.heaviside(z, 0.5) * z**2,
    "fmax, fmin": lambda z: np.fmax(z, 0.1) * np.fmin(z, z[0]),
    "mod": lambda z: np.mod(z, 0.7) + np.remainder(z, -0.6) + np.fmod(z, 0.3) + z % 0.45,
    "floor and others": lambda z: (z - np.floor(z)) * np.ceil(z) + np.rint(z * 3) * z + np.trunc(z * 2) * z + z // 0.7,
    "modf, divmod": lambda z: np.modf(z)[0] * np.divmod(z, 0.4)[1],
    "round": lambda z: np.round(z) * z + z.round(),
    "logaddexp": lambda z: np.logaddexp(z, 1.0) + np.logaddexp2(z, z[0]),
    "hypot, arctan2": lambda z: np.hypot(z, 1.0) * np.arctan2(z, -2.0) + np.arctan2(1.0, z),
    "sinc, i0": lambda z: np.sinc(z) + np.i0(z),
    "copysign, ldexp": lambda z: np.copysign(z, -1.0) + np.ldexp(z, 2),
    "degrees, radians": lambda z: np.degrees(z) + np.radians(z) + np.deg2rad(z),
    "float_power, cbrt": lambda z: np.float_power(np.abs(z), 0.5) + np.cbrt(z),
    "square, reciprocal": lambda z: np.square(z) + np.reciprocal(z),
    "isclose": lambda z: z**2 if not np.allclose(z, 0) and not np.isclose(z[0, 0], 5.0) else z,
    "real, conj": lambda z: np.real(z) * np.conj(z) + z.real + np.imag(z),
    "nan_to_num": lambda z: np.nan_to_num(z**2),
    "result_type": lambda z: z.astype(np.result_type(z, np.float32)) ** 2,
    "shape, ndim, size": lambda z: z * np.ndim(z) * np.size(z) * np.shape(z)[0],
    "errstate": lambda z: quietly(z),
    "nditer": lambda z: through_nditer(z),
    "ndenumerate, ndindex": lambda z: (sum(i * v for (i, _), v in np.ndenumerate(z))
                        + sum(z[p] ** 2 for p in np.ndindex(z.shape))),
    "flat": lambda z: sum(v**2 for v in z.flat) + z.flat[3],
    "sliding_window_view": lambda z: np.lib.stride_tricks.sliding_window_view(z, (2, 2)).sum((2, 3)) ** 2,
    "as_strided": lambda z: np.lib.stride_tricks.as_strided(z, (2, 2), (z.strides[1], z.strides[1])) ** 2,
    "permutation": lambda z: np.random.default_rng(0).permutation(z) * np.arange(3)[:, None],
    "choice": lambda z: z[np.random.default_rng(0).choice(3, 2)] ** 2,
}  # fmt: skip


def joined(parts):
    return sum(np.sum(k * p.ravel() * np.arange(1.0, p.size + 1)) for k, p in enumerate(parts, start=1))


def with_nan(z):
    out = z.copy()
    out[1, 1] = np.nan
    return out


def quietly(z):
    with np.errstate(divide="ignore"):
        return z / (1 + z**2)


def through_nditer(z):
    total = 0
    it = np.nditer(z, flags=["multi_index"])
    while not it.finished:
        total = total + z[it.multi_index] ** 2 * it.multi_index[0]
        it.iternext()
    return total


def cotangent_of(value):
    return np.random.default_rng(1).uniform(0.5, 1.5, np.shape(value))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_numpy(name):
    f = FUNCTIONS[name]
    problem = Problem(f, lambda z: z, [X])
    here = np.asarray(f(X.copy()), dtype=float)
    seed = cotangent_of(here)
    found = exact_slopes(problem, problem.inputs, seed, None)
    assert not found.events
    assert found.value == pytest.approx(np.sum(seed * here), rel=1e-12, abs=1e-12)
    h = 1e-5
    for row, place in zip(found.rows, np.ndindex(X.shape), strict=True):
        near, wide = (slope(f, seed, place, step) for step in (h, 2 * h))
        assert abs(float(row) - (4 * near - wide) / 3) < 1e-7 * (1 + abs(near)) + abs(near - wide)


def slope(f, seed, place, step):
    ahead, behind = X.copy(), X.copy()
    ahead[place] += step
    behind[place] -= step
    return float(np.sum(seed * (np.asarray(f(ahead), dtype=float) - np.asarray(f(behind), dtype=float)))) / (2 * step)

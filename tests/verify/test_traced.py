import numpy as np
import pytest

from gradproof.verify.balls.exactly import exact_slopes
from gradproof.verify.balls.traced import TooCostly, Untraceable
from gradproof.verify.calls import Problem

X = np.random.default_rng(2).normal(size=(3, 4))

FUNCTIONS = {
    "softmax": lambda z: -np.mean(np.log(np.exp(z) / np.exp(z).sum(1, keepdims=True))[np.arange(3), [0, 1, 2]]),
    "stable": lambda z: np.mean(np.log(np.sum(np.exp(z - np.max(z, axis=1, keepdims=True)), axis=1))),
    "relu": lambda z: np.sum(np.maximum(z, 0) ** 2),
    "where with a plain zero": lambda z: np.sum(np.exp(np.where(z > 0, z, 0.0))),
    "norm": np.linalg.norm,
    "variance": lambda z: np.var(z, axis=0).sum() + np.std(z),
    "matmul": lambda z: np.tanh(z @ z.T).sum(),
    "einsum": lambda z: np.einsum("ij,ij->i", z, z).sum(),
    "dot": lambda z: np.dot(z[0], z[1]),
    "clip": lambda z: np.clip(z, -0.5, 0.5).sum(),
    "float at the end": lambda z: float(np.sum(z * z)),
    "product": np.prod,
    "cumulated": lambda z: (np.cumsum(z) ** 2).sum(),
    "logaddexp": lambda z: np.logaddexp(0, z).sum(),
    "arctan2": lambda z: np.arctan2(z, 2.0).sum(),
    "hypot": lambda z: np.hypot(z, 1.0).sum(),
    "concatenate": lambda z: np.concatenate([z, z * 2]).std(),
    "pad": lambda z: (np.pad(z, 1) ** 2).sum(),
    "mask": lambda z: z[z > 0].sum(),
    "in place": lambda z: np.add(z, 1, out=z).prod(),
    "absolute": lambda z: abs(z).max(),
    "power": lambda z: (np.abs(z) ** 1.5).mean(),
    "triangle and trace": lambda z: np.tril(z).sum() + np.trace(z) + np.outer(z[0], z[1]).sum(),
    "roll": lambda z: (np.roll(z, 1, 0) * z).sum(),
    "loop": lambda z: sum(np.exp(v) for v in z.ravel()),
    "rows": lambda z: sum(-np.log(np.exp(r) / np.sum(np.exp(r)))[0] for r in z),
    "array of entries": lambda z: np.array([np.exp(z[0, 0]), z[0, 1]]).sum(),
    "argmax": lambda z: z[np.arange(3), np.argmax(z, 1)].sum(),
    "plain array first": lambda z: np.float64(2.0) * z[0, 0] + np.ones(4) @ z[0],
    "zeros_like": lambda z: _filled(z).sum(),
    "branch": lambda z: z.sum() if np.any(z > 0) and np.isfinite(z).all() else 0.0,
    "masked sum": lambda z: np.sum(z, where=np.array([True, False, True, True])),
    "maximum with initial": lambda z: np.max(z, initial=0.0),
}


def _filled(z):
    out = np.zeros_like(z[0])
    out[0] = 2 * z[0, 0]
    return out


@pytest.mark.parametrize("name", FUNCTIONS)
def test_unmodified_functions_are_differentiated(name):
    f = FUNCTIONS[name]
    problem = Problem(f, lambda z: z, [X])
    rows = exact_slopes(problem, problem.inputs, None, None).rows
    h = 1e-6
    for k, place in enumerate(np.ndindex(X.shape)):
        ahead, behind = X.copy(), X.copy()
        ahead[place] += h
        behind[place] -= h
        assert abs(float(rows[k]) - (float(f(ahead)) - float(f(behind))) / (2 * h)) < 1e-7
        assert rows[k].rad() < 1e-50


LOST = {
    "memory": lambda z: np.frombuffer(z.tobytes()).sum(),
    "an array of single precision": lambda z: np.zeros(3, dtype=np.float32).sum() + z.sum(),
    "eigenvalues": lambda z: np.linalg.eigvals(z @ z.T).sum(),
    "written and read": lambda z: float(f"{z[0, 0]:.3f}") * z[0, 1],
    "constant": lambda z: 3.0,
}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_trace_is_never_taken_for_a_derivative(name):
    problem = Problem(LOST[name], lambda z: z, [X])
    with pytest.raises(Untraceable):
        exact_slopes(problem, problem.inputs, None, None)


def test_a_kink_at_the_point_is_an_event():
    problem = Problem(lambda x: np.sum(np.maximum(x, 0)), lambda x: x, [np.array([0.0, 1.0])])
    assert exact_slopes(problem, problem.inputs, None, None).events


def test_a_run_beyond_its_budget_stops():
    big = np.ones((2000, 2000))
    problem = Problem(lambda a: np.sum(np.exp(a)), lambda a: a, [big])
    with pytest.raises(TooCostly):
        exact_slopes(problem, problem.inputs, None, [np.ones((1, 2000, 2000))])

"""What the tests of runs in balls share."""

import numpy as np

from gradproof.verify.balls.exactly import exact_slopes
from gradproof.verify.calls import Problem

X = np.array([1.3, -0.7, 2.6])


A = np.random.default_rng(3).normal(size=(3, 3))


def slopes(f, *inputs):
    problem = Problem(f, lambda *a: a, [np.array(x) if isinstance(x, np.ndarray) else x for x in inputs])
    return exact_slopes(problem, problem.inputs, np.ones(np.shape(problem.value(problem.inputs))), None)


def differences(f, *inputs):
    out = []
    for k, a in enumerate(inputs):
        for place in np.ndindex(np.shape(a)):
            values = []
            for step in (1e-6, -1e-6):
                moved = [np.array(b) for b in inputs]
                moved[k][place] += step
                values.append(float(np.sum(f(*moved))))
            out.append((values[0] - values[1]) / 2e-6)
    return out

"""Test functions of optimisation, penalties and constraints."""

import numpy as np
from numpy import cos, exp, pi, sin, sqrt

from .case import case, normal, positive


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_loop(x):
    total = 0
    for i in range(len(x) - 1):
        total += 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    return total


def rastrigin(x, A=10):
    return A * len(x) + sum(x**2 - A * cos(2 * pi * x))


def ackley(x):
    n = x.size
    return -20 * exp(-0.2 * sqrt(np.sum(x**2) / n)) - exp(np.sum(cos(2 * pi * x)) / n) + 20 + np.e


def griewank(x):
    i = np.arange(1, len(x) + 1)
    return 1 + np.sum(x**2) / 4000 - np.prod(cos(x / sqrt(i)))


def griewank_loop(x):
    s, p = 0.0, 1.0
    for i, v in enumerate(x):
        s += v**2 / 4000
        p *= cos(v / sqrt(i + 1))
    return 1 + s - p


def beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def himmelblau(p):
    x, y = p
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def schwefel(x):
    return 418.9829 * len(x) - np.dot(x, sin(sqrt(np.abs(x))))


def levy(x):
    w = 1 + (x - 1) / 4
    return (
        sin(pi * w[0]) ** 2
        + np.sum((w[:-1] - 1) ** 2 * (1 + 10 * sin(pi * w[:-1] + 1) ** 2))
        + (w[-1] - 1) ** 2 * (1 + sin(2 * pi * w[-1]) ** 2)
    )


def easom(x, y):
    return -cos(x) * cos(y) * exp(-((x - pi) ** 2 + (y - pi) ** 2) / 10)


def michalewicz(x):
    return -sum(sin(v) * sin((i + 1) * v**2 / pi) ** 6 for i, v in enumerate(x))


def styblinski_tang(x):
    return 0.5 * np.sum(x**4 - 16 * x**2 + 5 * x)


def branin(x):
    a, b, c, r, s, t = 1, 5.1 / (4 * pi**2), 5 / pi, 6, 10, 1 / (8 * pi)
    return a * (x[1] - b * x[0] ** 2 + c * x[0] - r) ** 2 + s * (1 - t) * cos(x[0]) + s


def booth(v):
    x, y = v[0], v[1]
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


def powell(x):
    return (x[0] + 10 * x[1]) ** 2 + 5 * (x[2] - x[3]) ** 2 + (x[1] - 2 * x[2]) ** 4 + 10 * (x[0] - x[3]) ** 4


def zakharov(x):
    s = 0.5 * np.arange(1, x.shape[0] + 1) @ x
    return np.dot(x, x) + s**2 + s**4


def quadratic_form(x, A, b):
    return 0.5 * x.T @ A @ x - b.T @ x


def log_barrier(x, A):
    slack = 5 + A @ x
    if np.any(slack <= 0):
        return np.inf
    return x.sum() - 0.1 * np.log(slack).sum()


def penalty(x):
    g = x[0] ** 2 + x[1] ** 2 - 1
    return x.sum() + 10 * max(0, g) ** 2 + 5 * min(0.0, x[0]) ** 2


def augmented_lagrangian(x, lam):
    h = np.array([x[0] + x[1] - 1, x[0] * x[1] - 0.2])
    return np.sum(x**2) + lam @ h + 5.0 / 2 * h @ h


def projection_simplex(v):
    u = np.sort(v)[::-1]
    css = np.cumsum(u) - 1
    rho = np.nonzero(u > css / np.arange(1, len(u) + 1))[0][-1]
    w = np.maximum(v - css[rho] / (rho + 1), 0)
    return np.sum(w**2)


def soft_threshold(x, lam):
    return np.sum((np.sign(x) * np.maximum(np.abs(x) - lam, 0)) ** 2)


def gradient_descent_unrolled(w, X, y):
    for _ in range(3):
        w = w - 0.05 * X.T @ (X @ w - y)
    return np.sum((X @ w - y) ** 2)


def adam_unrolled(w):
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t in range(1, 4):
        g = 2 * w
        m = 0.9 * m + 0.1 * g
        v = 0.99 * v + 0.01 * g**2
        w = w - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-8)
    return np.sum(w**2)


def portfolio(w, S, mu):
    w = w / np.sum(w)
    return np.dot(w, mu) / np.sqrt(w @ S @ w)


def norms(x, A):
    return (
        np.linalg.norm(x, 1)
        + np.linalg.norm(x, np.inf)
        + np.linalg.norm(x, 3)
        + np.linalg.norm(A, 1)
        + np.linalg.norm(A, np.inf)
        + np.linalg.norm(A, axis=0).prod()
    )


def spectral_norm(A):
    return np.linalg.norm(A, 2)


def determinant_power(A):
    return np.linalg.det(np.linalg.matrix_power(A, 3)) + np.trace(np.linalg.inv(A))


def dtw(a, b):
    D = np.full((len(a) + 1, len(b) + 1), np.inf)
    D[0, 0] = 0
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            D[i, j] = abs(a[i - 1] - b[j - 1]) + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[-1, -1]


def viterbi(score, trans):
    best = score[0]
    for t in range(1, len(score)):
        best = np.max(best[:, None] + trans, axis=0) + score[t]
    return best.max()


def value_iteration(R):
    P = np.array([[0.7, 0.3], [0.2, 0.8]])
    V = np.zeros(2)
    for _ in range(5):
        V = np.max(R + 0.9 * np.stack([P @ V, P[::-1] @ V]), axis=0)
    return V.sum()


CASES = (
    case(rosenbrock, normal(4)),
    case(rosenbrock_loop, normal(3)),
    case(rastrigin, normal(3)),
    case(ackley, normal(3)),
    case(griewank, normal(3)),
    case(griewank_loop, normal(3)),
    case(beale, 0.5, 1.3),
    case(himmelblau, normal(2)),
    case(schwefel, normal(3, scale=100)),
    case(levy, normal(3)),
    case(easom, 2.5, 2.9),
    case(michalewicz, positive(3)),
    case(styblinski_tang, normal(3)),
    case(branin, normal(2)),
    case(booth, normal(2)),
    case(powell, normal(4)),
    case(zakharov, normal(3)),
    case(quadratic_form, normal(3), normal(3, 3), normal(3)),
    case(log_barrier, normal(3, scale=0.1), normal(4, 3)),
    case(penalty, np.array([0.9, 0.8])),
    case(augmented_lagrangian, normal(2), normal(2)),
    case(projection_simplex, normal(5)),
    case(soft_threshold, normal(5), 0.3),
    case(gradient_descent_unrolled, normal(3), normal(4, 3), normal(4)),
    case(adam_unrolled, normal(3)),
    case(portfolio, positive(3), np.eye(3) + 0.2, normal(3)),
    case(norms, normal(4), normal(3, 4)),
    case(spectral_norm, normal(3, 3)),
    case(determinant_power, np.eye(3) + 0.3 * np.arange(9.0).reshape(3, 3) ** 0.5),
    case(dtw, normal(4), normal(3)),
    case(viterbi, normal(4, 3), normal(3, 3)),
    case(value_iteration, normal(2, 2)),
)

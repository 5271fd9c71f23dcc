"""Very small, very large, cancelling and single-precision: what absolute tolerances and fixed steps get wrong."""

import numpy as np

from .case import Case, wrong


def scaled(s, n=5):
    return lambda rng: [s * rng.normal(size=n)]


def square(x):
    return np.sum(x**2)


def tiny(x):
    return 1e-12 * np.sum(x**2)


def mixed(rng):
    return [rng.normal(size=6) * 10.0 ** np.array([-12, -6, 0, 3, 8, 12])]


def variance_by_moments(x):
    return np.mean(x**2) - np.mean(x) ** 2


def variance_grad(x):
    return 2 * (x - np.mean(x)) / len(x)


def far_from_zero(rng):
    return [1e4 + rng.normal(size=6)]


def single(x):
    x = x.astype(np.float32)
    return float(np.sum(np.tanh(x)))


def single_grad(x):
    return 1 - np.tanh(x.astype(np.float32)) ** 2


def polynomial(x):
    return np.sum((x - 1) ** 7)


def expanded(x):
    return np.sum(x**7 - 7 * x**6 + 21 * x**5 - 35 * x**4 + 35 * x**3 - 21 * x**2 + 7 * x - 1)


def expanded_grad(x):
    return 7 * (x - 1) ** 6


def log_sum_exp(x):
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


def log_sum_exp_grad(x):
    e = np.exp(x - np.max(x))
    return e / np.sum(e)


def planck(x):
    return np.sum(x**3 / np.expm1(x))


def planck_grad(x):
    e = np.expm1(x)
    return 3 * x**2 / e - x**3 * (e + 1) / e**2


def versine(x):
    return np.sum(1 - np.cos(x))


def parameters(rng):
    return [np.array([1e-9]), np.array([1e9]), rng.normal(size=8)]


def oscillation(a, w, t):
    return np.sum((a * 1e9) ** 2 * np.cos(w * 1e-9 * t))


def oscillation_grad(a, w, t):
    c, s = np.cos(w * 1e-9 * t), np.sin(w * 1e-9 * t)
    return np.array([np.sum(2e18 * a * c)]), np.array([np.sum(-((a * 1e9) ** 2) * s * 1e-9 * t)])


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_grad(x):
    d = np.zeros_like(x)
    d[:-1] = -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    d[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return d


def lennard_jones(r):
    return np.sum(4 * (r**-12.0 - r**-6.0))


def lennard_jones_grad(r):
    return 4 * (-12 * r**-13.0 + 6 * r**-7.0)


def gravity(p, q):
    return -6.674e-11 * 5e24 * 7e22 / np.sqrt(np.sum((p - q) ** 2))


def gravity_grad(p, q):
    d = p - q
    g = 6.674e-11 * 5e24 * 7e22 * d / np.sum(d**2) ** 1.5
    return g, -g


def planets(rng):
    return [1e8 * rng.normal(size=3), 4e8 + 1e8 * rng.normal(size=3)]


def steep(x):
    return np.sum(np.exp(50 * x))


TINY_INPUTS = Case("inputs of 1e-12", square, scaled(1e-12), lambda x: 2 * x)
HUGE_INPUTS = Case("inputs of 1e12", square, scaled(1e12), lambda x: 2 * x)
TINY = Case("a value of 1e-12", tiny, scaled(1), lambda x: 2e-12 * x)
MIXED = Case("entries from 1e-12 to 1e12", lambda x: np.sum(np.log1p(x**2)), mixed, lambda x: 2 * x / (1 + x**2))
MOMENTS = Case("variance by moments, cancelling", variance_by_moments, far_from_zero, variance_grad)
SINGLE = Case("all in single precision", single, scaled(1), single_grad, plain=lambda x: np.sum(np.tanh(x)),
              path="single")  # fmt: skip
GRAVITY = Case("gravity in metres", gravity, planets, gravity_grad)
ROSENBROCK = Case("Rosenbrock's function", rosenbrock, scaled(1.5, 6), rosenbrock_grad)

RIGHT = (
    TINY_INPUTS,
    HUGE_INPUTS,
    TINY,
    MIXED,
    MOMENTS,
    SINGLE,
    GRAVITY,
    ROSENBROCK,
    Case("variance by moments, of 1e7", variance_by_moments, lambda rng: [1e7 + rng.normal(size=6)], variance_grad,
         path="single"),  # the gradient itself loses digits in the mean
    Case("an expanded polynomial near its root", expanded, lambda rng: [1 + 0.01 * rng.normal(size=3)], expanded_grad),
    Case("log-sum-exp of 1e4", log_sum_exp, lambda rng: [1e4 * rng.normal(size=4)], log_sum_exp_grad),
    Case("log-sum-exp of 1e-8", log_sum_exp, scaled(1e-8), log_sum_exp_grad),
    Case("Planck's law for small x", planck, lambda rng: [rng.uniform(1e-6, 1e-3, 5)], planck_grad),
    Case("1 - cos of 1e-5", versine, scaled(1e-5), np.sin),
    Case("parameters of 1e-9 and 1e9", oscillation, parameters, oscillation_grad, options={"wrt": ["a", "w"]}),
    Case("Lennard-Jones", lennard_jones, lambda rng: [rng.uniform(0.7, 2.5, 6)], lennard_jones_grad),
    Case("exp of 50 x", steep, lambda rng: [rng.uniform(-2, 2, 6)], lambda x: 50 * np.exp(50 * x)),
    Case("single precision, returned in double", lambda x: np.sum(np.tanh(x)), lambda rng:
         [rng.normal(size=5).astype(np.float32)], lambda x: 1 - np.tanh(x) ** 2, path="single"),
    Case("zero everywhere", lambda x: np.sum(x - x), scaled(1), np.zeros_like),
    Case("a constant", lambda x: np.sum(0 * x) + 3.0, scaled(1), np.zeros_like),
)  # fmt: skip

WRONG = (
    wrong(TINY_INPUTS, "1e-12: half of it", lambda x: x, "factor", "x"),
    wrong(TINY_INPUTS, "1e-12: zero", np.zeros_like, "detached", "x"),
    wrong(HUGE_INPUTS, "1e12: off by a millionth", lambda x: 2 * x * (1 + 1e-6), "factor", "x"),
    wrong(TINY, "a value of 1e-12: the sign", lambda x: -2e-12 * x, "sign", "x"),
    wrong(TINY, "a value of 1e-12: zero", np.zeros_like, "detached", "x"),
    wrong(MIXED, "1e-12 to 1e12: the smallest entry", lambda x: 2 * x / (1 + x**2) * np.array([3, 1, 1, 1, 1, 1]),
          "entry", "x"),
    wrong(MIXED, "1e-12 to 1e12: the largest entry", lambda x: 2 * x / (1 + x**2) * np.array([1, 1, 1, 1, 1, 3]),
          "edge", "x"),
    wrong(MOMENTS, "variance: divided by n - 1", lambda x: 2 * (x - np.mean(x)) / (len(x) - 1), "size", "x"),
    wrong(MOMENTS, "variance: the mean is held at 0", lambda x: 2 * x / len(x), "mean-term", "x"),
    wrong(SINGLE, "single precision: the square is missing", lambda x: 1 - np.tanh(x.astype(np.float32)),
          "activation", "x"),
    wrong(SINGLE, "single precision: one in a thousand", lambda x: single_grad(x) * np.float32(1.001), "factor", "x"),
    wrong(GRAVITY, "gravity: the distance not cubed", lambda p, q: tuple(g * np.sqrt(np.sum((p - q) ** 2))
          for g in gravity_grad(p, q)), "term-factor", "p", "q"),
    wrong(GRAVITY, "gravity: one side has the other's sign", lambda p, q: (gravity_grad(p, q)[0],) * 2,
          "sign", "q"),
    wrong(ROSENBROCK, "Rosenbrock: 200 for 400", lambda x: rosenbrock_grad(x) + 200 * np.append(x[:-1]
          * (x[1:] - x[:-1] ** 2), 0), "term-factor", "x"),
    wrong(ROSENBROCK, "Rosenbrock: the last entry", lambda x: rosenbrock_grad(x) * np.append(np.ones(5), 2),
          "edge", "x"),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)

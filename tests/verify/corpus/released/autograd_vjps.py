"""autograd's vector-Jacobian products of NumPy's and SciPy's functions."""

import numpy as np

from tests.verify.corpus.case import Case

#: By name: where the function stands, the arguments that are differentiated, the others by keyword.
_A = np.linspace(0.3, 2.1, 6).reshape(2, 3)
_B = np.array([[0.7, -1.1, 0.4], [1.3, 0.2, -0.6]])
_S = np.array([[2.0, 0.3, -0.1], [0.4, 1.5, 0.2], [-0.3, 0.1, 1.8]])
_P = _S @ _S.T
_V = np.array([0.4, -0.9, 1.7])
_U = np.array([0.2, 0.5, 0.8])

NUMPY = {
    **{name: ((_A, _B), {}) for name in ("add", "subtract", "multiply", "divide", "logaddexp", "logaddexp2")},
    **{name: ((_A, _B), {}) for name in ("maximum", "minimum", "arctan2", "fmax", "fmin")},
    "power": ((_A, _B), {}),
    "mod": ((_A * 3, np.abs(_B) + 1), {}),
    **{name: ((_B,), {}) for name in ("exp", "exp2", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsinh")},
    **{name: ((_B,), {}) for name in ("arctan", "square", "negative", "abs", "sinc", "reciprocal", "absolute")},
    **{name: ((_A,), {}) for name in ("log", "log2", "log10", "log1p", "sqrt")},
    **{name: ((_U,), {}) for name in ("arcsin", "arccos", "arctanh", "deg2rad", "rad2deg")},
    "arccosh": ((_A + 1,), {}),
    **{name: ((_B,), {"axis": 1}) for name in ("sum", "mean", "prod", "var", "std", "max", "min", "cumsum")},
    "sort": ((_V,), {}),
    "clip": ((_B, -0.5, 0.8), {}),
    "dot": ((_A, _S), {}),
    "matmul": ((_A, _S), {}),
    "inner": ((_A, _B), {}),
    "outer": ((_V, _U), {}),
    "tensordot": ((_A, _S), {"axes": 1}),
    "kron": ((_V[:2], _U), {}),
    "trace": ((_S,), {}),
    "diff": ((_V,), {}),
    "transpose": ((_A,), {}),
    "roll": ((_V, 1), {}),
    "tile": ((_V, 2), {}),
    "repeat": ((_V, 3), {}),
    "triu": ((_S,), {}),
    "diag": ((_S,), {}),
    "where": ((_B > 0, _A, _B), {}),
}
LINALG = {
    "inv": ((_S,), {}),
    "det": ((_S,), {}),
    "pinv": ((_S,), {}),
    "solve": ((_S, _V), {}),
    "cholesky": ((_P,), {}),
    "norm": ((_S,), {}),
}
SPECIAL = {
    **{name: ((_U + 0.5,), {}) for name in ("gammaln", "gamma", "psi", "digamma", "erf", "erfc", "j0", "j1", "i0")},
    **{name: ((_U,), {}) for name in ("expit", "logit", "erfinv", "erfcinv")},
    "logsumexp": ((_B,), {}),
}


def _cases(module, table, title):
    """The functions of a table that have a vjp of their own (others are composed of those that do)."""
    from autograd.core import primitive_vjps

    found = [(getattr(module, name), name, *rest) for name, rest in table.items() if hasattr(module, name)]
    return [_case(f, name, args, keywords, title) for f, name, args, keywords in found if f in primitive_vjps]


def _case(primitive, name, args, keywords, title):
    from autograd.core import primitive_vjps

    made = primitive_vjps[primitive]
    wrt = [k for k, a in enumerate(args) if isinstance(a, np.ndarray) and a.dtype.kind == "f"]
    plain = getattr(primitive, "fun", primitive)

    def f(*inputs):
        return plain(*inputs, **keywords)

    def vjp(g, *inputs):
        return tuple(np.asarray(d) for d in made(tuple(wrt), f(*inputs), inputs, keywords)(g))

    names = [f"argument {k}" for k in range(len(args))]
    return Case(
        f"{title}.{name}", f, lambda _: [np.array(a) if isinstance(a, np.ndarray) else a for a in args], vjp=vjp,
        options={"names": names, "wrt": [names[k] for k in wrt]},
    )  # fmt: skip


def cases():
    import autograd.numpy as anp
    import autograd.scipy.special

    found = _cases(anp, NUMPY, "numpy") + _cases(anp.linalg, LINALG, "numpy.linalg")
    return found + _cases(autograd.scipy.special, SPECIAL, "scipy.special") + _distributions()


def _distributions():
    from autograd.core import primitive_vjps
    from autograd.scipy.stats import multivariate_normal, norm, t

    table = {
        "norm.logpdf": (norm.logpdf, [_V, np.array(0.2), np.array(1.3)], (0, 1, 2)),
        "norm.pdf": (norm.pdf, [_V, np.array(0.2), np.array(1.3)], (0, 1, 2)),
        "norm.logcdf": (norm.logcdf, [_V, np.array(0.2), np.array(1.3)], (0, 1, 2)),
        "t.logpdf": (t.logpdf, [_V, np.array(4.0), np.array(0.1), np.array(1.2)], (0, 1, 2, 3)),
        "multivariate_normal.logpdf": (multivariate_normal.logpdf, [_V, 0.3 * _V, _P], (0, 1, 2)),
    }
    found = []
    for name, (primitive, args, wrt) in table.items():
        plain = getattr(primitive, "fun", primitive)

        def vjp(g, *inputs, made=primitive_vjps[primitive], plain=plain, wrt=wrt):
            return tuple(np.asarray(d) for d in made(wrt, plain(*inputs), inputs, {})(g))

        names = [f"argument {k}" for k in range(len(args))]
        found.append(Case(f"scipy.stats.{name}", plain, lambda _, args=args: list(args), vjp=vjp,
                          options={"names": names}))  # fmt: skip
    return found

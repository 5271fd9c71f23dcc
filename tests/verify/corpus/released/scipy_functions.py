"""SciPy's functions that come with their derivatives."""

import numpy as np

from tests.verify.corpus.case import Case

_X = np.array([0.4, 1.3, 2.2, 3.7])


def _pair(name, f, slope, x=_X):
    """An elementwise function and its derivative."""
    return Case(name, f, lambda _: [x.copy()], vjp=lambda g, x: g * slope(x), options={"names": ["x"]})


def cases():
    from scipy import interpolate, optimize, special

    knots = np.linspace(0, 4, 9)
    spline = interpolate.CubicSpline(knots, np.sin(knots))
    akima = interpolate.Akima1DInterpolator(knots, np.exp(-knots))
    hermite = interpolate.PchipInterpolator(knots, np.cos(knots))
    b_spline = interpolate.make_interp_spline(knots, np.tanh(knots), k=5)
    found = [
        Case("optimize.rosen", optimize.rosen, lambda _: [np.array([0.3, -1.2, 0.8, 1.1])], optimize.rosen_der),
        _pair("special.jv", lambda x: special.jv(2, x), lambda x: special.jvp(2, x)),
        _pair("special.yv", lambda x: special.yv(1, x), lambda x: special.yvp(1, x)),
        _pair("special.iv", lambda x: special.iv(1.5, x), lambda x: special.ivp(1.5, x)),
        _pair("special.kv", lambda x: special.kv(0.5, x), lambda x: special.kvp(0.5, x)),
        *(_pair(f"special.spherical_{n}", lambda x, f=f: f(2, x), lambda x, f=f: f(2, x, derivative=True))
          for n, f in (("jn", special.spherical_jn), ("yn", special.spherical_yn), ("in", special.spherical_in),
                       ("kn", special.spherical_kn))),
        _pair("special.gammaln", special.gammaln, special.digamma),
        _pair("special.digamma", special.digamma, lambda x: special.polygamma(1, x)),
        _pair("special.expit", special.expit, lambda x: special.expit(x) * special.expit(-x)),
        _pair("special.erf", special.erf, lambda x: 2 / np.sqrt(np.pi) * np.exp(-(x**2))),
        _pair("special.ndtr", special.ndtr, lambda x: np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)),
        _pair("special.entr", special.entr, lambda x: -np.log(x) - 1),
        _pair("special.sici", lambda x: special.sici(x)[0], lambda x: np.sinc(x / np.pi)),
        _pair("special.exp1", special.exp1, lambda x: -np.exp(-x) / x),
        _pair("special.spence", special.spence, lambda x: np.log(x) / (1 - x)),
        _pair("special.airy", lambda x: special.airy(x)[0], lambda x: special.airy(x)[1]),
        _pair("special.lambertw", lambda x: special.lambertw(x).real, lambda x: (1 / (x + np.exp(
            special.lambertw(x).real)))),
        Case("special.logsumexp", special.logsumexp, lambda _: [_X.copy()], special.softmax),
        *(_pair(f"interpolate.{name}", f, f.derivative()) for name, f in (("CubicSpline", spline), ("Akima", akima),
          ("PCHIP", hermite), ("BSpline", b_spline))),
    ]  # fmt: skip
    return found + _robust() + _models()


def _robust():
    """The losses of least_squares: rho and its first two derivatives."""
    from scipy.optimize._lsq.least_squares import IMPLEMENTED_LOSSES

    def slopes(function, z, place):
        rho = np.empty((3, len(z)))
        function(z, rho, cost_only=False)
        return rho[place]

    return [
        _pair(f"least_squares' {name}, order {k}", lambda z, f=f, k=k: slopes(f, z, k),
              lambda z, f=f, k=k: slopes(f, z, k + 1))
        for name, f in IMPLEMENTED_LOSSES.items() if f is not None for k in (0, 1)
    ]  # fmt: skip


def _models():
    """The models of scipy.odr, with their Jacobians in the parameters."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from scipy.odr import exponential, quadratic, unilinear

    found = []
    for name, model, size in (
        ("exponential", exponential, 2),
        ("quadratic", quadratic, 3),
        ("unilinear", unilinear, 2),
    ):

        def f(B, model=model):
            return model.fcn(B, _X)

        def vjp(g, B, model=model):
            return np.asarray(model.fjacb(B, _X)).reshape(len(B), -1) @ g

        found.append(Case(f"odr.{name}", f, lambda _, n=size: [np.linspace(0.3, 0.8, n)], vjp=vjp))
    return found

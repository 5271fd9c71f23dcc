"""statsmodels' likelihoods with their scores, links with their derivatives, robust norms with theirs."""

import warnings

import numpy as np

from tests.verify.corpus.case import Case


def _data():
    rng = np.random.default_rng(5)
    X = np.column_stack([np.ones(14), rng.normal(size=(14, 2))])
    return rng, X


def _likelihoods():
    import statsmodels.api as sm
    from statsmodels.discrete import discrete_model as discrete
    from statsmodels.discrete.conditional_models import ConditionalLogit, ConditionalPoisson
    from statsmodels.othermod.betareg import BetaModel

    rng, X = _data()
    counts = rng.poisson(2.0, 14).astype(float)
    binary = np.array([0.0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 1])
    three = rng.integers(0, 3, 14)
    groups = np.repeat(np.arange(7), 2)
    families = sm.families
    table = {
        "Logit": (discrete.Logit(binary, X), 3),
        "Probit": (discrete.Probit(binary, X), 3),
        "Poisson": (discrete.Poisson(counts, X), 3),
        "MNLogit": (discrete.MNLogit(three, X), 6),
        "NegativeBinomial, 2": (discrete.NegativeBinomial(counts, X), 4),
        "NegativeBinomial, 1": (discrete.NegativeBinomial(counts, X, loglike_method="nb1"), 4),
        "NegativeBinomialP": (discrete.NegativeBinomialP(counts, X, p=2), 4),
        "GeneralizedPoisson": (discrete.GeneralizedPoisson(counts, X, p=1), 4),
        "GeneralizedPoisson, 2": (discrete.GeneralizedPoisson(counts, X, p=2), 4),
        "ConditionalLogit": (ConditionalLogit(binary, X[:, 1:], groups=groups), 2),
        "ConditionalPoisson": (ConditionalPoisson(counts, X[:, 1:], groups=groups), 2),
        "BetaModel": (BetaModel(rng.uniform(0.1, 0.9, 14), X), 4),
        "PHReg": (sm.PHReg(np.arange(1.0, 15), X[:, 1:], status=binary), 2),
        "GLM, Gamma": (sm.GLM(counts + 0.5, X, family=families.Gamma(families.links.Log())), 3),
        "GLM, Poisson": (sm.GLM(counts, X, family=families.Poisson()), 3),
        "GLM, Binomial": (sm.GLM(binary, X, family=families.Binomial()), 3),
        "GLM, inverse Gaussian": (sm.GLM(counts + 0.5, X, family=families.InverseGaussian(families.links.Log())), 3),
        "GLM, Tweedie": (sm.GLM(counts + 0.5, X, family=families.Tweedie(var_power=1.5, eql=True)), 3),
    }
    found = []
    for name, (model, size) in table.items():
        scale = {"scale": 1.0} if name.startswith("GLM") else {}

        def f(params, model=model, scale=scale):
            return model.loglike(params, **scale)

        def grad(params, model=model, scale=scale):
            return np.asarray(model.score(params, **scale)).reshape(-1)

        start = 0.1 + 0.1 * np.arange(size)
        found.append(Case(f"{name}.score", f, lambda _, p=start: [p.copy()], grad))
    return found


def _links():
    from statsmodels.genmod.families import links

    probabilities, positive = np.array([0.1, 0.35, 0.8]), np.array([0.3, 1.1, 2.4])
    table = {
        **dict.fromkeys(("Logit", "Probit", "CLogLog", "LogLog", "Cauchy", "LogC"), probabilities),
        **dict.fromkeys(("Log", "Identity", "InversePower", "InverseSquared", "Sqrt"), positive),
    }
    found = []
    for name, where in table.items():
        link = getattr(links, name)()
        for text, f, slope, x in (
            ("", link, link.deriv, where),
            (" again", link.deriv, link.deriv2, where),
            (" inverse", link.inverse, link.inverse_deriv, link(where)),
        ):
            found.append(Case(f"links.{name}{text}", lambda x, f=f: f(x), lambda _, x=x: [np.array(x)],
                              vjp=lambda g, x, s=slope: g * s(x), options={"names": ["x"]}))  # fmt: skip
    return found


def _norms():
    from statsmodels.robust import norms

    x = np.array([-5.2, -1.1, 0.2, 0.9, 2.6, 7.3])
    found = []
    for name in ("LeastSquares", "HuberT", "RamsayE", "AndrewWave", "TrimmedMean", "Hampel", "TukeyBiweight"):
        norm = getattr(norms, name)()
        for text, f, slope in (("rho", norm.rho, norm.psi), ("psi", norm.psi, norm.psi_deriv)):
            found.append(Case(f"norms.{name}.{text}", lambda x, f=f: f(x), lambda _: [x.copy()],
                              vjp=lambda g, x, s=slope: g * s(x), options={"names": ["x"]}))  # fmt: skip
    return found


def cases():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _likelihoods() + _links() + _norms()

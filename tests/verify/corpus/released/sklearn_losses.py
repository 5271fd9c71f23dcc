"""scikit-learn's losses, kernels and models with gradients of their own."""

import numpy as np

from tests.verify.corpus.case import Case

_RAW = np.array([0.3, -0.8, 1.4, 0.1, -1.9])
_Y = np.array([0.5, -0.2, 2.0, 0.0, -1.0])


def _loss(name, loss, y, raw):
    def f(r):
        return np.sum(loss.loss(y_true=y, raw_prediction=np.ascontiguousarray(r)))

    def grad(r):
        return loss.gradient(y_true=y, raw_prediction=np.ascontiguousarray(r))

    return Case(f"_loss.{name}", f, lambda _: [raw.copy()], grad)


def _losses():
    from sklearn._loss import loss as module

    positive, binary = np.array([0.5, 1.2, 3.0, 0.1, 2.0]), np.array([0.0, 1, 1, 0, 1])
    many = np.random.default_rng(0).normal(size=(5, 3))
    table = [
        ("HalfSquaredError", module.HalfSquaredError(), _Y, _RAW),
        ("AbsoluteError", module.AbsoluteError(), _Y, _RAW),
        ("PinballLoss", module.PinballLoss(quantile=0.3), _Y, _RAW),
        ("HuberLoss", module.HuberLoss(delta=0.7), _Y, _RAW),
        ("HalfPoissonLoss", module.HalfPoissonLoss(), positive, _RAW),
        ("HalfGammaLoss", module.HalfGammaLoss(), positive, _RAW),
        ("HalfTweedieLoss", module.HalfTweedieLoss(power=1.7), positive, _RAW),
        ("HalfTweedieLossIdentity", module.HalfTweedieLossIdentity(power=1.5), positive, np.abs(_RAW) + 0.2),
        ("HalfBinomialLoss", module.HalfBinomialLoss(), binary, _RAW),
        ("ExponentialLoss", module.ExponentialLoss(), binary, _RAW),
        ("HalfMultinomialLoss", module.HalfMultinomialLoss(n_classes=3), np.array([0.0, 2, 1, 1, 0]), many),
    ]
    return [_loss(*row) for row in table]


def _kernels():
    from sklearn.gaussian_process import GaussianProcessRegressor, kernels

    X = np.random.default_rng(1).normal(size=(6, 2))
    table = {
        "RBF": kernels.RBF(1.3),
        "RBF, a length for each": kernels.RBF([0.8, 1.9]),
        "Matern 3/2": kernels.Matern(1.3, nu=1.5),
        "Matern 5/2": kernels.Matern([0.7, 1.2], nu=2.5),
        "RationalQuadratic": kernels.RationalQuadratic(0.9, 1.4),
        "ExpSineSquared": kernels.ExpSineSquared(1.1, 2.3),
        "DotProduct": kernels.DotProduct(0.8),
        "a product and a sum": kernels.ConstantKernel(2.0) * kernels.RBF(0.9) + kernels.WhiteKernel(0.3),
    }
    found = []
    for name, kernel in table.items():

        def f(theta, kernel=kernel):
            return np.sum(kernel.clone_with_theta(theta)(X))

        def grad(theta, kernel=kernel):
            return np.sum(kernel.clone_with_theta(theta)(X, eval_gradient=True)[1], axis=(0, 1))

        found.append(Case(f"kernels.{name}", f, lambda _, k=kernel: [k.theta.copy()], grad))
    y = np.random.default_rng(2).normal(size=6)
    kernel = kernels.ConstantKernel(1.5) * kernels.RBF(0.8) + kernels.WhiteKernel(0.2)
    model = GaussianProcessRegressor(kernel, optimizer=None).fit(X, y)
    found.append(Case("GaussianProcessRegressor.log_marginal_likelihood", lambda theta:
                      model.log_marginal_likelihood(theta, clone_kernel=True), lambda _: [model.kernel_.theta.copy()],
                      lambda theta: model.log_marginal_likelihood(theta, eval_gradient=True)[1]))  # fmt: skip
    return found


def _models():
    from sklearn._loss import HalfBinomialLoss, HalfMultinomialLoss
    from sklearn.linear_model._huber import _huber_loss_and_gradient
    from sklearn.linear_model._linear_loss import LinearModelLoss

    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(9, 3)), rng.normal(size=9)
    weights = rng.uniform(0.5, 2, 9)
    labels, three = (y > 0).astype(float), rng.integers(0, 3, 9).astype(float)
    binary = LinearModelLoss(base_loss=HalfBinomialLoss(), fit_intercept=True)
    several = LinearModelLoss(base_loss=HalfMultinomialLoss(n_classes=3), fit_intercept=True)

    def huber(w):
        return _huber_loss_and_gradient(w, X, y, 1.35, 0.1, weights)

    point = np.append(rng.normal(size=4), 0.8)
    return [
        Case("_huber_loss_and_gradient", lambda w: huber(w)[0], lambda _: [point.copy()], lambda w: huber(w)[1]),
        Case("LinearModelLoss, binomial", lambda w: binary.loss(w, X, labels, weights, 0.4),
             lambda _: [rng.normal(size=4)], lambda w: binary.gradient(w, X, labels, weights, 0.4)),
        Case("LinearModelLoss, multinomial", lambda w: several.loss(w, X, three, weights, 0.4),
             lambda r: [r.normal(size=(3, 4))], lambda w: several.gradient(w, X, three, weights, 0.4)),
    ]  # fmt: skip


def cases():
    return _losses() + _kernels() + _models()

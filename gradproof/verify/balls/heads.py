"""Smooth functions of one number: the interpreter's, and those that NumPy's and SciPy's users have beside."""

from __future__ import annotations

from types import MappingProxyType

from flint import arb

from gradproof.derive.interpret.heads import HEADS, Head


def _expit(a: arb) -> arb:
    # Of two equal forms the one whose exponential does not grow: the other's error bound would.
    return 1 / (1 + (-a).exp()) if a.mid() >= 0 else a.exp() / (1 + a.exp())


def _log_expit(a: arb) -> arb:
    return -(-a).exp().log1p() if a.mid() >= 0 else a - a.exp().log1p()


def _ndtr(a: arb) -> arb:
    return (-a / arb(2).sqrt()).erfc() / 2


def _density(a: arb) -> arb:
    return (-a * a / 2).exp() / (2 * arb.pi()).sqrt()


def _entr(a: arb) -> arb:
    return arb(0) if a.is_zero() else -a * a.log()


def _sinc(a: arb) -> arb:
    return a.sinc_pi()


def _sinc_slope(a: arb, y: arb) -> arb:
    return arb(0) if a.is_zero() else (a.cos_pi() - y) / a


def _exprel(a: arb) -> arb:
    return arb(1) if a.is_zero() else a.expm1() / a


def _exprel_slope(a: arb, y: arb) -> arb:
    return arb(0.5) if a.is_zero() else (a.exp() - y) / a


def _scaled(order: int, kind: str) -> Head:
    """Return e**-|a| I_n or e**a K_n for a > 0, and for I_n a < 0 too."""
    if kind == "k":
        return Head(
            lambda a: a.exp() * a.bessel_k(order),
            lambda a, y: y - a.exp() * (a.bessel_k(order - 1) + a.bessel_k(order + 1)) / 2,
        )
    return Head(
        lambda a: (-abs(a)).exp() * a.bessel_i(order),
        lambda a, y: (
            (-abs(a)).exp() * (a.bessel_i(order - 1) + a.bessel_i(order + 1)) / 2 - (y if a.mid() >= 0 else -y)
        ),
    )


def _trigamma(a: arb) -> arb:
    if a.mid() > 0:
        return arb(2).zeta(a)
    turned = arb.pi() / a.sin_pi()
    return turned * turned - arb(2).zeta(1 - a)


SMOOTH = MappingProxyType(
    {
        **HEADS,
        "expit": Head(_expit, lambda a, y: y * _expit(-a)),
        "logit": Head(lambda a: (a / (1 - a)).log(), lambda a, y: 1 / (a * (1 - a))),
        "log_expit": Head(_log_expit, lambda a, y: _expit(-a)),
        "ndtr": Head(_ndtr, lambda a, y: _density(a)),
        "log_ndtr": Head(lambda a: _ndtr(a).log(), lambda a, y: _density(a) / _ndtr(a)),
        "erfinv": Head(lambda a: a.erfinv(), lambda a, y: (y * y).exp() * arb.pi().sqrt() / 2),
        "erfcinv": Head(lambda a: a.erfcinv(), lambda a, y: -(y * y).exp() * arb.pi().sqrt() / 2),
        "ndtri": Head(
            lambda a: -arb(2).sqrt() * (2 * a).erfcinv(), lambda a, y: (y * y / 2).exp() * (2 * arb.pi()).sqrt()
        ),
        "gammaln": HEADS["lgamma"],
        "loggamma": HEADS["lgamma"],
        "gamma": Head(lambda a: a.gamma(), lambda a, y: y * a.digamma()),
        "rgamma": Head(lambda a: a.rgamma(), lambda a, y: -y * a.digamma()),
        "psi": Head(lambda a: a.digamma(), lambda a, y: _trigamma(a)),
        "entr": Head(_entr, lambda a, y: -a.log() - 1),
        "sinc": Head(_sinc, _sinc_slope),
        "exprel": Head(_exprel, _exprel_slope),
        "i0": Head(lambda a: a.bessel_i(0), lambda a, y: a.bessel_i(1)),
        "i1": Head(lambda a: a.bessel_i(1), lambda a, y: (a.bessel_i(0) + a.bessel_i(2)) / 2),
        "i0e": _scaled(0, "i"),
        "i1e": _scaled(1, "i"),
        "j0": Head(lambda a: a.bessel_j(0), lambda a, y: -a.bessel_j(1)),
        "j1": Head(lambda a: a.bessel_j(1), lambda a, y: (a.bessel_j(0) - a.bessel_j(2)) / 2),
        "y0": Head(lambda a: a.bessel_y(0), lambda a, y: -a.bessel_y(1)),
        "y1": Head(lambda a: a.bessel_y(1), lambda a, y: (a.bessel_y(0) - a.bessel_y(2)) / 2),
        "k0": Head(lambda a: a.bessel_k(0), lambda a, y: -a.bessel_k(1)),
        "k1": Head(lambda a: a.bessel_k(1), lambda a, y: -(a.bessel_k(0) + a.bessel_k(2)) / 2),
        "k0e": _scaled(0, "k"),
        "k1e": _scaled(1, "k"),
        "lambertw": Head(lambda a: a.lambertw(), lambda a, y: 1 / (y.exp() * (1 + y))),
        "cosm1": Head(lambda a: -2 * (a / 2).sin() ** 2, lambda a, y: -a.sin()),
        "exp10": Head(lambda a: arb(10) ** a, lambda a, y: y * arb(10).log()),
        "sindg": Head(lambda a: (a / 180).sin_pi(), lambda a, y: (a / 180).cos_pi() * arb.pi() / 180),
        "cosdg": Head(lambda a: (a / 180).cos_pi(), lambda a, y: -(a / 180).sin_pi() * arb.pi() / 180),
    }
)

"""erf."""

from __future__ import annotations

from gradproof.kernels.vector.helper import Helper

_ERF = '''\
@scalar
def erf(x):
    """erf(x), within {ulps} ulp: x + x*ERF_NEAR(x**2) for |x| < 1, else 1 - exp(-ERF_FAR(|x|)) with the sign of x."""
{as_real}    y = abs(x)
    near = x + x*polynomial(x*x, ERF_NEAR)
    z = real({erf_high}) if y > real({erf_high}) else y
    n, r = split_exponent(-polynomial(z, ERF_FAR))
    power = from_bits((n + {bias}) << {fraction})
    far = real(1.0) - (power + power*(r + r*r*polynomial(r, EXP)))
    return near if y < 1 else copysign(far, x)
'''

HELPERS = (
    Helper(
        "erf", ("split_exponent", "from_bits", "polynomial", "copysign", "EXP", "ERF_NEAR", "ERF_FAR"), _ERF, (1.5, 1.5)
    ),
)

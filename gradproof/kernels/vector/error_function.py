"""erf, and erfc, which keeps its digits where erf comes near 1."""

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
_ERFC = '''\
@scalar
def erfc(x):
    """1 - erf(x), within {ulps} ulp: exp(-y**2)*ERFC(q)/(y + k), y = |x|, q = (y - k)/(y + k), k = {erfc_middle}."""
{as_real}    y = real({erfc_high}) if abs(x) > real({erfc_high}) else abs(x)
    t = real(1.0)/(y + real({erfc_middle}))
    y_square = y*y
    n, r = split_exponent(-y_square)
    r -= fma(y, y, -y_square)  # what rounding took from the square
    scale = t*polynomial((y - real({erfc_middle}))*t, ERFC)
    above = times_power_of_2(scale + scale*(r + r*r*polynomial(r, EXP)), n)
    return real(2.0) - above if x < 0 else above
'''

HELPERS = (
    Helper(
        "erf", ("split_exponent", "from_bits", "polynomial", "copysign", "EXP", "ERF_NEAR", "ERF_FAR"), _ERF, (1.5, 1.5)
    ),
    Helper("erfc", ("split_exponent", "times_power_of_2", "fma", "polynomial", "EXP", "ERFC"), _ERFC, (4.0, 4.5)),
)

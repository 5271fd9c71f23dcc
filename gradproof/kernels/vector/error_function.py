"""erf; erfc, which keeps its digits where erf comes near 1; and both parts of the normal distribution.

A loop with `normal` and `bell` of the same number has their exponential once: it is the same operations.
"""

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
_SPLIT_HALF_SQUARE = '''\
@scalar
def split_half_square(x):
    """n, a whole number, and r with -x**2/2 = n*log(2) + r, |r| <= log(2)/2, for |x| to {bell_high}."""
    square = x*x
    n, r = split_exponent(real(-0.5)*square)
    return n, r - real(0.5)*fma(x, x, -square)  # less what rounding took from the square
'''
_BELL = '''\
@scalar
def bell(x):
    """exp(-x**2/2), within {ulps} ulp."""
{as_real}    y = real({bell_high}) if abs(x) > real({bell_high}) else abs(x)
    n, r = split_half_square(y)
    return times_power_of_2(real(1.0) + (r + r*r*polynomial(r, EXP)), n)
'''
_NORMAL = '''\
@scalar
def normal(x):
    """(1 + erf(x/sqrt(2)))/2, within {ulps} ulp: below 0 it is erfc(s)/2 with s = |x|/sqrt(2); see `erfc`, `bell`."""
{as_real}    y = real({bell_high}) if abs(x) > real({bell_high}) else abs(x)
    s = real(0.7071067811865476)*y
    half = real(0.5)/(s + real({erfc_middle}))
    n, r = split_half_square(y)
    scale = half*polynomial((s - real({erfc_middle}))*(half + half), ERFC)
    below = times_power_of_2(scale + scale*(r + r*r*polynomial(r, EXP)), n)
    return real(1.0) - below if x > 0 else below
'''

HELPERS = (
    Helper(
        "erf", ("split_exponent", "from_bits", "polynomial", "copysign", "EXP", "ERF_NEAR", "ERF_FAR"), _ERF, (1.5, 1.5)
    ),
    Helper("erfc", ("split_exponent", "times_power_of_2", "fma", "polynomial", "EXP", "ERFC"), _ERFC, (4.0, 4.5)),
    Helper("split_half_square", ("split_exponent", "fma"), _SPLIT_HALF_SQUARE),
    Helper("bell", ("split_half_square", "times_power_of_2", "polynomial", "EXP"), _BELL, (1.5, 1.5)),
    Helper("normal", ("split_half_square", "times_power_of_2", "polynomial", "EXP", "ERFC"), _NORMAL, (4.5, 4.5)),
)

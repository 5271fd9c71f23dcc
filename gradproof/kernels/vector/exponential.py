"""exp and what is made of it: expm1, sigmoid, tanh, softplus."""

from __future__ import annotations

from gradproof.kernels.vector.helper import Helper

_PARTS = '''\
@scalar
def split_exponent(x):
    """n, a whole number, and r with x = n*log(2) + r, |r| <= log(2)/2, for x from {exp_low} to {exp_high}."""
    shifted = x*PER_LOG2 + TO_WHOLE
    n = shifted - TO_WHOLE
    return integer(to_bits(shifted) - to_bits(TO_WHOLE)), (x - n*LOG2_HIGH) - n*LOG2_LOW
'''
_EXP = '''\
@scalar
def exp(x):
    """e**x, within {ulps} ulp: with x = n*log(2) + r, it is 2**n*(1 + r + r**2*EXP(r))."""
{as_real}    x = real({exp_high}) if x > real({exp_high}) else x
    x = real({exp_low}) if x < real({exp_low}) else x
    n, r = split_exponent(x)
    return times_power_of_2(real(1.0) + (r + r*r*polynomial(r, EXP)), n)
'''
_EXPM1 = '''\
@scalar
def expm1(x):
    """e**x - 1, within {ulps} ulp: with x = n*log(2) + r, it is 2**n*(r + r**2*EXPM1(r)) + (2**n - 1)."""
{as_real}    y = real({exp_high}) if x > real({exp_high}) else x
    y = real({expm1_low}) if y < real({expm1_low}) else y
    n, r = split_exponent(y)
    half = from_bits((n + {bias_1}) << {fraction})
    y = (r + r*r*polynomial(r, EXPM1))*half + (half - real(0.5))
    return x if abs(x) < real({small}) else y + y
'''
_SIGMOID = '''\
@scalar
def sigmoid(x):
    """1/(1 + e**-x), within {ulps} ulp: e**x/(1 + e**x) below 0."""
{as_real}    e = exp(-abs(x))
    below = real(1.0) + e
    lost = (real(1.0) - below) + e  # what rounding took from the sum
    y = (e if x < 0 else real(1.0))/below
    return y - y*lost
'''
_TANH = '''\
@scalar
def tanh(x):
    """tanh(x), within {ulps} ulp: x + x**3*TANH(x**2) for |x| < 0.55, else 1 - 2*e/(1 + e) with e = e**(-2*|x|)."""
{as_real}    y = abs(x)
    square = y*y
    near = y + y*square*polynomial(square, TANH)
    z = real({tanh_high}) if y > real({tanh_high}) else y  # from there on it is 1
    n, r = split_exponent(real(-2.0)*z)
    power = from_bits((n + {bias}) << {fraction})
    e = power + power*(r + r*r*polynomial(r, EXP))
    return copysign(near if y < real(0.55) else real(1.0) - (e + e)/(real(1.0) + e), x)
'''
_SOFTPLUS = '''\
@scalar
def softplus(x):
    """log(1 + e**x), within {ulps} ulp, as max(x, 0) + log(1 + e**-|x|): no overflow. See `log_near`."""
{as_real}    e = exp(-abs(x))
    high = e > real(0.41421356)  # 1 + e is more than the root of 2, and at most 2
    f = real(0.5)*e - real(0.5) if high else e
    return maximum(x, real(0.0)) + log_near(real(1.0) if high else real(0.0), f)
'''

HELPERS = (
    Helper("split_exponent", ("integer", "to_bits", "PER_LOG2", "LOG2_HIGH", "LOG2_LOW", "TO_WHOLE"), _PARTS),
    Helper("exp", ("split_exponent", "times_power_of_2", "polynomial", "EXP"), _EXP, (1.0, 1.0)),
    Helper("expm1", ("split_exponent", "from_bits", "polynomial", "EXPM1"), _EXPM1, (1.5, 1.75)),
    Helper("sigmoid", ("exp",), _SIGMOID, (2.0, 2.0)),
    Helper("tanh", ("split_exponent", "from_bits", "polynomial", "copysign", "EXP", "TANH"), _TANH, (1.5, 1.5)),
    Helper("softplus", ("exp", "log_near", "maximum"), _SOFTPLUS, (2.0, 2.0)),
)

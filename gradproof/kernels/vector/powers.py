"""x**y: for float32 by way of float64, for float64 with the logarithm as a pair of numbers."""

from __future__ import annotations

from gradproof.kernels.vector.helper import Helper

_SPLIT = '''\
@scalar
def split_power(x):
    """e and f with x = 2**e*(1 + f), 1 + f from the root of 1/2 to that of 2, for x above 0."""
    tiny = x < real({least})
    y = x*real({up}) if tiny else x
    shifted = integer(to_bits(y) - ROOT_BITS)
    f = from_bits((shifted & {mask}) + ROOT_BITS) - real(1.0)
    return real(shifted >> {fraction}) - (real({up_by}) if tiny else real(0.0)), f
'''
_OF_POSITIVE = '''\
@scalar
def power_of_positive(x, y):
    """x**y for x above 0, in float64: with x = 2**e*(1 + f) and s = f/(2 + f), log(x) = e*log(2) + 2*s + s**3*LOG."""
    e, f = split_power(x)
    wide = np.float64(f)
    s = wide/(2.0 + wide)
    z = s*s
    t = y*(e*LOG2 + (2.0*s + s*z*polynomial(z, POWER_LOG)))
    t = {exp_high} if t > {exp_high} else t
    t = {exp_low} if t < {exp_low} else t
    n = rint(t/LOG2)
    r = t - n*LOG2
    p = 1.0 + (r + r*r*polynomial(r, POWER_EXP))
    return times_power_of_2(real(p), integer(to_bits(real(n) + TO_WHOLE) - to_bits(TO_WHOLE)))
'''
_LOG_PAIR = '''\
@exact
def log_pair(x):
    """log(x) as a sum of two numbers, to 2**-64, for x above 0.

    With x = 2**e*(1 + f), s = f/(2 + f) and z = s**2, it is e*log(2) + 2*s + s*z*(2/3 + z*POWER_LOG(z)).
    """
    e, f = split_power(x)
    below, below_low = two_sum(2.0, f)
    s = f/below
    s_low = (fma(-s, below, f) - s*below_low)/below
    z, z_low = two_product(s, s)
    z_low += 2.0*s*s_low
    c, c_low = two_sum(TWO_THIRDS, z*polynomial(z, POWER_LOG))
    c_low += TWO_THIRDS_LOW
    v, v_low = two_product(z, c)
    v_low += z*c_low + z_low*c
    w, w_low = two_product(s, v)
    w_low += s*v_low + s_low*v
    t, t_low = two_sum(2.0*s, w)
    u, u_low = two_sum(e*LOG2_HIGH, t)
    return two_sum(u, u_low + (e*LOG2_LOW + (t_low + (2.0*s_low + w_low))))
'''
_OF_POSITIVE_64 = '''\
@exact
def power_of_positive(x, y):
    """x**y for x above 0: e**(t + t_low) with t + t_low = y*log(x), both as sums of two numbers."""
    a, a_low = log_pair(x)
    t, t_low = two_product(y, a)
    t_low += y*a_low
    t_low = t_low if abs(t) < {power_high} else 0.0
    t = {exp_high} if t > {exp_high} else t
    t = {exp_low} if t < {exp_low} else t
    n = rint(t*PER_LOG2)
    r = (t - n*LOG2_HIGH) + (t_low - n*LOG2_LOW)
    p = 1.0 + fma(r*r, polynomial(r, EXP), r)
    return times_power_of_2(p, integer(to_bits(n + TO_WHOLE) - to_bits(TO_WHOLE)))
'''
_POWER = '''\
@scalar
def power(x, y):
    """x**y, within {ulps} ulp; nan for x below 0 unless y is whole. 1**y and x**0 are 1, whatever the other is."""
{as_reals}    a = abs(x)
    large = a if y > 0 else real(1.0)/a  # what it comes to where x is 0 or inf
    far = a if a == 1 else (real(np.inf) if (a > 1) == (y > 0) else real(0.0))  # where y is inf
    z = large if a == 0 or a == real(np.inf) else power_of_positive(a, y)
    z = far if abs(y) == real(np.inf) else z
    half = real(0.5)*y
    z = -z if rint(y) == y and rint(half) != half and copysign(real(1.0), x) < 0 else z
    z = real(np.nan) if x < 0 and a < real(np.inf) and rint(y) != y else z
    z = real(np.nan) if x != x or y != y else z
    return real(1.0) if x == 1 or y == 0 else z
'''

_FOR_64 = (
    "exact", "log_pair", "two_product", "PER_LOG2", "LOG2_HIGH", "LOG2_LOW", "EXP", "fma",
)  # fmt: skip
_FOR_PAIR = (
    "exact", "split_power", "two_sum", "two_product", "fma", "polynomial", "POWER_LOG", "TWO_THIRDS", "TWO_THIRDS_LOW",
    "LOG2_HIGH", "LOG2_LOW",
)  # fmt: skip
HELPERS = (
    Helper("split_power", ("integer", "to_bits", "from_bits", "ROOT_BITS"), _SPLIT),
    Helper("log_pair", _FOR_PAIR, _LOG_PAIR),
    Helper(
        "power_of_positive",
        ("integer", "to_bits", "rint", "polynomial", "times_power_of_2", "TO_WHOLE"),
        _OF_POSITIVE,
        text64=_OF_POSITIVE_64,
        needs32=("split_power", "POWER_LOG", "POWER_EXP", "LOG2"),
        needs64=_FOR_64,
    ),
    Helper("power", ("power_of_positive", "rint", "copysign"), _POWER, (1.0, 1.25)),
)

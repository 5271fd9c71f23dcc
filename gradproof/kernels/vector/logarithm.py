"""log and log1p."""

from __future__ import annotations

from gradproof.kernels.vector.helper import Helper

_LOG_NEAR = '''\
@scalar
def log_near(e, f):
    """e*log(2) + log(1 + f), where 1 + f is from the root of 1/2 to that of 2: f - f**2/2 + f**3*LOG(f)."""
    square = f*f
    tail = (polynomial(f, LOG)*f*square + e*LOG2_LOW) - real(0.5)*square
    return e*LOG2_HIGH + (f + tail)
'''
_LOG_NEAR_64 = '''\
@scalar
def log_near(e, f):
    """e*log(2) + log(1 + f), where 1 + f is from the root of 1/2 to that of 2.

    With s = f/(2 + f) and z = s**2, log(1 + f) = log(1 + s) - log(1 - s) = s*(2 + z*LOG(z)), and 2*s = f - s*f.
    """
    s = f/(real(2.0) + f)
    z = s*s
    half = real(0.5)*f*f
    tail = half - (s*(half + z*polynomial(z, LOG)) + e*LOG2_LOW)
    return e*LOG2_HIGH - (tail - f)
'''
_LOG = '''\
@scalar
def log(x):
    """log(x), within {ulps} ulp; -inf at 0 and nan below. With x = 2**e*(1 + f), see `log_near`."""
{as_real}    tiny = x < real({least})
    y = x*real({up}) if tiny else x
    shifted = integer(to_bits(y) - ROOT_BITS)
    f = from_bits((shifted & {mask}) + ROOT_BITS) - real(1.0)
    y = log_near(real(shifted >> {fraction}) - (real({up_by}) if tiny else real(0.0)), f)
    y = x if x == real(np.inf) else y
    return y if x > 0 else (real(-np.inf) if x == 0 else real(np.nan))
'''
_LOG1P = '''\
@scalar
def log1p(x):
    """log(1 + x), within {ulps} ulp; -inf at -1 and nan below. With 1 + x = 2**e*(1 + f), see `log_near`."""
{as_real}    e = integer(to_bits(real(1.0) + x) - ROOT_BITS) >> {fraction}
    power = from_bits(({bias_2} - e) << {fraction})  # 4/2**e
    quarter = real(0.25)
    y = log_near(real(e), x*quarter*power + (quarter*power - real(1.0)))
    y = x if abs(x) < real({small}) or x == real(np.inf) else y
    return y if x > -1 else (real(-np.inf) if x == -1 else real(np.nan))
'''

HELPERS = (
    Helper("log_near", ("polynomial", "LOG", "LOG2_HIGH", "LOG2_LOW"), _LOG_NEAR, None, _LOG_NEAR_64),
    Helper("log", ("integer", "to_bits", "from_bits", "log_near", "ROOT_BITS"), _LOG, (1.0, 1.0)),
    Helper("log1p", ("integer", "to_bits", "from_bits", "log_near", "ROOT_BITS"), _LOG1P, (1.5, 1.5)),
)

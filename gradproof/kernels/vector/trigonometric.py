"""sin and cos of any number: what whole quarter turns leave is made from as many digits of 2/pi as the type needs.

A table gives each exponent its digits. Reading it halves the speed for small arguments, but a branch around it would
keep the compiler from vectorising at all, and without it large arguments would come out wrong.
"""

from __future__ import annotations

from gradproof.kernels.vector.helper import Helper

_DIGITS = '''\
def digits_of_turns(start, count):
    """Return the `count` binary digits of 2/pi after the first `start`, in their place, times 2**{turn_scale}."""
    return ((TWO_PER_PI >> ({turn_digits} - start - count)) & (2**count - 1))*2.0**({turn_scale} - start - count)
'''
_TURNS = """\
# For each exponent of x: the digits of 2/pi that do not give whole turns, in parts of 29 and 53.
TURNS = [(digits_of_turns(s, 29), digits_of_turns(s + 29, 53)) for s in (max(e - 152, 0) for e in range(256))]
TURNS = np.array(TURNS)
"""
_TURNS_64 = """\
# For each exponent of x: the digits of 2/pi that do not give whole turns, in four parts of 53.
TURNS = [[digits_of_turns(max(e - 1077, 0) + k, 53) for k in (0, 53, 106, 159)] for e in range(2047)]
TURNS = np.array([*TURNS, [np.nan]*4])
"""
_QUARTERS = '''\
@scalar
def quarter_turns(x):
    """n modulo 4, and r and a small s with x = n*pi/2 + r + s, |r| <= pi/4: for any x, by digits of 2/pi."""
    e = to_bits(x) >> 23 & 255
    wide = np.float64(x)
    a, b = wide*TURNS[e, 0], wide*TURNS[e, 1]  # a is exact
    n = rint(a + b)
    rest = ((a - n) + b)*HALF_PI
    r = real(rest)
    return to_bits(real(n - 4.0*rint(0.25*n)) + TO_WHOLE), r, real(rest - r)
'''
_TWO_PRODUCT = '''\
@exact
def two_product(x, y):
    """x*y, rounded, and what rounding took."""
    product = x*y
    return product, fma(x, y, -product)
'''
_TWO_SUM = '''\
@exact
def two_sum(x, y):
    """x + y, rounded, and what rounding took."""
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)
'''
_QUARTERS_64 = '''\
@exact
def quarter_turns(x):
    """n modulo 4, and r and a small s with x = n*pi/2 + r + s, |r| <= pi/4: for any x, by digits of 2/pi."""
    e = to_bits(x) >> 52 & 2047
    y = x*2.0**-{turn_scale}
    a, b = two_product(y, TURNS[e, 0])
    c, d = two_product(y, TURNS[e, 1])
    g, h = two_product(y, TURNS[e, 2])
    a -= 4.0*rint(0.25*a)
    n = rint((a + b) + c)
    # The exact sum of all parts, the rounding of the larger ones kept.
    t, first = two_sum(a - n, b)
    t, second = two_sum(t, c)
    t, third = two_sum(t, d)
    t, fourth = two_sum(t, g)
    t, first = two_sum(t, first)
    rest = first + (second + (third + (fourth + (h + y*TURNS[e, 3]))))
    t, rest = two_sum(t, rest)
    r, s = two_product(t, HALF_PI)
    return to_bits(n + TO_WHOLE), r, s + (t*HALF_PI_LOW + rest*HALF_PI)
'''
_TURNED = '''\
@scalar
def turned(n, r, s):
    """sin(n*pi/2 + r + s): with z = r**2, r + r**3*SIN(z) or 1 - z/2 + z**2*COS(z), or minus that."""
    z = r*r
    half = real(0.5)*z
    above = real(1.0) - half
    sine = r + (s*above + r*z*polynomial(z, SIN))
    cosine = above + (((real(1.0) - above) - half) + (z*z*polynomial(z, COS) - r*s))
    y = cosine if n & 1 else sine
    return -y if n & 2 else y
'''
_SIN = '''\
@scalar
def sin(x):
    """sin(x), within {ulps} ulp for any x; nan for inf."""
{as_real}    n, r, s = quarter_turns(x)
    y = turned(n, r, s)
    return x if abs(x) < real({small_turn}) else y
'''
_COS = '''\
@scalar
def cos(x):
    """cos(x), within {ulps} ulp for any x; nan for inf."""
{as_real}    n, r, s = quarter_turns(x)
    return turned(n + 1, r, s)
'''

_FOR_64 = ("two_product", "two_sum", "HALF_PI_LOW")
HELPERS = (
    Helper("digits_of_turns", ("TWO_PER_PI",), _DIGITS),
    Helper("TURNS", ("digits_of_turns",), _TURNS, text64=_TURNS_64),
    Helper("two_product", ("exact", "fma"), _TWO_PRODUCT),
    Helper("two_sum", ("exact",), _TWO_SUM),
    Helper(
        "quarter_turns",
        ("to_bits", "rint", "TURNS", "TO_WHOLE", "HALF_PI"),
        _QUARTERS,
        text64=_QUARTERS_64,
        needs64=_FOR_64,
    ),
    Helper("turned", ("polynomial", "SIN", "COS"), _TURNED),
    Helper("sin", ("quarter_turns", "turned"), _SIN, (1.0, 1.0)),
    Helper("cos", ("quarter_turns", "turned"), _COS, (1.0, 1.0)),
)

"""What the polynomials approximate, where, and in which weight: the only source of their coefficients."""

from __future__ import annotations

from dataclasses import dataclass

from gradproof.kernels.vector.remez import Function, Real

#: Beyond these, erfc(x) is below half the least number of the type.
ERFC_HIGH = {"float32": 10.25, "float64": 27.375}
#: Here the variable of erfc's polynomial is 0. The lower it is, the less is lost near 0, and the more terms it takes.
ERFC_MIDDLE = {"float32": 1.5, "float64": 2.0}


@dataclass(frozen=True, slots=True)
class Target:
    """A function that a polynomial stands for.

    Attributes:
        name: the constant that holds the coefficients.
        dtype: "float32" or "float64".
        text: the function, for the comment beside the coefficients.
        function: the function, in mpmath.
        scale: what the error is measured against, for the comment.
        weight: turns the polynomial's error into that of the result, relative to it.
        low: left end of the interval.
        high: right end.
        degree: of the polynomial.
    """

    name: str
    dtype: str
    text: str
    function: Function
    scale: str
    weight: Function
    low: Real
    high: Real
    degree: int


def targets() -> tuple[Target, ...]:
    """Return the table, in the order in which the constants are written."""
    return (*_exponentials(), *_hyperbolic(), *_logarithms(), *_error_functions(), *_trigonometric(), *_powers())


def _exponentials() -> tuple[Target, ...]:
    from mpmath import mp

    def f(r: Real) -> Real:
        return (mp.expm1(r) - r) / r**2

    # x/log(2) is rounded before the nearest whole number is taken: |r| may pass log(2)/2 by a little.
    h = mp.log(2) / 2 * (1 + mp.mpf(2) ** -12)
    text = "(e**r - 1 - r)/r**2"
    exp, expm1 = (lambda r: r**2 * mp.exp(-r)), (lambda r: r**2 / mp.expm1(r))
    return (
        Target("EXP", "float32", text, f, "e**r", exp, -h, h, 4),
        Target("EXP", "float64", text, f, "e**r", exp, -h, h, 9),
        Target("EXPM1", "float32", text, f, "e**r - 1", expm1, -h, h, 5),
        Target("EXPM1", "float64", text, f, "e**r - 1", expm1, -h, h, 10),
    )


def _hyperbolic() -> tuple[Target, ...]:
    from mpmath import mp

    def f(z: Real) -> Real:
        return (mp.tanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z

    def weight(z: Real) -> Real:
        return z * mp.sqrt(z) / mp.tanh(mp.sqrt(z))

    text, low, high = "(tanh(x)/x - 1)/z with z = x**2", mp.mpf(2) ** -80, mp.mpf("0.55") ** 2
    return (
        Target("TANH", "float32", text, f, "tanh(x)", weight, low, high, 4),
        Target("TANH", "float64", text, f, "tanh(x)", weight, low, high, 10),
    )


def _logarithms() -> tuple[Target, ...]:
    from mpmath import mp

    def cubic(f: Real) -> Real:
        return (mp.log1p(f) - f + f**2 / 2) / f**3

    def odd(z: Real) -> Real:
        s = mp.sqrt(z)
        return (2 * mp.atanh(s) / s - 2) / z

    root = mp.sqrt(2)
    most = ((root - 1) / (root + 1)) ** 2
    text, odd_text = "(log(1 + f) - f + f**2/2)/f**3", "((log(1 + s) - log(1 - s))/s - 2)/z with z = s**2"
    return (
        Target("LOG", "float32", text, cubic, "log(1 + f)", lambda f: f**3 / mp.log1p(f), 1 / root - 1, root - 1, 8),
        Target("LOG", "float64", odd_text, odd, "2*s", lambda z: z / 2, mp.mpf(2) ** -80, most, 6),
    )


def _error_functions() -> tuple[Target, ...]:
    from mpmath import mp

    def near(z: Real) -> Real:
        return mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1

    def far(x: Real) -> Real:
        return -mp.log(mp.erfc(x))

    def near_weight(z: Real) -> Real:
        return mp.sqrt(z) / mp.erf(mp.sqrt(z))

    def far_weight(x: Real) -> Real:
        return mp.erfc(x) / mp.erf(x)

    def complement(dtype: str, degree: int) -> Target:
        k, high = mp.mpf(ERFC_MIDDLE[dtype]), mp.mpf(ERFC_HIGH[dtype])

        def scaled(q: Real) -> Real:
            x = k * (1 + q) / (1 - q)
            return mp.erfc(x) * mp.exp(x**2) * (x + k)

        middle = f"{ERFC_MIDDLE[dtype]:g}"
        what = f"erfc(x)*e**(x**2)*(x + {middle}) with q = (x - {middle})/(x + {middle})"
        low, end = mp.mpf(2) ** -60 - 1, (high - k) / (high + k)
        return Target("ERFC", dtype, what, scaled, "erfc(x)", lambda q: 1 / scaled(q), low, end, degree)

    text, far_text = "erf(x)/x - 1 with z = x**2", "-log(1 - erf(x))"
    zero, switch = mp.mpf(2) ** -80, mp.mpf(1)
    return (
        Target("ERF_NEAR", "float32", text, near, "erf(x)", near_weight, zero, switch**2, 6),
        Target("ERF_NEAR", "float64", text, near, "erf(x)", near_weight, zero, switch**2, 12),
        Target("ERF_FAR", "float32", far_text, far, "erf(x)", far_weight, switch, mp.mpf(4), 7),
        Target("ERF_FAR", "float64", far_text, far, "erf(x)", far_weight, switch, mp.mpf(6), 18),
        complement("float32", 10),
        complement("float64", 24),
    )


def _trigonometric() -> tuple[Target, ...]:
    from mpmath import mp

    def sine(z: Real) -> Real:
        return (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z

    def cosine(z: Real) -> Real:
        return (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2

    def sine_weight(z: Real) -> Real:
        return z * mp.sqrt(z) / mp.sin(mp.sqrt(z))

    def cosine_weight(z: Real) -> Real:
        return z**2 / mp.cos(mp.sqrt(z))

    # The number of quarter turns is rounded to whole from a rounded product: |r| may pass pi/4 by a little.
    low, high = mp.mpf(2) ** -40, (mp.pi / 4) ** 2 * (1 + mp.mpf(2) ** -12)
    text, cosine_text = "(sin(r)/r - 1)/z with z = r**2", "(cos(r) - 1 + z/2)/z**2 with z = r**2"
    return (
        Target("SIN", "float32", text, sine, "sin(r)", sine_weight, low, high, 3),
        Target("SIN", "float64", text, sine, "sin(r)", sine_weight, low, high, 6),
        Target("COS", "float32", cosine_text, cosine, "cos(r)", cosine_weight, low, high, 2),
        Target("COS", "float64", cosine_text, cosine, "cos(r)", cosine_weight, low, high, 5),
    )


def _powers() -> tuple[Target, ...]:
    """Powers of float32 are made in float64; those of float64 in pairs of numbers, the first term kept apart."""
    from mpmath import mp

    def odd(z: Real) -> Real:
        return (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z

    def later(z: Real) -> Real:
        return (odd(z) - mp.mpf(2) / 3) / z

    def exp(r: Real) -> Real:
        return (mp.expm1(r) - r) / r**2

    root = mp.sqrt(2)
    low, high, h = mp.mpf(2) ** -40, ((root - 1) / (root + 1)) ** 2, mp.log(2) / 2 * (1 + mp.mpf(2) ** -12)
    text = "((log(1 + s) - log(1 - s))/s - 2)/z"
    return (
        Target("POWER_LOG", "float32", f"{text} with z = s**2", odd, "2*s", lambda z: z / 2, low, high, 3),
        Target(
            "POWER_LOG", "float64", f"({text} - 2/3)/z with z = s**2", later, "2*s", lambda z: z**2 / 2, low, high, 6
        ),
        Target("POWER_EXP", "float32", "(e**r - 1 - r)/r**2", exp, "e**r", lambda r: r**2 * mp.exp(-r), -h, h, 5),
    )


#: Polynomials for float32 whose coefficients are in float64.
WIDE = ("POWER_LOG", "POWER_EXP")


def numbers(digits: int) -> dict[str, float]:
    """Return the single constants for a type of that many binary digits.

    log(2) comes in two parts: products of the first with the exponents that occur are exact. pi/2 and 2/3 are numbers
    of float64, with the rest.
    """
    from mpmath import mp

    exponent_bits = {24: 8, 53: 11}[digits]
    with mp.workprec(300):
        log2, quarter = mp.log(2), mp.pi / 2
        high = _round(log2, digits - exponent_bits - 1)
        turn = _round(quarter, 53)
        return {
            "PER_LOG2": _round(1 / log2, digits),
            "LOG2_HIGH": high,
            "LOG2_LOW": _round(log2 - high, digits),
            "LOG2": _round(log2, 53),
            "TWO_THIRDS": 2 / 3,
            "TWO_THIRDS_LOW": _round(mp.mpf(2) / 3 - 2 / 3, 53),
            "HALF_PI": turn,
            "HALF_PI_LOW": _round(quarter - turn, 53),
        }


def digits_of_two_per_pi(count: int) -> int:
    """Return 2/pi*2**count, rounded down: its first binary digits after the point."""
    from mpmath import mp

    with mp.workprec(count + 64):
        return int(mp.floor(mp.ldexp(2 / mp.pi, count)))


def _round(value: Real, digits: int) -> float:
    from mpmath import mp

    with mp.workprec(digits):
        return float(+value)

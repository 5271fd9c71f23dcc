"""Functions of a few operations."""

from __future__ import annotations

from gradproof.kernels.vector.helper import Helper

_RSQRT = '''\
@scalar
def rsqrt(x):
    """1/sqrt(x), within {ulps} ulp."""
    return real(1.0)/sqrt(x)
'''
_RELU = '''\
@scalar
def relu(x):
    """max(0, x)."""
    return maximum(x, real(0.0))
'''
_LESS = '''\
@scalar
def less(x, y):
    """x - y; where sums may be reordered, those of such differences are not."""
    return x - y
'''
_SIGN = '''\
@scalar
def sign(x):
    """1, 0 or -1; nan for nan."""
    return real(1.0) if x > 0 else (real(-1.0) if x < 0 else x)
'''
_CLIP = '''\
@scalar
def clip(x, low, high):
    """x, but low where it is less and high where it is more; high where low > high."""
    return minimum(maximum(x, low), high)
'''
_SQUARE = '''\
@scalar
def square(x):
    """x*x."""
    return x*x
'''
_CUBE = '''\
@scalar
def cube(x):
    """x*x*x."""
    return x*x*x
'''

HELPERS = (
    Helper("rsqrt", ("sqrt",), _RSQRT, (1.5, 1.5)),
    Helper("relu", ("maximum",), _RELU, (0, 0)),
    Helper("less", (), _LESS, (0.5, 0.5)),
    Helper("sign", (), _SIGN, (0, 0)),
    Helper("clip", ("maximum", "minimum"), _CLIP, (0, 0)),
    Helper("square", (), _SQUARE, (0.5, 0.5)),
    Helper("cube", (), _CUBE, (1.5, 1.5)),
)

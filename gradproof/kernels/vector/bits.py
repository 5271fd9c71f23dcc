"""Helpers on the level of LLVM: bits of numbers, single instructions, Horner's rule."""

from __future__ import annotations

from gradproof.kernels.vector.helper import Helper

_LLVM = '''\
def llvm(name):
    """Return the code of a call of LLVM's function of that name: one instruction, also on vectors."""

    def code(context, builder, signature, arguments):
        kind = arguments[0].type
        function = builder.module.declare_intrinsic(name, [kind], ir.FunctionType(kind, [kind]*len(arguments)))
        return builder.call(function, arguments)

    return code
'''
_MAXIMUM = '''\
@intrinsic
def maximum(typing, x, y):
    """The larger number; nan where one is nan."""
    kind = typing.unify_types(x, y)
    return kind(kind, kind), llvm("llvm.maximum")
'''
_MINIMUM = '''\
@intrinsic
def minimum(typing, x, y):
    """The smaller number; nan where one is nan."""
    kind = typing.unify_types(x, y)
    return kind(kind, kind), llvm("llvm.minimum")
'''
_COPYSIGN = '''\
@intrinsic
def copysign(typing, x, y):
    """|x| with the sign of y."""
    return x(x, x), llvm("llvm.copysign")
'''
_SQRT = '''\
@intrinsic
def sqrt(typing, x):
    """The root of x, correctly rounded; nan below 0."""
    return x(x), llvm("llvm.sqrt")
'''
_FLOOR = '''\
@intrinsic
def floor(typing, x):
    """The largest whole number that is at most x."""
    return x(x), llvm("llvm.floor")
'''
_RINT = '''\
@intrinsic
def rint(typing, x):
    """The whole number nearest to x."""
    return x(x), llvm("llvm.rint")
'''
_FMA = '''\
@intrinsic
def fma(typing, x, y, z):
    """x*y + z, rounded once."""
    return x(x, x, x), llvm("llvm.fma")
'''
_BITS = '''\
@intrinsic
def to_bits(typing, x):
    """The bits of x as an integer."""
    if x != types.{dtype}:
        raise TypingError(f"the argument is {{x}}, expected {dtype}")
    return types.int{width}(x), lambda context, builder, signature, xs: builder.bitcast(xs[0], ir.IntType({width}))
'''
_NUMBER = '''\
@intrinsic
def from_bits(typing, i):
    """The number whose bits are the lowest {width} of i."""

    def code(context, builder, signature, arguments):
        return builder.bitcast(builder.trunc(arguments[0], ir.IntType({width})), ir.{kind}())

    return types.{dtype}(i), code
'''
_POLYNOMIAL = '''\
@intrinsic
def polynomial(typing, x, coefficients):
    """c[0] + c[1]*x + c[2]*x**2 + ... by Horner's rule; multiply and add are one instruction where there is one.

    Of many terms, those of even and of odd powers are two sums, for neither need wait for the other.
    """

    def code(context, builder, signature, arguments):
        def total(x, terms):
            *others, value = terms
            for term in reversed(others):
                value = builder.fadd(builder.fmul(value, x, flags=["contract"]), term, flags=["contract"])
            return value

        x, c = arguments
        terms = [builder.extract_value(c, k) for k in range(len(c.type))]
        if len(terms) < 16:
            return total(x, terms)
        square = builder.fmul(x, x)
        return total(x, [total(square, terms[::2]), total(square, terms[1::2])])

    if x != coefficients.dtype:
        raise TypingError(f"the argument is {{x}}, expected {{coefficients.dtype}}")
    return x(x, coefficients), code
'''
_SCALE = '''\
@intrinsic
def times_power_of_2(typing, x, n):
    """x*2**n: one instruction on AVX-512; elsewhere two products by powers of 2, for 2**n itself may be no number."""

    def code(context, builder, signature, arguments):
        x, n = arguments
        if "+avx512vl" in context.codegen().magic_tuple()[2] and llvm_version_info >= (18,):
            kind = ir.FunctionType(x.type, [x.type, ir.IntType(32)])
            function = builder.module.declare_intrinsic("llvm.ldexp", [x.type, ir.IntType(32)], kind)
            return builder.call(function, [x, builder.trunc(n, ir.IntType(32))])
        half = builder.ashr(n, n.type(1))
        for m in (half, builder.sub(n, half)):
            power = builder.shl(builder.add(m, m.type({bias})), m.type({fraction}))
            power = builder.trunc(power, ir.IntType({width}))
            x = builder.fmul(x, builder.bitcast(power, x.type))
        return x

    return x(x, n), code
'''
_REALS = '''\
def reals(*values):
    """Return the values in the module's type."""
    return tuple(real(v) for v in values)
'''

_EXACT = """\
exact = njit(error_model="numpy", forceinline=True, no_cfunc_wrapper=True)  # a*b + c stays two operations
"""
_INTEGER = """\
integer = np.int{width}
"""
_TO_WHOLE = """\
TO_WHOLE = real({to_whole})  # its unit is 1: a sum with it holds a number rounded to whole in its lowest bits
"""
_ROOT_BITS = """\
ROOT_BITS = {root_bits}  # the bits of the root of 1/2
"""

HELPERS = (
    Helper("integer", (), _INTEGER),
    Helper("TO_WHOLE", (), _TO_WHOLE),
    Helper("ROOT_BITS", (), _ROOT_BITS),
    Helper("reals", (), _REALS),
    Helper("llvm", (), _LLVM),
    Helper("maximum", ("llvm",), _MAXIMUM, (0, 0)),
    Helper("minimum", ("llvm",), _MINIMUM, (0, 0)),
    Helper("copysign", ("llvm",), _COPYSIGN, (0, 0)),
    Helper("sqrt", ("llvm",), _SQRT, (0.5, 0.5)),
    Helper("floor", ("llvm",), _FLOOR, (0, 0)),
    Helper("rint", ("llvm",), _RINT, (0, 0)),
    Helper("fma", ("llvm",), _FMA),
    Helper("exact", (), _EXACT),
    Helper("to_bits", (), _BITS),
    Helper("from_bits", (), _NUMBER),
    Helper("polynomial", (), _POLYNOMIAL),
    Helper("times_power_of_2", (), _SCALE),
)

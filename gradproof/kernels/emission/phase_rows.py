"""The text of what moves rows of a plane to phases of a step and back, in vectors, under masks at the edges."""

from __future__ import annotations

#: What the text needs at the head of its module.
PHASE_ROWS_IMPORTS = (
    "from llvmlite import ir",
    "from numba.core import cgutils",
    "from numba.core.registry import cpu_target",
    "from numba import types",
    "from numba.extending import intrinsic",
)

# Rows of a plane are short: 16 numbers are one vector. A loop that LLVM makes would spend its time before and after
# the vectors. Here places outside the plane are masked, so that neither padding nor odd lengths are cases.
PHASE_ROWS = '''\
@intrinsic
def phase_rows(typing, x, h, left, step, phases, first, last, given, kept):
    """phases[b, i, j] = x[step*i + h, stride*j + b - left], 0 outside; where `given`, these x = phases[b, i, j].

    Where they are `kept`, x += phases[b, i, j].
    For first <= i < last and all j. There are as many phases b as the stride has: two, or one, also without that axis.
    """

    def code(context, b, signature, arguments):
        x, h, left, step, phases, first, last, given, kept = arguments
        kind, word = signature.args[0], ir.IntType(64)
        number, size = context.get_value_type(kind.dtype), kind.dtype.bitwidth//8
        features = cpu_target.target_context.codegen().magic_tuple()[2].split(",")
        lanes = (64 if "+avx512f" in features else 32 if "+avx" in features else 16)//size
        x, phases = (context.make_array(k)(context, b, v) for k, v in ((kind, x), (signature.args[4], phases)))
        (height, width), (x_step, _) = cgutils.unpack_tuple(b, x.shape), cgutils.unpack_tuple(b, x.strides)
        *count, _, columns = cgutils.unpack_tuple(b, phases.shape)
        *phase_step, row_step, _ = cgutils.unpack_tuple(b, phases.strides)
        vector, bits, words = (ir.VectorType(t, lanes) for t in (number, ir.IntType(1), word))

        def masked(name, result, *given):
            function = ir.FunctionType(result, [v.type for v in given])
            name = f"llvm.masked.{name}.v{lanes}f{8*size}.p0v{lanes}f{8*size}"
            return b.call(cgutils.get_or_insert_function(b.module, function, name), given)

        def load(pointer, mask):
            return masked("load", vector, pointer, ir.IntType(32)(size), mask, vector(None))

        def store(value, pointer, mask):
            masked("store", ir.VoidType(), value, pointer, ir.IntType(32)(size), mask)

        def shuffle(v, w, order):
            return b.shuffle_vector(v, w, ir.VectorType(ir.IntType(32), lanes)(order))

        def inside(start, n):
            """The mask of the places from start on that are less than n and not less than 0."""
            start = b.insert_element(words(ir.Undefined), start, word(0))
            places = b.add(shuffle(start, start, [0]*lanes), words(list(range(lanes))))
            n = b.insert_element(words(ir.Undefined), n, word(0))
            return b.icmp_unsigned("<", places, shuffle(n, n, [0]*lanes))

        def address(data, *steps):
            data = b.ptrtoint(data, word)
            for i, bytes_apart in steps:
                data = b.add(data, b.mul(i, bytes_apart))
            return b.inttoptr(data, vector.as_pointer())

        def ahead(line, place, written):
            """Have what is there in the next plane fetched: a processor's own guesses end with each page."""
            kind, half = ir.IntType(8).as_pointer(), ir.IntType(32)
            function = ir.FunctionType(ir.VoidType(), [kind, half, half, half])
            function = cgutils.get_or_insert_function(b.module, function, "llvm.prefetch.p0")
            there = address(x.data, (b.add(line, height), x_step), (place, word(size)))
            b.call(function, [b.bitcast(there, kind), half(written), half(2), half(1)])

        def move(stride):
            apart = [list(range(k, 2*lanes, 2))[:lanes] for k in range(2)]
            mixed = [[(n + k*lanes)//2 + n % 2*lanes for n in range(lanes)] for k in range(2)]
            end = b.sub(b.mul(columns, word(stride)), left)
            end = b.select(b.icmp_signed("<", end, width), end, width)
            end = b.select(b.icmp_signed("<", end, word(0)), word(0), end)
            stays = shuffle(*[b.insert_element(bits(ir.Undefined), kept, word(0))]*2, [0]*lanes)
            with cgutils.for_range_slice(b, word(0), columns, word(lanes)) as (j, _):
                places = [b.sub(b.add(b.mul(j, word(stride)), word(k*lanes)), left) for k in range(stride)]
                theirs, own = [inside(place, end) for place in places], inside(j, columns)
                with cgutils.for_range_slice(b, first, last, word(1)) as (i, _):
                    h_here = b.add(b.mul(i, step), h)
                    there = [address(x.data, (h_here, x_step), (place, word(size))) for place in places]
                    here = [(word(k), phase_step[0]) if phase_step else (word(0), word(0)) for k in range(stride)]
                    here = [address(phases.data, at, (i, row_step), (j, word(size))) for at in here]
                    with b.if_else(given) as (give, take):
                        with give:
                            for place in places:
                                ahead(h_here, place, 1)
                            v = [load(p, own) for p in here]
                            v = [shuffle(*v, order) for order in mixed] if stride == 2 else v
                            for p, m, value in zip(there, theirs, v):
                                store(b.fadd(load(p, b.and_(m, stays)), value), p, m)
                        with take:
                            for place in places:
                                ahead(h_here, place, 0)
                            v = [load(p, m) for p, m in zip(there, theirs)]
                            v = [shuffle(*v, order) for order in apart] if stride == 2 else v
                            for p, value in zip(here, v):
                                store(value, p, own)

        if not count:
            move(1)
            return context.get_dummy_value()
        with b.if_else(b.icmp_signed("==", count[0], word(2))) as (two, one):
            with two:
                move(2)
            with one:
                move(1)
        return context.get_dummy_value()

    n = types.int64
    return types.void(x, n, n, n, phases, n, n, types.boolean, types.boolean), code
'''

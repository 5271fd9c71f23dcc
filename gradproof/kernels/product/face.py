"""The product's text, last part: what kernels call with arrays."""

FACE = '''\
def checked(axes, written=False, dense=False, **kinds):
    """Refuse what is no array of `real` with so many axes, one that cannot be written, or one with gaps."""
    for name, kind in kinds.items():
        fits = isinstance(kind, types.Array) and (kind.dtype, kind.ndim, kind.aligned) == (NUMBER, axes, True)
        if not fits or dense and kind.layout != "C":
            shape = f"{axes} axes" if not dense else f"{axes} axes, contiguous"
            raise TypingError(f"{name} is {kind}, expected an array of {NUMBER} with {shape}")
        if written and not kind.mutable:
            raise TypingError(f"{name} is {kind}, expected an array that can be written")


def opened(context, b, kind, value):
    """The address of an array's first number, its lengths, and its steps counted in numbers."""
    view = context.make_array(kind)(context, b, value)
    steps = [b.sdiv(s, WORD(SIZE)) for s in cgutils.unpack_tuple(b, view.strides)]
    return view.data, cgutils.unpack_tuple(b, view.shape), steps


def expect(context, b, holds, message):
    with b.if_then(b.not_(holds), likely=False):
        context.call_conv.return_user_exc(b, ValueError, (message,))


def invoke(context, b, function, *values):
    """A call of a published function."""
    described = ExternalFunctionDescriptor(function.symbol, function.sig.return_type, function.sig.args)
    callee = context.declare_external_function(b.module, described)
    context.call_external_function(b, callee, described.argtypes, values)


def padded(b, n):
    """The least multiple of TILE_COLUMNS that holds n."""
    return b.mul(b.sdiv(b.add(n, WORD(TILE_COLUMNS - 1)), WORD(TILE_COLUMNS)), WORD(TILE_COLUMNS))


def product_of(packed):
    def code(context, b, signature, arguments):
        kinds, accumulate = signature.args, arguments[3]
        a, (m, depth), a_steps = opened(context, b, kinds[0], arguments[0])
        right, b_shape, b_steps = opened(context, b, kinds[1], arguments[1])
        c, (rows, n), (c_row, c_column) = opened(context, b, kinds[2], arguments[2])
        scratch, (size,), _ = opened(context, b, kinds[4], arguments[4])
        fits = [b.icmp_signed(">=" if packed else "==", x, y) for x, y in zip(b_shape, (depth, n))]
        for fit in (b.icmp_signed("==", m, rows), *fits):
            expect(context, b, fit, "the shapes of a product a @ b and of c do not fit")
        unit = b.or_(b.icmp_signed("==", c_column, WORD(1)), b.icmp_signed("<", n, WORD(2)))
        unit = b.or_(unit, b.icmp_signed("==", m, WORD(0)))
        expect(context, b, unit, "the last axis of c, where a product is written, is not contiguous")
        expect(context, b, b.icmp_signed(">=", size, WORD(SCRATCH)), "the scratch of a product has not SCRATCH numbers")
        b_two, starts = b_shape if packed else b_steps, ir.IntType(64).as_pointer()(None)
        invoke(context, b, product, a, *a_steps, right, *b_two, c, c_row, m, n, depth, accumulate, BIT(packed), scratch,
               starts, WORD(TOGETHER), WORD(0), WORD(0))
        return context.get_dummy_value()

    @intrinsic
    def gemm(typing, a, b, c, accumulate, scratch):
        checked(2, a=a)
        checked(2, dense=packed, b=b)
        checked(2, written=True, c=c)
        checked(1, written=True, dense=True, scratch=scratch)
        return types.void(a, b, c, FLAG, scratch), code

    return gemm


#: gemm(a, b, c, accumulate, scratch): c = a @ b, or c += a @ b; gemm_packed takes for b what `pack` made of it, or of a
#: larger matrix that begins so.
gemm, gemm_packed = product_of(packed=False), product_of(packed=True)


@intrinsic
def pack_into(typing, b, packed):
    """Write b [k, n] in the order in which a product reads it; packed is [k, packed_columns(n)], contiguous."""
    checked(2, b=b)
    checked(2, written=True, dense=True, packed=packed)

    def code(context, builder, signature, arguments):
        source, (depth, n), steps = opened(context, builder, signature.args[0], arguments[0])
        out, shape, _ = opened(context, builder, signature.args[1], arguments[1])
        for x, y in zip(shape, (depth, padded(builder, n))):
            right = builder.icmp_signed("==", x, y)
            expect(context, builder, right, "a packed matrix has not the shape [k, packed_columns(n)]")
        nowhere = ir.IntType(64).as_pointer()(None)
        invoke(context, builder, packing, source, *steps, n, depth, out, nowhere)
        return context.get_dummy_value()

    return types.void(b, packed), code


@njit(nogil=True)
def packed_columns(n):
    """Columns that are kept of n: whole tiles."""
    return (n + TILE_COLUMNS - 1)//TILE_COLUMNS*TILE_COLUMNS


@njit(nogil=True)
def pack(b):
    """A matrix that stays the same in a loop, packed for gemm_packed."""
    packed = np.empty((b.shape[0], packed_columns(b.shape[1])), real)
    pack_into(b, packed)
    return packed
'''

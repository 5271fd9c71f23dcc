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
    return context.call_external_function(b, callee, described.argtypes, values)


def padded(b, n):
    """The least multiple of TILE_COLUMNS that holds n."""
    return b.mul(b.sdiv(b.add(n, WORD(TILE_COLUMNS - 1)), WORD(TILE_COLUMNS)), WORD(TILE_COLUMNS))


def seen(context, b, kind, value):
    """The address of an array's first number, its lengths and its steps in bytes, as values and not in memory."""
    place = context.data_model_manager[kind].get_field_position
    lengths, steps = ([b.extract_value(value, [place(f), k]) for k in range(kind.ndim)] for f in ("shape", "strides"))
    return [b.extract_value(value, place("data")), *lengths, *steps]


def call_product(context, b, matrices, accumulate, packed, scratch, *apart):
    """A call of `product` for three views; where it refuses them, the caller raises an error."""
    nothing = ir.IntType(64).as_pointer()(None), WORD(TOGETHER), WORD(0), WORD(0)
    status = invoke(context, b, product, *matrices, accumulate, BIT(packed), *scratch[:2], *(apart or nothing))
    with b.if_then(b.icmp_signed("!=", status, WORD(0)), likely=False):
        for k, message in REFUSED.items():
            expect(context, b, b.icmp_signed("!=", status, WORD(k)), message)
    return context.get_dummy_value()


def product_of(packed):
    def code(context, b, signature, arguments):
        a, right, c, accumulate, scratch = arguments
        matrices = [x for k, v in zip(signature.args, (a, right, c)) for x in seen(context, b, k, v)]
        return call_product(context, b, matrices, accumulate, packed, seen(context, b, signature.args[4], scratch))

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


def pack_all(context, b, view, out):
    """Write a view in the order in which a product reads it."""
    source, depth, n, along, across = view
    steps = [b.sdiv(step, WORD(SIZE)) for step in (across, along)]
    nowhere = ir.IntType(64).as_pointer()(None)
    invoke(context, b, panels, source, *steps, n, depth, out, WORD(TILE_COLUMNS), WORD(0), nowhere, BIT(0))
    return context.get_dummy_value()


@intrinsic
def pack_into(typing, b, packed):
    """Write b [k, n] in the order in which a product reads it; packed is [k, packed_columns(n)], contiguous."""
    checked(2, b=b)
    checked(2, written=True, dense=True, packed=packed)

    def code(context, builder, signature, arguments):
        view, out = (seen(context, builder, k, v) for k, v in zip(signature.args, arguments))
        fits = builder.icmp_signed("==", out[1], view[1]), builder.icmp_signed("==", out[2], padded(builder, view[2]))
        message = "a packed matrix has not the shape [k, packed_columns(n)]"
        expect(context, builder, builder.and_(*fits), message)
        return pack_all(context, builder, view, out[0])

    return types.void(b, packed), code


@intrinsic
def packed_columns(typing, n):
    """Columns that are kept of n: whole tiles."""
    return INTEGER(INTEGER), lambda context, b, signature, arguments: padded(b, arguments[0])


@intrinsic
def pack(typing, b):
    """Return a matrix that stays the same in a loop, packed for gemm_packed.

    Where numba counts no references (`_nrt=False`), who calls it frees the memory, which `parent` is the address of.
    """
    checked(2, b=b)
    kind = types.Array(NUMBER, 2, "C")

    def code(context, builder, signature, arguments):
        view = seen(context, builder, b, arguments[0])
        depth, columns, step = view[1], padded(builder, view[2]), WORD(SIZE)
        row = builder.mul(columns, step)
        size = builder.smul_with_overflow(depth, row)
        fits, size = builder.not_(builder.extract_value(size, 1)), builder.extract_value(size, 0)
        fits = builder.and_(fits, builder.icmp_unsigned("<", size, WORD(1 << 62)))
        size = builder.select(fits, size, WORD(1 << 62))
        packed, owner, memory = context.make_array(kind)(context, builder), None, None
        if context.enable_nrt:
            owner = context.nrt.meminfo_alloc_aligned(builder, size, 64)
            data = context.nrt.meminfo_data(builder, owner)
        else:
            address = ir.IntType(8).as_pointer()
            function = ir.FunctionType(address, [WORD])
            function = cgutils.get_or_insert_function(builder.module, function, "NRT_Allocate")
            memory = builder.call(function, [builder.add(size, WORD(64))])
            cgutils.guard_memory_error(context, builder, memory, "Allocation failed (probably too large).")
            line = builder.and_(builder.add(builder.ptrtoint(memory, WORD), WORD(63)), WORD(-64))
            data = builder.inttoptr(line, address)
        data = builder.bitcast(data, packed.data.type)
        populate_array(packed, data, (depth, columns), (row, step), step, owner, memory)
        pack_all(context, builder, view, data)
        return packed._getvalue()

    return kind(b), code
'''

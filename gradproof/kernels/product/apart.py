"""The product's text: matrices whose rows lie anywhere in one array, as what windows read does."""

APART = '''\
def rows_apart(context, b, kinds, numbers, starts, width):
    """The addresses of the numbers and of where rows of that width start in them, and how many there are."""
    data, (size,), _ = opened(context, b, kinds[0], numbers)
    table = context.make_array(kinds[1])(context, b, starts)
    (count,) = cgutils.unpack_tuple(b, table.shape)
    fits = cgutils.alloca_once_value(b, BIT(1))
    with cgutils.for_range(b, count) as loop:
        start = b.load(b.gep(table.data, [loop.index]))
        inside = b.icmp_unsigned("<=", start, size)
        inside = b.and_(inside, b.icmp_signed("<=", b.add(start, width), size))
        b.store(b.and_(b.load(fits), inside), fits)
    expect(context, b, b.load(fits), "rows of a product are not inside the array that holds them")
    return data, table.data, count


def with_gaps(context, b, n, line, pitch):
    """How far n columns reach in lines that are a pitch from each other."""
    whole = b.icmp_signed("==", b.srem(line, WORD(TILE_COLUMNS)), WORD(0))
    some, any_columns = b.icmp_signed("<", WORD(0), line), b.icmp_signed("<", WORD(0), n)
    fits = b.or_(b.and_(some, whole), b.icmp_signed("==", line, pitch))
    expect(context, b, b.or_(fits, b.not_(any_columns)), "lines of a product have gaps, and are not whole tiles")
    line = b.select(some, line, WORD(1))
    last = b.sub(n, WORD(1))
    reach = b.add(b.add(b.mul(b.sdiv(last, line), pitch), b.srem(last, line)), WORD(1))
    return b.select(any_columns, reach, WORD(0)), line


def checked_apart(numbers, starts, written=False):
    checked(1, written=written, dense=True, numbers=numbers)
    if not isinstance(starts, types.Array) or (starts.dtype, starts.ndim, starts.layout) != (INTEGER, 1, "C"):
        raise TypingError(f"starts is {starts}, expected an array of {INTEGER} with 1 axis, contiguous")


def result(context, b, kind, value):
    """The address of c, its shape and the step of its rows."""
    data, (rows, columns), (row, column) = opened(context, b, kind, value)
    unit = b.or_(b.icmp_signed("==", column, WORD(1)), b.icmp_signed("<", columns, WORD(2)))
    unit = b.or_(unit, b.icmp_signed("==", rows, WORD(0)))
    expect(context, b, unit, "the last axis of c, where a product is written, is not contiguous")
    return (data, row), rows, columns


def agree(context, b, *pairs):
    for x, y, sign in pairs:
        expect(context, b, b.icmp_signed(sign, x, y), "the shapes of a product a @ b and of c do not fit")


def product_apart(context, b, a, right, c, shape, accumulate, packed, scratch, starts, whose, *gaps):
    """Call the product: a and right with two steps, c with one; gaps are the line and the pitch."""
    data, (size,), _ = scratch
    expect(context, b, b.icmp_signed(">=", size, WORD(SCRATCH)), "the scratch of a product has not SCRATCH numbers")
    invoke(context, b, product, *a, *right, *c, *shape, accumulate, BIT(packed), data, starts, WORD(whose),
           *(gaps or (WORD(0), WORD(0))))
    return context.get_dummy_value()


@intrinsic
def gemm_of_rows(typing, numbers, starts, packed, c, accumulate, scratch):
    """c (+)= a @ b for a packed b, with row i of a at numbers[starts[i]:]."""
    checked_apart(numbers, starts)
    checked(2, dense=True, packed=packed)
    checked(2, written=True, c=c)
    checked(1, written=True, dense=True, scratch=scratch)

    def code(context, b, signature, arguments):
        kinds, accumulate = signature.args, arguments[4]
        right, (depth, held), _ = opened(context, b, kinds[2], arguments[2])
        c, rows, n = result(context, b, kinds[3], arguments[3])
        data, starts, m = rows_apart(context, b, kinds, *arguments[:2], depth)
        agree(context, b, (m, rows, "=="), (held, n, ">="))
        scratch = opened(context, b, kinds[5], arguments[5])
        a, right = (data, WORD(0), WORD(1)), (right, depth, held)
        shape = m, n, depth
        return product_apart(context, b, a, right, c, shape, accumulate, True, scratch, starts, ROWS_OF_A)

    return types.void(numbers, starts, packed, c, FLAG, scratch), code


@intrinsic
def gemm_by_rows(typing, a, numbers, starts, c, line, pitch, accumulate, scratch):
    """c (+)= a @ b, with row k of b at numbers[starts[k]:], its lines a pitch from each other."""
    checked(2, a=a)
    checked_apart(numbers, starts)
    checked(2, written=True, c=c)
    checked(1, written=True, dense=True, scratch=scratch)

    def code(context, b, signature, arguments):
        kinds, accumulate = signature.args, arguments[6]
        left, (m, depth), steps = opened(context, b, kinds[0], arguments[0])
        c, rows, n = result(context, b, kinds[3], arguments[3])
        reach, line = with_gaps(context, b, n, *arguments[4:6])
        data, starts, count = rows_apart(context, b, kinds[1:], *arguments[1:3], reach)
        agree(context, b, (m, rows, "=="), (depth, count, "=="))
        scratch = opened(context, b, kinds[7], arguments[7])
        right, shape = (data, WORD(0), WORD(1)), (m, n, depth)
        return product_apart(
            context, b, (left, *steps), right, c, shape, accumulate, False, scratch, starts, ROWS_OF_B, line,
            arguments[5],
        )

    return types.void(a, numbers, starts, c, INTEGER, INTEGER, FLAG, scratch), code


@intrinsic
def gemm_to_rows(typing, a, b, numbers, starts, line, pitch, scratch):
    """Add row i of a @ b to numbers[starts[i]:], its lines a pitch from each other; rows that overlap in turn."""
    checked(2, a=a)
    checked(2, b=b)
    checked_apart(numbers, starts, written=True)
    checked(1, written=True, dense=True, scratch=scratch)

    def code(context, builder, signature, arguments):
        b, kinds = builder, signature.args
        left, (m, depth), steps = opened(context, b, kinds[0], arguments[0])
        right, (inner, n), right_steps = opened(context, b, kinds[1], arguments[1])
        reach, line = with_gaps(context, b, n, *arguments[4:6])
        data, starts, count = rows_apart(context, b, kinds[2:], *arguments[2:4], reach)
        agree(context, b, (m, count, "=="), (depth, inner, "=="))
        scratch = opened(context, b, kinds[6], arguments[6])
        a, right, shape = (left, *steps), (right, *right_steps), (m, n, depth)
        return product_apart(
            context, b, a, right, (data, WORD(0)), shape, BIT(1), False, scratch, starts, ROWS_OF_C, line,
            arguments[5],
        )

    return types.void(a, b, numbers, starts, INTEGER, INTEGER, scratch), code
'''

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


def lying(data, rows, columns):
    """A view of rows that lie apart."""
    return data, rows, columns, WORD(0), WORD(SIZE)


@intrinsic
def gemm_of_rows(typing, numbers, starts, packed, c, accumulate, scratch):
    """c (+)= a @ b for a packed b, with row i of a at numbers[starts[i]:]."""
    checked_apart(numbers, starts)
    checked(2, dense=True, packed=packed)
    checked(2, written=True, c=c)
    checked(1, written=True, dense=True, scratch=scratch)

    def code(context, b, signature, arguments):
        packed, c, scratch = (seen(context, b, signature.args[k], arguments[k]) for k in (2, 3, 5))
        data, starts, m = rows_apart(context, b, signature.args, *arguments[:2], packed[1])
        a, apart = lying(data, m, packed[1]), (starts, WORD(ROWS_OF_A), WORD(0), WORD(0))
        return call_product(context, b, (*a, *packed, *c), arguments[4], True, scratch, *apart)

    return types.void(numbers, starts, packed, c, FLAG, scratch), code


@intrinsic
def gemm_by_rows(typing, a, numbers, starts, c, line, pitch, accumulate, scratch):
    """c (+)= a @ b, with row k of b at numbers[starts[k]:], its lines a pitch from each other."""
    checked(2, a=a)
    checked_apart(numbers, starts)
    checked(2, written=True, c=c)
    checked(1, written=True, dense=True, scratch=scratch)

    def code(context, b, signature, arguments):
        a, c, scratch = (seen(context, b, signature.args[k], arguments[k]) for k in (0, 3, 7))
        reach, line = with_gaps(context, b, c[2], *arguments[4:6])
        data, starts, depth = rows_apart(context, b, signature.args[1:], *arguments[1:3], reach)
        right, apart = lying(data, depth, c[2]), (starts, WORD(ROWS_OF_B), line, arguments[5])
        return call_product(context, b, (*a, *right, *c), arguments[6], False, scratch, *apart)

    return types.void(a, numbers, starts, c, INTEGER, INTEGER, FLAG, scratch), code


@intrinsic
def gemm_to_rows(typing, a, b, numbers, starts, line, pitch, scratch):
    """Add row i of a @ b to numbers[starts[i]:], its lines a pitch from each other; rows that overlap in turn."""
    checked(2, a=a)
    checked(2, b=b)
    checked_apart(numbers, starts, written=True)
    checked(1, written=True, dense=True, scratch=scratch)

    def code(context, builder, signature, arguments):
        left, right, scratch = (seen(context, builder, signature.args[k], arguments[k]) for k in (0, 1, 6))
        reach, line = with_gaps(context, builder, right[2], *arguments[4:6])
        data, starts, m = rows_apart(context, builder, signature.args[2:], *arguments[2:4], reach)
        c, apart = lying(data, m, right[2]), (starts, WORD(ROWS_OF_C), line, arguments[5])
        return call_product(context, builder, (*left, *right, *c), BIT(1), False, scratch, *apart)

    return types.void(a, b, numbers, starts, INTEGER, INTEGER, scratch), code
'''

"""The product's text: blocks of k, of the columns of b and of the rows of a around the strips."""

PUBLISHED = '''\
def published(*kinds, result=types.void):
    """Compile a function once, under a name of the process; what comes back calls it by that name.

    A function that numba inlines would be compiled again in each of its callers, which takes seconds each time.
    """

    def publish(function):
        name = f"gradproof_{function.__name__}_{real.__name__}_{KEY}"
        compiled = cfunc(result(*kinds), cache=True, error_model="numpy")(function)
        if binding.address_of_symbol(name) is None:
            binding.add_symbol(name, compiled.address)
            KEPT[name] = compiled
        return types.ExternalFunction(name, result(*kinds))

    return publish


@intrinsic
def shift(typing, pointer, count):
    """pointer + count."""
    return pointer(pointer, INTEGER), lambda context, b, signature, arguments: b.gep(arguments[0], [arguments[1]])


@intrinsic
def smaller(typing, x, y):
    return INTEGER(INTEGER, INTEGER), lambda context, b, signature, arguments: least(b, *arguments)


@intrinsic
def counted(typing, size):
    """Numbers in so many bytes."""
    return INTEGER(INTEGER), lambda context, b, signature, arguments: b.sdiv(arguments[0], WORD(SIZE))


@intrinsic
def spaced(typing, j, line, pitch):
    """Where column j lies, in lines that are a pitch from each other."""

    def code(context, b, signature, arguments):
        j, line, pitch = arguments
        return b.add(b.mul(b.sdiv(j, line), pitch), b.srem(j, line))

    return INTEGER(INTEGER, INTEGER, INTEGER), code
'''

LOOPS = '''\
@published(*[POINTER, *[INTEGER]*4]*3, FLAG, FLAG, POINTER, INTEGER, PLACES, *[INTEGER]*3, result=INTEGER)
def product(
    a, m, depth, a_row, a_k, b, b_rows, b_columns, b_k, b_column, c, c_rows, n, c_row, c_column, accumulate, packed,
    scratch, size, starts, whose, line, pitch,
):
    """c (+)= a @ b for views, each an address, its lengths and its steps in bytes; 0, or which of REFUSED it is.

    b is packed, or packed here block by block; where it is, it is the first rows and columns of what was packed. One
    matrix may have its rows apart: row i of it at starts[i], and 0 for the step of its rows. Those of b and c may have
    gaps: a line of so many columns, whole tiles, is a pitch from the next.
    """
    if m != c_rows or b_rows < depth or b_columns < n or not packed and (b_rows > depth or b_columns > n):
        return 1
    if c_column != SIZE and n > 1 and m > 0:
        return 2
    if size < SCRATCH:
        return 3
    a_row, a_k, b_k, b_column, c_row = counted(a_row), counted(a_k), counted(b_k), counted(b_column), counted(c_row)
    # For few rows b is read where it lies, and the first tile of a panel makes the copy for the others; for more, and
    # where b is large, it is copied first, row by row: a panel of it lies on too many pages.
    few = m <= HEIGHT and depth*n*SIZE < LARGE or m <= LOW_ROWS
    in_place = b_column == 1 and not packed and (few or whose == ROWS_OF_B)
    rows = shift(scratch, DEPTH*WIDTH)
    k0 = 0
    while k0 < depth or k0 == 0 and not accumulate:  # zeros where there is no k
        ks, add = smaller(DEPTH, depth - k0), accumulate or k0 > 0
        held = smaller(DEPTH, b_rows - k0)  # of what was packed
        at_once = WIDTH  # columns
        if whose == ROWS_OF_B and m <= HEIGHT:
            at_once = TILE_COLUMNS
        elif a_k != 1 and ks > 0:  # for each of these stretches the rows of a are packed anew
            at_once *= DEPTH//ks
        n0 = 0
        while n0 < n:
            n1 = smaller(n, n0 + at_once)
            if not packed:
                done = (n1 - n0)//TILE_COLUMNS*TILE_COLUMNS if in_place else 0
                first = spaced(n0 + done, line, pitch) if whose == ROWS_OF_B else (n0 + done)*b_column
                panels(shift(b, k0*b_k + first), b_column, b_k, n1 - n0 - done, ks, shift(scratch, done*ks),
                       TILE_COLUMNS, 0, shift(starts, k0), whose == ROWS_OF_B)
            m0 = 0
            while m0 < m:
                m1 = smaller(m, m0 + HEIGHT)
                left, tile_step, row_step, k_step = shift(a, m0*a_row + k0*a_k), TILE_ROWS*a_row, a_row, a_k
                if a_k != 1 and n > 4*TILE_COLUMNS:
                    panels(left, a_row, a_k, m1 - m0, ks, rows, TILE_ROWS, GAP, starts, False)
                    left, tile_step, row_step, k_step = rows, TILE_ROWS*ks + GAP, 1, TILE_ROWS
                places = shift(starts, k0 if whose == ROWS_OF_B else m0)
                j = n0
                while j < n1:
                    panel, column_c, apart = shift(scratch, (j - n0)*ks), j, whose
                    right, step, next_panel, copied = panel, TILE_COLUMNS, TILE_COLUMNS*ks, False
                    if whose == ROWS_OF_C:
                        column_c = spaced(j, line, pitch)
                    if packed:
                        right, next_panel = shift(b, k0*b_columns + j*held), TILE_COLUMNS*held
                    elif in_place and n1 - j >= TILE_COLUMNS:
                        column_b = spaced(j, line, pitch) if whose == ROWS_OF_B else j
                        right, step, next_panel = shift(b, k0*b_k + column_b), b_k, TILE_COLUMNS
                        copied = m > TILE_ROWS
                    elif whose == ROWS_OF_B:
                        apart = TOGETHER
                    j += strip(
                        left, tile_step, row_step, k_step, right, step, next_panel, panel, copied,
                        shift(c, m0*c_row + column_c), c_row, ks, m1 - m0, n1 - j, add, places, apart,
                    )
                m0 += HEIGHT
            n0 += at_once
        k0 += DEPTH
    return 0
'''

"""The product's text, third part: blocks of k, of the columns of b and of the rows of a around the tile."""

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
'''

LOOPS = '''\
@published(*[POINTER, INTEGER, INTEGER]*2, POINTER, *[INTEGER]*4, FLAG, FLAG, POINTER, PLACES, *[INTEGER]*3)
def product(a, a_row, a_k, b, b_k, b_column, c, c_row, m, n, depth, accumulate, packed, scratch, starts, whose, line,
            pitch):
    """c (+)= a @ b for addresses and steps; b is packed, or packed here block by block.

    Where b is packed, b_k and b_column are the depth and the padded columns of what was packed: b is its first rows and
    columns. One matrix may have its rows apart: row i of it at starts[i], and 0 for the step of its rows. Those of
    b and c may have gaps: a line of so many columns, whole tiles, is a pitch from the next.
    """
    # For few rows b is read where it lies, and the first tile of a panel makes the copy for the others; for more, and
    # where b is large, it is copied first, row by row: a panel of it lies on too many pages.
    few = m <= HEIGHT and depth*n*SIZE < LARGE or m <= LOW_ROWS
    in_place = b_column == 1 and not packed and (few or whose == ROWS_OF_B)
    at_once = TILE_COLUMNS if whose == ROWS_OF_B and m <= HEIGHT else WIDTH  # columns
    rows = shift(scratch, DEPTH*WIDTH)
    if depth == 0 and not accumulate:
        for i in range(m):
            for j in range(n):
                c[i*c_row + j] = 0
    for k0 in range(0, depth, DEPTH):
        ks, add = min(DEPTH, depth - k0), accumulate or k0 > 0
        held = min(DEPTH, b_k - k0) if packed else ks
        for n0 in range(0, n, at_once):
            n1 = min(n, n0 + at_once)
            if not packed:
                done = (n1 - n0)//TILE_COLUMNS*TILE_COLUMNS if in_place else 0
                first = (n0 + done)*b_column
                if whose == ROWS_OF_B:
                    first = first//line*pitch + first % line
                start = shift(b, k0*b_k + first)
                out, rows_of_b, apart = shift(scratch, done*ks), shift(starts, k0), whose == ROWS_OF_B
                panels(start, b_column, b_k, n1 - n0 - done, ks, out, TILE_COLUMNS, rows_of_b, apart)
            for m0 in range(0, m, HEIGHT):
                m1 = min(m, m0 + HEIGHT)
                left, tile_step, row_step, k_step = shift(a, m0*a_row + k0*a_k), a_row, a_row, a_k
                if a_k != 1 and n > 4*TILE_COLUMNS:
                    panels(left, a_row, a_k, m1 - m0, ks, rows, TILE_ROWS, starts, False)
                    left, tile_step, row_step, k_step = rows, ks, 1, TILE_ROWS
                j = n0
                while j < n1:
                    columns, panel, column_b, column_c = n1 - j, shift(scratch, (j - n0)*ks), j, j
                    if whose == ROWS_OF_B:
                        column_b = j//line*pitch + j % line
                    elif whose == ROWS_OF_C:
                        column_c = j//line*pitch + j % line
                    if packed:
                        panel = shift(b, k0*b_column + j*held)
                    right, step, b_panel, copied = panel, TILE_COLUMNS, TILE_COLUMNS*held, False
                    apart, places = whose, starts
                    if in_place and columns >= TILE_COLUMNS:
                        right, step, b_panel, copied = shift(b, k0*b_k + column_b), b_k, TILE_COLUMNS, m > TILE_ROWS
                        places = shift(starts, k0)
                    elif whose == ROWS_OF_B:
                        apart = TOGETHER
                    if m <= LOW_ROWS and whose < ROWS_OF_B and columns >= LOW_VECTORS*LANES:
                        x, y = left, shift(c, j)
                        low(x, row_step, k_step, right, step, b_panel, panel, False, y, c_row, ks, m, columns, add,
                            places, apart)
                        j += LOW_VECTORS*LANES
                        continue
                    for i in range(m0, m1, TILE_ROWS):
                        x, y, some = shift(left, (i - m0)*tile_step), shift(c, i*c_row + column_c), m1 - i
                        if whose != ROWS_OF_B:
                            places = shift(starts, i)
                        if columns > LANES and not copied and apart == TOGETHER:  # constants: the compiler drops tests
                            tile(x, row_step, k_step, right, step, 0, panel, False, y, c_row, ks, some, columns, add,
                                 starts, TOGETHER)
                        elif columns > LANES:
                            tile(x, row_step, k_step, right, step, 0, panel, copied, y, c_row, ks, some, columns, add,
                                 places, apart)
                        else:
                            narrow(x, row_step, k_step, right, step, 0, panel, False, y, c_row, ks, some, columns, add,
                                   places, apart)
                        if copied:
                            right, step, copied = panel, TILE_COLUMNS, False
                            if whose == ROWS_OF_B:
                                apart = TOGETHER
                    j += TILE_COLUMNS


@published(POINTER, INTEGER, INTEGER, INTEGER, INTEGER, POINTER, PLACES)
def packing(b, b_k, b_column, n, depth, out, nowhere):
    """All of b packed, one block of k after the other."""
    full = (n + TILE_COLUMNS - 1)//TILE_COLUMNS*TILE_COLUMNS
    for k0 in range(0, depth, DEPTH):
        ks, here = min(DEPTH, depth - k0), shift(out, k0*full)
        panels(shift(b, k0*b_k), b_column, b_k, n, ks, here, TILE_COLUMNS, nowhere, False)


@published(*[POINTER, *[INTEGER]*4]*3, FLAG, FLAG, POINTER, INTEGER, PLACES, result=INTEGER)
def product_of_views(
    a, m, depth, a_row, a_k, b, b_rows, b_columns, b_k, b_column, c, c_rows, n, c_row, c_column, accumulate, packed,
    scratch, size, nowhere,
):
    """The product of views, each an address, its lengths and its steps in bytes; 0, or which of REFUSED it is."""
    fits = depth <= b_rows and n <= b_columns if packed else depth == b_rows and n == b_columns
    if m != c_rows or not fits:
        return 1
    if c_column != SIZE and n > 1 and m > 0:
        return 2
    if size < SCRATCH:
        return 3
    b_k, b_column = (b_rows, b_columns) if packed else (b_k//SIZE, b_column//SIZE)
    steps = a_row//SIZE, a_k//SIZE, c_row//SIZE
    product(
        a, steps[0], steps[1], b, b_k, b_column, c, steps[2], m, n, depth, accumulate, packed, scratch, nowhere,
        TOGETHER, 0, 0,
    )
    return 0


@published(*[POINTER, *[INTEGER]*4]*2, PLACES, result=INTEGER)
def packing_of_view(b, depth, n, b_k, b_column, out, rows, columns, row, column, nowhere):
    """A view packed into an array; 0, or which of REFUSED it is."""
    if rows != depth or columns != (n + TILE_COLUMNS - 1)//TILE_COLUMNS*TILE_COLUMNS:
        return 4
    packing(b, b_k//SIZE, b_column//SIZE, n, depth, out, nowhere)
    return 0
'''

"""The product's text, second part: a block of a matrix packed into panels, in the order in which the tile reads it."""

PACKING = '''\
def move_of(lanes):
    """Moves of so many numbers."""

    def code(context, b, signature, arguments):
        out, source, count = arguments
        kind = vector(lanes)
        with b.if_else(b.icmp_signed(">=", count, WORD(lanes))) as (whole, edge):
            with whole:
                store(b, load(b, kind, source), out)
            with edge:
                store(b, load_some(b, kind, source, below(b, count, lanes)), out)
        return context.get_dummy_value()

    @intrinsic
    def move(typing, out, source, count):
        """out[j] = source[j] for j < count, 0 from there on."""
        return types.void(POINTER, POINTER, INTEGER), code

    return move


move, move_vector = move_of(SQUARE), move_of(LANES)


@intrinsic
def turn(typing, out, step, source, row, count):
    """out[k*step + j] = source[j*row + k] for j and k < SQUARE; rows past count are the row before it."""

    def code(context, b, signature, arguments):
        out, step, source, row, count = arguments
        n, last = SQUARE, b.sub(count, WORD(1))
        rows = [b.select(b.icmp_signed("<", WORD(j), count), WORD(j), last) for j in range(n)]
        x = [load(b, vector(n), offset(b, source, (j, row))) for j in rows]
        for _ in range(n.bit_length() - 1):  # row j and row j + n/2 interleaved, log2(n) times: the transpose
            x = [shuffle(b, x[j//2], x[(j + n)//2], [j % 2*n//2 + i//2 + i % 2*n for i in range(n)]) for j in range(n)]
        for k in range(n):
            store(b, x[k], offset(b, out, (k, step)))
        return context.get_dummy_value()

    return types.void(POINTER, INTEGER, POINTER, INTEGER, INTEGER), code


@intrinsic
def fetch(typing, pointer):
    """Ask for the line at an address."""

    def code(context, b, signature, arguments):
        bring(b, arguments[0])
        return context.get_dummy_value()

    return types.void(POINTER), code


@published(POINTER, INTEGER, INTEGER, INTEGER, INTEGER, POINTER, INTEGER, PLACES, FLAG)
def panels(source, across, along, size, ks, out, full, starts, apart):
    """out[panel, k, j] = source[(panel*full + j)*across + k*along] for k < ks and j < full; anything past size.

    Where they lie apart, and each without gaps, starts[k] takes the place of k*along.
    """
    if across == 1:
        whole = size//full*full
        for k in range(ks):
            row = shift(source, starts[k] if apart else k*along)
            for first in range(0, whole, full):
                for j in range(0, full, LANES):
                    fetch(shift(row, AHEAD*along + first + j))
                if full == TILE_COLUMNS:
                    for j in range(0, TILE_COLUMNS, LANES):
                        move_vector(shift(out, first*ks + k*full + j), shift(row, first + j), LANES)
                    continue
                for j in range(0, full, SQUARE):
                    move(shift(out, first*ks + k*full + j), shift(row, first + j), SQUARE)
        last = shift(out, whole*ks)
        for j in range(0, min(full, (size - whole + LANES - 1)//LANES*LANES), SQUARE):
            for k in range(ks):
                row = shift(source, starts[k] if apart else k*along)
                move(shift(last, k*full + j), shift(row, whole + j), size - whole - j)
        return
    squares = ks//SQUARE*SQUARE if along == 1 else 0
    for first in range(0, size, full):
        panel, start = shift(out, first*ks), shift(source, first*across)
        for j in range(0, full, SQUARE):
            left = size - first - j
            for k in range(0, squares, SQUARE):
                for i in range(j + SQUARE, j + 2*SQUARE):
                    fetch(shift(start, i*across + k))
                turn(shift(panel, k*full + j), full, shift(start, j*across + k), across, left)
            for k in range(squares, ks):
                for i in range(j, j + SQUARE):
                    panel[k*full + i] = start[min(i, size - first - 1)*across + k*along]
'''

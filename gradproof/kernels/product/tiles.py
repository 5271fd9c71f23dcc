"""The product's text: tiles of the result that stay in registers, one below the other."""

TILES = '''\
def rows_at(b, base, step, places, starts, apart):
    """The addresses of rows: step apart, or where `starts` says."""
    return either(
        b, apart, lambda: [b.gep(base, [b.load(b.gep(starts, [i]))]) for i in places],
        lambda: [offset(b, base, (i, step)) for i in places],
    )


def table_where(b, apart, starts):
    """A table and its step: where rows do not lie apart, a zero is read in its place, for a test would take longer."""
    return b.select(apart, starts, cgutils.alloca_once_value(b, WORD(0))), b.select(apart, WORD(1), WORD(0))


def strip_of(height, vectors, lying=False):
    """The code of a strip, with tiles of so many rows and vectors; where lying, b may lie in place and be copied."""
    kind, tile = vector(LANES), [(i, v) for i in range(height) for v in range(vectors)]

    def multiplied(b, sums, left, at, y):
        x = [spread(b, b.load(b.gep(row, [at])), LANES) for row in left]
        return [call(b, "llvm.fmuladd.{0}", kind, kind, x[i], y[v], s) for (i, v), s in zip(tile, sums)]

    def write_whole(b, sums, lines, adds):
        spots = [offset(b, lines[i], (v, LANES)) for i, v in tile]
        with b.if_else(adds) as (added, put):
            with added:  # one after the other: rows of c may overlap
                for s, spot in zip(sums, spots):
                    store(b, b.fadd(load(b, kind, spot), s), spot)
            with put:
                for s, spot in zip(sums, spots):
                    store(b, s, spot)

    def write_edge(b, sums, lines, rows, columns, adds):
        masks = [below(b, b.sub(columns, WORD(v*LANES)), LANES) for v in range(vectors)]
        for i, line in enumerate(lines):
            with b.if_then(b.icmp_signed("<", WORD(i), rows)):
                for v, mask in enumerate(masks):
                    s, spot = sums[i*vectors + v], offset(b, line, (v, LANES))
                    total = b.fadd(load_some(b, kind, spot, mask), s)
                    store_some(b, b.select(adds, total, s), spot, mask)

    def strip(b, a, a_tile, a_row, a_k, right, b_k, b_panel, copy, copied, c, c_row, ks, rows, columns, adds, starts,
              whose):
        of_a, of_b, of_c = (b.icmp_signed("==", whose, WORD(matrix)) for matrix in (ROWS_OF_A, ROWS_OF_B, ROWS_OF_C))

        def tile_below(number, _):
            above = b.mul(number, WORD(height))
            some, here, out = b.sub(rows, above), b.gep(starts, [above]), offset(b, c, (above, c_row))
            # Rows past the last are the last once more: read, and not stored.
            last = b.sub(some, WORD(1))
            places = [WORD(0), *(least(b, WORD(i), last) for i in range(1, height))]
            left = rows_at(b, offset(b, a, (number, a_tile)), a_row, places, here, of_a)
            lines = rows_at(b, out, c_row, places, here, of_c)
            for i, v in tile:
                bring(b, offset(b, lines[i], (v, LANES)))
            source, step = right, b_k
            if lying:
                again = b.icmp_signed("<", WORD(0), number)
                copies, copy_holds = b.and_(copied, b.not_(again)), b.and_(copied, again)
                source, step = b.select(copy_holds, copy, right), b.select(copy_holds, WORD(TILE_COLUMNS), b_k)
                scattered = b.and_(of_b, b.not_(copy_holds))
                table, table_step = table_where(b, scattered, starts)

            def together(k, sums):
                row, at = offset(b, source, (k, step)), b.mul(k, a_k)
                y = [load(b, kind, offset(b, row, (v//TILE_VECTORS, b_panel), (v % TILE_VECTORS, LANES)))
                     for v in range(vectors)]
                bring(b, offset(b, left[0], (b.add(k, WORD(FAR)), a_k)))
                return multiplied(b, sums, left, at, y)

            def in_place(k, sums):
                start = b.load(b.gep(table, [b.mul(k, table_step)]))
                row = b.gep(source, [b.select(scattered, start, b.mul(k, step))])
                spots = [offset(b, row, (v, LANES)) for v in range(vectors)]
                y = [load(b, kind, spot) for spot in spots]
                with b.if_then(copies):
                    for v, spot in enumerate(spots):
                        store(b, y[v], offset(b, copy, (k, TILE_COLUMNS), (v, LANES)))
                        bring(b, offset(b, spot, (AHEAD, step)))
                bring(b, offset(b, left[0], (b.add(k, WORD(FAR)), a_k)))
                return multiplied(b, sums, left, b.mul(k, a_k), y)

            def sums_of(step):
                return repeat(b, ks, step, [kind(None)]*len(tile))

            if lying:
                sums = either(b, b.or_(copies, scattered), lambda: sums_of(in_place), lambda: sums_of(together))
            else:
                sums = sums_of(together)
            whole = b.and_(b.icmp_signed("<=", WORD(height), some), b.icmp_signed("<=", WORD(vectors*LANES), columns))
            with b.if_else(whole) as (inside, edge):
                with inside:
                    write_whole(b, sums, lines, adds)
                with edge:
                    write_edge(b, sums, lines, some, columns, adds)

        repeat(b, b.sdiv(b.add(rows, WORD(height - 1)), WORD(height)), tile_below)

    return strip


STRIPS = {
    "wide": strip_of(TILE_ROWS, TILE_VECTORS, lying=True),
    "narrow": strip_of(TILE_ROWS, 1),
    "low": strip_of(LOW_ROWS, LOW_VECTORS),
}


@intrinsic
def strip(typing, a, a_tile, a_row, a_k, b, b_k, b_panel, copy, copied, c, c_row, ks, rows, columns, adds, starts,
          whose):
    """c[i*c_row + j] (+)= sum over k of a[i*a_row + k*a_k]*b[k*b_k + j] for all rows i, and columns j of one strip.

    Each tile of a is a_tile after the one before. Returns how many columns a strip has: those past the last are not
    written. Panel p of b starts at p*b_panel. Where copied, the panel is written to copy on the way, and read there by
    tiles below the first. Row i of a, or of c, whose rows lie apart, is at starts[i].
    """

    def code(context, b, signature, arguments):
        *_, rows, columns, _, _, whose = arguments
        low = b.and_(b.icmp_signed("<=", rows, WORD(LOW_ROWS)), b.icmp_signed("<", whose, WORD(ROWS_OF_B)))
        low = b.and_(low, b.icmp_signed("<=", WORD(LOW_VECTORS*LANES), columns))
        narrow = b.icmp_signed("<=", columns, WORD(LANES))
        with b.if_else(low) as (yes, no):
            with yes:
                own(b, "low", STRIPS["low"], arguments)
            with no, b.if_else(narrow) as (yes, no):
                with yes:
                    own(b, "narrow", STRIPS["narrow"], arguments)
                with no:
                    own(b, "wide", STRIPS["wide"], arguments)
        return b.select(low, WORD(LOW_VECTORS*LANES), WORD(TILE_COLUMNS))

    left, right = (POINTER, INTEGER, INTEGER, INTEGER), (POINTER, INTEGER, INTEGER, POINTER, FLAG)
    return INTEGER(*left, *right, POINTER, *[INTEGER]*4, FLAG, PLACES, INTEGER), code
'''

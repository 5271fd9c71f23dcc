"""The product's text: a block of a matrix packed into panels, in the order in which the tile reads it."""

PACKING = '''\
def pack_lines(b, source, along, size, ks, out, full, panel, starts, apart):
    """Pack a block whose rows are without gaps."""
    lanes = LANES if full == TILE_COLUMNS else SQUARE
    kind, panels, left = vector(lanes), b.sdiv(size, WORD(full)), b.srem(size, WORD(full))

    def line(k, _):
        start = b.select(apart, b.load(b.gep(table, [b.mul(k, table_step)])), b.mul(k, along))
        source_k, out_k = b.gep(source, [start]), offset(b, out, (k, full))

        def whole(number, _):
            here, there = offset(b, source_k, (number, full)), offset(b, out_k, (number, panel))
            for j in range(0, full, lanes):
                bring(b, offset(b, here, (AHEAD, along), (j, 1)))
                store(b, load(b, kind, offset(b, here, (j, 1))), offset(b, there, (j, 1)))

        def rest(number, _):
            j = b.mul(number, WORD(lanes))
            here, there, some = b.gep(last, [j]), b.gep(last_out, [j]), b.sub(left, j)
            with b.if_else(b.icmp_signed("<=", WORD(lanes), some)) as (inside, edge):
                with inside:
                    store(b, load(b, kind, here), there)
                with edge:
                    store(b, load_some(b, kind, here, below(b, some, lanes)), there)

        repeat(b, panels, whole)
        last, last_out = offset(b, source_k, (panels, full)), offset(b, out_k, (panels, panel))
        repeat(b, b.sdiv(b.add(left, WORD(lanes - 1)), WORD(lanes)), rest)

    table, table_step = table_where(b, apart, starts)
    repeat(b, b.select(b.icmp_signed("<", WORD(0), size), ks, WORD(0)), line)


def pack_turned(b, source, across, along, size, ks, out, full, panel):
    """Pack a block whose columns are without gaps, or any other."""
    squares = b.sdiv(full, WORD(SQUARE))
    last, last_k = b.sub(size, WORD(1)), b.sub(ks, WORD(SQUARE))

    def some_columns(number, _):
        first = b.mul(number, WORD(SQUARE))
        inside = b.srem(first, full)
        place = b.gep(offset(b, out, (b.sdiv(first, full), panel)), [inside])
        columns = [offset(b, source, (least(b, b.add(first, WORD(j)), last), across)) for j in range(SQUARE)]

        def turn(step, _):
            k = least(b, b.mul(step, WORD(SQUARE)), last_k)
            for j in range(SQUARE, 2*SQUARE):
                bring(b, offset(b, source, (b.add(first, WORD(j)), across), (k, 1)))
            x, n = [load(b, vector(SQUARE), b.gep(column, [k])) for column in columns], SQUARE
            for _ in range(n.bit_length() - 1):  # x[j] and x[j + n/2] interleaved, log2(n) times: the transpose
                x = [
                    shuffle(b, x[j//2], x[(j + n)//2], [j % 2*n//2 + i//2 + i % 2*n for i in range(n)])
                    for j in range(n)
                ]
            for j in range(n):
                store(b, x[j], offset(b, place, (b.add(k, WORD(j)), full)))

        def move(k, _):
            for j, column in enumerate(columns):
                store(b, b.load(offset(b, column, (k, along))), b.gep(offset(b, place, (k, full)), [WORD(j)]))

        dense = b.and_(b.icmp_signed("==", along, WORD(1)), b.icmp_signed("<=", WORD(SQUARE), ks))
        with b.if_else(dense) as (yes, no):
            with yes:
                repeat(b, b.sdiv(b.add(ks, WORD(SQUARE - 1)), WORD(SQUARE)), turn)
            with no:
                repeat(b, ks, move)

    panels = b.sdiv(b.add(size, b.sub(full, WORD(1))), full)
    repeat(b, b.mul(panels, squares), some_columns)


def block(b, source, across, along, size, ks, out, full, panel, starts, apart):
    lines, wide = b.icmp_signed("==", across, WORD(1)), b.icmp_signed("==", full, WORD(TILE_COLUMNS))
    with b.if_else(lines) as (yes, no):
        with yes, b.if_else(wide) as (yes, narrow):
            with yes:
                pack_lines(b, source, along, size, ks, out, TILE_COLUMNS, panel, starts, apart)
            with narrow:
                pack_lines(b, source, along, size, ks, out, TILE_ROWS, panel, starts, apart)
        with no:
            pack_turned(b, source, across, along, size, ks, out, full, panel)


@intrinsic
def pack_block(typing, source, across, along, size, ks, out, full, panel, starts, apart):
    def code(context, b, signature, arguments):
        own(b, "block", block, arguments)
        return context.get_dummy_value()

    return types.void(POINTER, *[INTEGER]*4, POINTER, INTEGER, INTEGER, PLACES, FLAG), code


@published(POINTER, *[INTEGER]*4, POINTER, INTEGER, INTEGER, PLACES, FLAG)
def panels(source, across, along, size, depth, out, full, gap, starts, apart):
    """out[panel, k, j] = source[(panel*full + j)*across + k*along] for k < depth and j < full; anything past size.

    Where they lie apart, and each without gaps, starts[k] takes the place of k*along. Panels have a gap between them.
    After DEPTH of k all begins anew.
    """
    held = (size + full - 1)//full*full
    k = 0
    while k < depth:
        ks = smaller(DEPTH, depth - k)
        here, there = shift(source, k*along), shift(out, k*held)
        pack_block(here, across, along, size, ks, there, full, ks*full + gap, shift(starts, k), apart)
        k += DEPTH
'''

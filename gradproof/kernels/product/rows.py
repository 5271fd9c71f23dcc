"""The product's text, part five: rows copied and added with masks, so that short ones take no time per number."""

ROWS = """\
def rows_of(added):
    def code(context, b, signature, arguments):
        source, above, (source_row, source_column) = opened(context, b, signature.args[0], arguments[0])
        out, (rows, columns), (out_row, out_column) = opened(context, b, signature.args[1], arguments[1])
        for n, there in zip((rows, columns), above):
            expect(context, b, b.icmp_signed("<=", n, there), "there are fewer numbers than are to be copied")
        for step in (source_column, out_column):
            unit = b.or_(b.icmp_signed("==", step, WORD(1)), b.icmp_signed("<", columns, WORD(2)))
            expect(context, b, unit, "the last axis of what is copied is not contiguous")
        kind, whole = vector(LANES), b.sub(columns, b.srem(columns, WORD(LANES)))
        some, mask = b.icmp_signed("<", whole, columns), below(b, b.sub(columns, whole), LANES)
        with cgutils.for_range(b, rows) as loop:
            x, y = offset(b, source, (loop.index, source_row)), offset(b, out, (loop.index, out_row))
            with cgutils.for_range_slice(b, WORD(0), whole, WORD(LANES)) as (j, _):
                here, there = offset(b, x, (j, 1)), offset(b, y, (j, 1))
                value = load(b, kind, here)
                store(b, b.fadd(load(b, kind, there), value) if added else value, there)
            with b.if_then(some):
                here, there = offset(b, x, (whole, 1)), offset(b, y, (whole, 1))
                value = load_some(b, kind, here, mask)
                store_some(b, b.fadd(load_some(b, kind, there, mask), value) if added else value, there, mask)
        return context.get_dummy_value()

    @intrinsic
    def move_rows(typing, source, out):
        checked(2, source=source)
        checked(2, written=True, out=out)
        return types.void(source, out), code

    return move_rows


#: copy_rows(source, out): out = source[:rows, :columns] of out's shape; add_rows adds. Their last axes are contiguous.
copy_rows, add_rows = rows_of(added=False), rows_of(added=True)
"""

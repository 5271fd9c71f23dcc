"""The product's text: how threads that call it divide a product."""

SHARING = '''\
@njit(nogil=True)
def portion(size, unit, part, parts):
    """The first index of a part, and the one after its last: whole units, as equal as they go."""
    units = (size + unit - 1)//unit
    return min(size, units*part//parts*unit), min(size, units*(part + 1)//parts*unit)


@njit(nogil=True)
def portions(m, n, workers):
    """(parts of the rows, parts of the columns) of c, so that the part with the most tiles has as few as can be."""
    best, least = (1, 1), np.inf
    rows, columns = (m + TILE_ROWS - 1)//TILE_ROWS, (n + TILE_COLUMNS - 1)//TILE_COLUMNS
    for parts in range(1, workers + 1):
        others = workers//parts
        # Beside its tiles each part packs its columns of b, which takes as long as half a tile of rows.
        work = ((rows + parts - 1)//parts + 0.5)*((columns + others - 1)//others)
        if work < least:
            best, least = (parts, others), work
    return best
'''

"""The part of a module that sorts places by their keys."""

from __future__ import annotations

SEGMENTS = '''\
@cuda.jit
def sort_tiles(keys, order):
    """Sort THREADS places at a time by their keys, equal keys by place: a thread counts what comes before its own."""
    tile = cuda.shared.array(THREADS, np.int64)
    thread, first = cuda.threadIdx.x, cuda.blockIdx.x*THREADS
    here = min(THREADS, keys.shape[0] - first)
    if thread < here:
        tile[thread] = keys[first + thread]
    cuda.syncthreads()
    if thread < here:
        before = 0
        for other in range(here):
            if tile[other] < tile[thread] or (tile[other] == tile[thread] and other < thread):
                before += 1
        order[first + before] = first + thread


@cuda.jit
def merge_runs(keys, order, merged, width):
    """Merge every two neighbouring runs of `width` sorted places: each finds how many of the other run are before it.

    Of equal keys, those of the first run are.
    """
    size = order.shape[0]
    lo, hi = stretch(size)
    for place in range(lo + cuda.threadIdx.x, hi, THREADS):
        first = place//(2*width)*(2*width)
        middle, end = min(first + width, size), min(first + 2*width, size)
        low, high = (middle, end) if place < middle else (first, middle)
        key = keys[order[place]]
        while low < high:
            half = (low + high)//2
            other = keys[order[half]]
            if other < key or (other == key and place >= middle):
                low = half + 1
            else:
                high = half
        merged[place + low - middle] = order[place]


@cuda.jit
def find_starts(keys, order, starts):
    """Find where each key begins among the sorted places, by halves."""
    lo, hi = stretch(starts.shape[0])
    for key in range(lo + cuda.threadIdx.x, hi, THREADS):
        low, high = 0, order.shape[0]
        while low < high:
            half = (low + high)//2
            if keys[order[half]] < key:
                low = half + 1
            else:
                high = half
        starts[key] = low


def segments(keys, count, new, stream):
    """Return the places sorted by their keys, equal ones as they come, and where each of `count` keys begins there.

    A place whose key is `count` stands after all others.
    """
    size, width = keys.shape[0], THREADS
    blocks = blocks_for(size, THREADS)
    order, merged = new((size,), np.int64), new((size,), np.int64)
    sort_tiles[blocks, THREADS, stream](keys, order)
    while width < size:
        merge_runs[blocks, THREADS, stream](keys, order, merged, width)
        order, merged, width = merged, order, 2*width
    starts = new((count + 1,), np.int64)
    find_starts[blocks_for(count + 1, THREADS), THREADS, stream](keys, order, starts)
    return order, starts
'''

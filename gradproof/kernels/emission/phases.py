"""The part of a generated module that lays out what a window reads and writes, phase by phase of its step."""

from __future__ import annotations

from gradproof.kernels.emission.phase_rows import PHASE_ROWS

_SHAPE = '''\
@inner
def window_shape(rows, columns, down, across, step, stride):
    """Return the shape of an array of phases: phases of rows and columns, and how many of these each phase has.

    A window's last place is `down` and `across` from its first; windows begin every `step` rows and `stride` columns.
    """
    height, width = down//step if step else 0, across//stride if stride else 0
    return step if step else down + 1, stride if stride else across + 1, rows + height, columns + width
'''
_PLACE = '''\
@inner
def window_place(down, across, step, stride, shape):
    """Return where the run begins, in an array of phases, of what windows have `down` and `across` from their start."""
    phase, row = (down % step, down//step) if step else (down, 0)
    other, column = (across % stride, across//stride) if stride else (across, 0)
    return ((phase*shape[1] + other)*shape[2] + row)*shape[3] + column
'''
_PLANE = '''\
@inner
def window_plane(phases, down, across, step, stride):
    """Return what windows have `down` and `across` from their start: at [i, j] that of the window of i and j."""
    phase, row = (down % step, down//step) if step else (down, 0)
    other, column = (across % stride, across//stride) if stride else (across, 0)
    return phases[phase, other, row:, column:]
'''
_TAKE = '''\
@inner
def spread_phases(x, top, left, step, stride, phases):
    """Write x[step*i + a - top, stride*j + b - left] to phases[a, b, i, j] where that is inside, and 0 beside it."""
    for a in range(phases.shape[0]):
        first, last = inside_phase(top - a, x.shape[0], step, phases.shape[2])
        if stride == 1 or stride == 2:
            phase_rows(x, a - top, left, step, phases[a], first, last, False, False)
            continue
        for b in range(phases.shape[1]):
            start, stop = inside_phase(left - b, x.shape[1], stride, phases.shape[3])
            for i in range(first, last):
                row, own = x[step*i + a - top, stride*start + b - left:], phases[a, b, i, start:]
                for j in range(stop - start):
                    own[j] = row[stride*j]
'''
_INSIDE = '''\
@inner
def inside_phase(left, size, stride, count):
    """Return from which to which of `count` places j the place stride*j - left is one of `size`."""
    if stride == 0:
        return 0, count if 0 <= -left < size else 0
    first = min(max(-(-left//stride), 0), count)
    return first, max(first, min((size - 1 + left)//stride + 1, count))
'''
_GIVE = '''\
@inner
def collect_phases(phases, top, left, step, stride, x, kept):
    """Add phases[a, b, i, j] to x[step*i + a - top, stride*j + b - left] where that is inside.

    Where x is not kept, it is written there if the stride is 1 or 2.
    """
    for a in range(phases.shape[0]):
        first, last = inside_phase(top - a, x.shape[0], step, phases.shape[2])
        if stride == 1 or stride == 2:
            phase_rows(x, a - top, left, step, phases[a], first, last, True, kept)
            continue
        for b in range(phases.shape[1]):
            start, stop = inside_phase(left - b, x.shape[1], stride, phases.shape[3])
            for i in range(first, last):
                row, own = x[step*i + a - top, stride*start + b - left:], phases[a, b, i, start:]
                for j in range(stop - start):
                    row[stride*j] += own[j]
'''
_PUT = '''\
@inner
def put_phases(phases, top, left, step, stride, x):
    """Write phases[a, b, i, j] to x[step*i + a - top, stride*j + b - left] where that is inside, and 0 elsewhere."""
    whole = (stride == 1 or stride == 2) and top >= 0 and left >= 0
    whole = whole and step*phases.shape[2] - top >= x.shape[0] and stride*phases.shape[3] - left >= x.shape[1]
    if not whole:
        clear(x)
    collect_phases(phases, top, left, step, stride, x, not whole)
'''
_PAD = '''\
@inner
def pad_plane(x, plane):
    """Write an array to the first columns of another, and 0 to the others."""
    phase_rows(x, 0, 0, 1, plane, 0, x.shape[0], False, False)
'''
_CROP = '''\
@inner
def crop_plane(plane, x):
    """Write the first columns of an array to another."""
    phase_rows(plane, 0, 0, 1, x, 0, x.shape[0], False, False)
'''
_PAD_OTHERS = '''\
@inner
def pad_others(x, plane):
    """Write an array to the first columns of another, of another type."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            plane[i, j] = x[i, j]
'''
_CROP_OTHERS = '''\
@inner
def crop_others(plane, x):
    """Write the first columns of an array to another, of another type."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            x[i, j] = plane[i, j]
'''
_STARTS = '''\
@inner
def window_starts(rows, columns, down, across, step, stride, shape, starts):
    """Write where runs begin, in an array of phases for each plane, of what windows have at each of their places.

    Places of a window of so many rows and columns are `down` and `across` from each other.
    """
    size = shape[0]*shape[1]*shape[2]*shape[3]
    for place in range(starts.size):
        plane, u, v = place//(rows*columns), place//columns % rows, place % columns
        starts[place] = plane*size + window_place(down*u, across*v, step, stride, shape)
'''
_RUN = '''\
@inner
def run_length(rows, columns, pitch):
    """Return how many numbers there are from the first place of a plane to its last, where rows are a pitch apart."""
    return max((rows - 1)*pitch + columns, 0)
'''
_PAD_PLANES = '''\
@inner
def pad_planes(x, planes):
    """Write arrays to the first columns of others, and 0 to the others."""
    for k in range(x.shape[0]):
        pad_plane(x[k], planes[k])
'''
_CROP_PLANES = '''\
@inner
def crop_planes(planes, x):
    """Write the first columns of arrays to others."""
    for k in range(x.shape[0]):
        crop_plane(planes[k], x[k])
'''
_TURNED = '''\
@inner
def copy_turned(x, y):
    """Write a matrix to another with rows and columns turned."""
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = x[j, i]
'''
_ADD_TURNED = '''\
@inner
def add_turned(total, x):
    """Add a matrix to another whose columns are its rows, and make it zero."""
    for i in range(total.shape[0]):
        for j in range(total.shape[1]):
            x[j, i] += total[i, j]
            total[i, j] = real(0.0)
'''
#: Name and source, each after those that it calls.
PHASES = (
    ("window_shape", _SHAPE), ("window_place", _PLACE), ("window_plane", _PLANE), ("inside_phase", _INSIDE),
    ("phase_rows", PHASE_ROWS), ("spread_phases", _TAKE), ("collect_phases", _GIVE), ("put_phases", _PUT),
    ("window_starts", _STARTS), ("run_length", _RUN), ("copy_turned", _TURNED), ("add_turned", _ADD_TURNED),
    ("pad_plane", _PAD), ("crop_plane", _CROP), ("pad_others", _PAD_OTHERS), ("crop_others", _CROP_OTHERS),
    ("pad_planes", _PAD_PLANES), ("crop_planes", _CROP_PLANES),
)  # fmt: skip

"""The part of a generated module that lays out what a window reads and writes, phase by phase of its step."""

from __future__ import annotations

_SHAPE = '''\
@serial
def window_shape(rows, columns, down, across, step, stride):
    """Return the shape of an array of phases: phases of rows and columns, and how many of these each phase has.

    A window's last place is `down` and `across` from its first; windows begin every `step` rows and `stride` columns.
    """
    height, width = down//step if step else 0, across//stride if stride else 0
    return step if step else down + 1, stride if stride else across + 1, rows + height, columns + width
'''
_PLACE = '''\
@serial
def window_place(down, across, step, stride, shape):
    """Return where the run begins, in an array of phases, of what windows have `down` and `across` from their start."""
    phase, row = (down % step, down//step) if step else (down, 0)
    other, column = (across % stride, across//stride) if stride else (across, 0)
    return ((phase*shape[1] + other)*shape[2] + row)*shape[3] + column
'''
_PLANE = '''\
@serial
def window_plane(phases, down, across, step, stride):
    """Return what windows have `down` and `across` from their start: at [i, j] that of the window of i and j."""
    phase, row = (down % step, down//step) if step else (down, 0)
    other, column = (across % stride, across//stride) if stride else (across, 0)
    return phases[phase, other, row:, column:]
'''
_TAKE = '''\
@serial
def spread_phases(x, top, left, step, stride, phases):
    """Write x[step*i + a - top, stride*j + b - left] to phases[a, b, i, j] where that is inside."""
    for b in range(0, phases.shape[1], 2 if stride == 2 else 1):
        places = inside_phase(left - b, x.shape[1], stride, phases.shape[3])
        other = inside_phase(left - 1, x.shape[1], 2, phases.shape[3]) if stride == 2 else places
        both = max(places[0], other[0]), max(places[0], other[0], min(places[1], other[1]))
        for a in range(phases.shape[0]):
            rows = inside_phase(top - a, x.shape[0], step, phases.shape[2])
            if stride == 1:
                take_neighbours(x, a - top, b - left, step, phases[a, b], rows, places)
            elif stride != 2:
                take_steps(x, a - top, b - left, step, stride, phases[a, b], rows, places)
            else:
                take_pairs(x, a - top, -left, step, phases[a, 0], phases[a, 1], rows, both)
                for c, own in enumerate((places, other)):
                    if own[0] < both[0]:
                        before = own[0], min(both[0], own[1])
                        take_steps(x, a - top, c - left, step, stride, phases[a, c], rows, before)
                    if own[1] > both[1]:
                        after = max(both[1], own[0]), own[1]
                        take_steps(x, a - top, c - left, step, stride, phases[a, c], rows, after)
'''
_TAKE_ROWS = """\
@serial
def take_neighbours(x, h, w, step, phase, rows, places):
    for i in range(rows[0], rows[1]):
        row, own = x[step*i + h, places[0] + w:], phase[i, places[0]:]
        for j in range(places[1] - places[0]):
            own[j] = row[j]


@serial
def take_pairs(x, h, w, step, even, odd, rows, places):
    for i in range(rows[0], rows[1]):
        row, own, beside = x[step*i + h, 2*places[0] + w:], even[i, places[0]:], odd[i, places[0]:]
        for j in range(places[1] - places[0]):
            own[j] = row[2*j]
            beside[j] = row[2*j + 1]


@serial
def take_steps(x, h, w, step, stride, phase, rows, places):
    for i in range(rows[0], rows[1]):
        row, own = x[step*i + h, stride*places[0] + w:], phase[i, places[0]:]
        for j in range(places[1] - places[0]):
            own[j] = row[stride*j]
"""
_INSIDE = '''\
@serial
def inside_phase(left, size, stride, count):
    """Return from which to which of `count` places j the place stride*j - left is one of `size`."""
    if stride == 0:
        return 0, count if 0 <= -left < size else 0
    first = min(max(-(-left//stride), 0), count)
    return first, max(first, min((size - 1 + left)//stride + 1, count))
'''
_GIVE = '''\
@serial
def collect_phases(phases, top, left, step, stride, x):
    """Add phases[a, b, i, j] to x[step*i + a - top, stride*j + b - left] where that is inside."""
    for b in range(0, phases.shape[1], 2 if stride == 2 else 1):
        places = inside_phase(left - b, x.shape[1], stride, phases.shape[3])
        other = inside_phase(left - 1, x.shape[1], 2, phases.shape[3]) if stride == 2 else places
        both = max(places[0], other[0]), max(places[0], other[0], min(places[1], other[1]))
        for a in range(phases.shape[0]):
            rows = inside_phase(top - a, x.shape[0], step, phases.shape[2])
            if stride == 1:
                give_neighbours(x, a - top, b - left, step, phases[a, b], rows, places)
            elif stride != 2:
                give_steps(x, a - top, b - left, step, stride, phases[a, b], rows, places)
            else:
                give_pairs(x, a - top, -left, step, phases[a, 0], phases[a, 1], rows, both)
                for c, own in enumerate((places, other)):
                    if own[0] < both[0]:
                        before = own[0], min(both[0], own[1])
                        give_steps(x, a - top, c - left, step, stride, phases[a, c], rows, before)
                    if own[1] > both[1]:
                        after = max(both[1], own[0]), own[1]
                        give_steps(x, a - top, c - left, step, stride, phases[a, c], rows, after)
'''
_GIVE_ROWS = """\
@serial
def give_neighbours(x, h, w, step, phase, rows, places):
    for i in range(rows[0], rows[1]):
        row, own = x[step*i + h, places[0] + w:], phase[i, places[0]:]
        for j in range(places[1] - places[0]):
            row[j] += own[j]


@serial
def give_pairs(x, h, w, step, even, odd, rows, places):
    for i in range(rows[0], rows[1]):
        row, own, beside = x[step*i + h, 2*places[0] + w:], even[i, places[0]:], odd[i, places[0]:]
        for j in range(places[1] - places[0]):
            row[2*j] += own[j]
            row[2*j + 1] += beside[j]


@serial
def give_steps(x, h, w, step, stride, phase, rows, places):
    for i in range(rows[0], rows[1]):
        row, own = x[step*i + h, stride*places[0] + w:], phase[i, places[0]:]
        for j in range(places[1] - places[0]):
            row[stride*j] += own[j]
"""
_PAD = '''\
@serial
def pad_plane(x, plane):
    """Write an array to the first columns of another."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            plane[i, j] = x[i, j]
'''
_CROP = '''\
@serial
def crop_plane(plane, x):
    """Write the first columns of an array to another."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            x[i, j] = plane[i, j]
'''
#: Name and source, each after those that it calls.
PHASES = (
    ("window_shape", _SHAPE), ("window_place", _PLACE), ("window_plane", _PLANE), ("inside_phase", _INSIDE),
    ("take_pairs", _TAKE_ROWS), ("give_pairs", _GIVE_ROWS), ("spread_phases", _TAKE), ("collect_phases", _GIVE),
    ("pad_plane", _PAD), ("crop_plane", _CROP),
)  # fmt: skip

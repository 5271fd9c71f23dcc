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
_SPREAD = '''\
@serial
def spread_phases(x, top, left, step, stride, phases):
    """Write x[step*i + a - top, stride*j + b - left] to phases[a, b, i, j]; 0 where that is outside."""
    H, W = x.shape
    for a in range(phases.shape[0]):
        for i in range(phases.shape[2]):
            h = step*i + a - top
            for b in range(phases.shape[1]):
                row = phases[a, b, i]
                first, last = inside_row(left - b, W, stride, row.size) if 0 <= h < H else (0, 0)
                row[:first] = real(0.0)
                row[last:] = real(0.0)
                if last > first:
                    start = stride*first + b - left
                    take_row(x[h, start:], stride, row[first:last])
'''
_INSIDE = '''\
@serial
def inside_row(start, size, stride, count):
    """Return from which to which of `count` places j the place stride*j - start is one of `size`."""
    if stride == 0:
        return (0, count) if 0 <= -start < size else (0, 0)
    first = min(max(-(-start//stride), 0), count)
    return first, max(first, min((size - 1 + start)//stride + 1, count))
'''
_TAKE = '''\
@serial
def take_row(x, stride, row):
    """Write every place that is a stride from the last to a row."""
    if stride == 1:
        for j in range(row.size):
            row[j] = x[j]
    elif stride == 2:
        for j in range(row.size):
            row[j] = x[2*j]
    else:
        for j in range(row.size):
            row[j] = x[stride*j]
'''
_COLLECT = '''\
@serial
def collect_phases(phases, top, left, step, stride, x):
    """Add phases[a, b, i, j] to x[step*i + a - top, stride*j + b - left] where that is inside."""
    H, W = x.shape
    for a in range(phases.shape[0]):
        for i in range(phases.shape[2]):
            h = step*i + a - top
            if 0 <= h < H:
                for b in range(phases.shape[1]):
                    row = phases[a, b, i]
                    first, last = inside_row(left - b, W, stride, row.size)
                    if last > first:
                        start = stride*first + b - left
                        give_row(row[first:last], stride, x[h, start:])
'''
_GIVE = '''\
@serial
def give_row(row, stride, x):
    """Add a row to every place that is a stride from the last."""
    if stride == 1:
        for j in range(row.size):
            x[j] += row[j]
    elif stride == 2:
        for j in range(row.size):
            x[2*j] += row[j]
    else:
        for j in range(row.size):
            x[stride*j] += row[j]
'''
_PAD = '''\
@serial
def pad_plane(x, filled, plane):
    """Write an array to the first columns of another, whose other columns are filled."""
    for i in range(x.shape[0]):
        plane[i, :x.shape[1]] = x[i]
        plane[i, x.shape[1]:] = filled
'''
_CROP = '''\
@serial
def crop_plane(plane, x):
    """Write the first columns of an array to another."""
    for i in range(x.shape[0]):
        x[i] = plane[i, :x.shape[1]]
'''
#: Name and source, each after those that it calls.
PHASES = (
    ("window_shape", _SHAPE), ("window_place", _PLACE), ("inside_row", _INSIDE), ("take_row", _TAKE),
    ("give_row", _GIVE), ("spread_phases", _SPREAD), ("collect_phases", _COLLECT), ("pad_plane", _PAD),
    ("crop_plane", _CROP),
)  # fmt: skip

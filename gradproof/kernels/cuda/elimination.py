"""Elimination by the threads of one block: they share the rows and columns of a matrix, and meet after each step.

The same quotients and products as one thread would make, in the same order for each entry, but for the last step:
there a solved row goes into those above it at once.
"""

from __future__ import annotations

import re

_ELIMINATE = '''\
LANES = min(32, THREADS//2)  # threads that go along a row of a matrix together


@device
def pivot(a, k):
    """Return the row from k on with the largest entry in column k, the first of equals; the threads of a block meet."""
    rows = cuda.shared.array(THREADS, np.int64)
    sizes = cuda.shared.array(THREADS, np.float64)
    thread, best, apart = cuda.threadIdx.x, k, THREADS//2
    for i in range(k + 1 + thread, a.shape[0], THREADS):
        if abs(a[i, k]) > abs(a[best, k]):
            best = i
    rows[thread], sizes[thread] = best, abs(a[best, k])
    cuda.syncthreads()
    while apart > 0:
        if thread < apart:
            other, size = thread + apart, sizes[thread]
            if sizes[other] > size or (sizes[other] == size and rows[other] < rows[thread]):
                rows[thread], sizes[thread] = rows[other], sizes[other]
        cuda.syncthreads()
        apart //= 2
    best = rows[0]
    cuda.syncthreads()
    return best


@device
def eliminate(a, b, k):
    """Bring the largest entry of column k into row k, and make the entries below it 0, in a x = b."""
    n, p, thread, best = a.shape[0], b.shape[1], cuda.threadIdx.x, pivot(a, k)
    for j in range(k + thread, n, THREADS):
        a[k, j], a[best, j] = a[best, j], a[k, j]
    for j in range(thread, p, THREADS):
        b[k, j], b[best, j] = b[best, j], b[k, j]
    cuda.syncthreads()
    for i in range(k + 1 + thread, n, THREADS):
        a[i, k] /= a[k, k]  # the factor of row k in row i
    cuda.syncthreads()
    for i in range(k + 1 + thread//LANES, n, THREADS//LANES):
        for j in range(k + 1 + thread % LANES, n, LANES):
            a[i, j] -= a[i, k]*a[k, j]
        for j in range(thread % LANES, p, LANES):
            b[i, j] -= a[i, k]*b[k, j]
    cuda.syncthreads()
'''
_SOLVE = '''\
@device
def solve_together(a, b):
    """Write the solution x of a x = b over b, by elimination with the largest pivot of each column; a is used up."""
    n, p, thread = b.shape[0], b.shape[1], cuda.threadIdx.x
    for k in range(n):
        eliminate(a, b, k)
    for k in range(n - 1, -1, -1):
        for j in range(thread, p, THREADS):
            b[k, j] /= a[k, k]
        cuda.syncthreads()
        for place in range(thread, k*p, THREADS):
            b[place//p, place % p] -= a[place//p, k]*b[k, place % p]
        cuda.syncthreads()
'''
_LOG_ABS_DET = '''\
@device
def log_abs_det_together(a):
    """Return log|det a|, by elimination with the largest pivot of each column; a is used up."""
    total = 0.0
    for k in range(a.shape[0]):
        eliminate(a, a[:, :0], k)
        total += log(abs(a[k, k]))
    return total
'''
#: By name, each after those that it calls.
ELIMINATION = {"eliminate": _ELIMINATE, "solve_together": _SOLVE, "log_abs_det_together": _LOG_ABS_DET}

_LOOP = re.compile(r"^(for \w+ in range)\((.*)\):$")
_VALUE = re.compile(r"^(\w+\[\(\)\] = .*)\blog_abs_det\((\w+)\)(.*)$")


def together(lines: list[str]) -> list[str]:
    """Return the lines of a system that one thread would solve as those of a block's threads."""
    found: list[str] = []
    for line in lines:
        if value := _VALUE.match(line):
            found += [f"total = log_abs_det_together({value[2]})", "if cuda.threadIdx.x == 0:"]
            found.append(f"    {value[1]}total{value[3]}")
        else:
            text = line.replace("solve_rows(", "solve_together(") if line.startswith("solve_rows(") else line
            found.append(_LOOP.sub(r"\1(cuda.threadIdx.x, \2, THREADS):", text))
    return found

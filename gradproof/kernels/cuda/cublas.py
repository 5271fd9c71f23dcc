"""Matrix products by cuBLAS, in modules for CUDA: what it takes of them, and how it is called.

nvmath-python's bindings are NVIDIA's own and take addresses and strides as they are, so that a product of a module is
one call; CuPy's product has no form that adds to an array, and would make temporary ones.
"""

from __future__ import annotations

from typing import Literal

from gradproof.kernels.cuda.half_prolog import HALVES_PRODUCT
from gradproof.kernels.cuda.prolog import PRODUCT

Products = Literal["auto", "cublas", "own"]

#: How a module gets at cuBLAS.
IMPORTS: dict[str, str] = {
    "auto": """\
try:
    from nvmath.bindings import cublas
except ImportError:
    cublas = None  # then matrix products are launches of `multiply`""",
    "cublas": "from nvmath.bindings import cublas",
}
#: What the head of a module says it needs.
NEEDS: dict[str, str] = {
    "auto": "This file needs numpy and numba-cuda alone; where nvmath-python is, products are by cuBLAS.",
    "cublas": "This file needs numpy, numba-cuda and nvmath-python, whose cuBLAS makes products.",
}
_CUBLAS = '''\
CUBLAS, HANDLES = Lock(), {}  # one handle for each device, which one thread at a time uses
FACTORS = {number: np.array(number, real) for number in (-1, 0, 1)}


def column_major(rows, columns, down, across):
    """Return (is it transposed, its leading dimension) of a matrix as cuBLAS reads it, or None where it cannot.

    Entries are `down` apart from row to row, and `across` from column to column.
    """
    if (down == 1 or rows == 1) and (columns == 1 or across >= rows):
        return False, across if columns > 1 else rows
    if (across == 1 or columns == 1) and (rows == 1 or down >= columns):
        return True, down if rows > 1 else columns
    return None


def gemm_plan(sizes, a_at, b_at, c_at):
    """Return (matrices, how many at once, how far apart, where they begin) for cuBLAS, or None where it cannot."""
    first, second, rows, columns, inner, repeats = sizes
    a, b, c = (column_major(m, n, at[3], at[4]) for m, n, at in
               ((rows, inner, a_at), (inner, columns, b_at), (rows, columns, c_at)))
    if a is None or b is None or c is None or c[0]:
        return None
    loops, axis, count = first, 2, second
    if second == 1:
        loops, axis, count = 1, 1, first
    elif all(at[1] == second*at[2] for at in (a_at, b_at, c_at)):
        loops, count = 1, first*second
    steps = [at[axis] for at in (a_at, b_at, c_at)]
    if count > 1 and (min(steps) < 0 or steps[2] == 0):
        return None
    begins = [(a_at[0] + p*a_at[1] + r*a_at[5], b_at[0] + p*b_at[1] + r*b_at[5], c_at[0] + p*c_at[1], r > 0)
              for p in range(loops) for r in range(repeats)]
    return (a, b, c), count, steps, begins


def transposed(at):
    """Return where the entries of the transpose of an operand are."""
    return (*at[:3], at[4], at[3], *at[5:])


def gemm(plan, sizes, a, b, c, factor, adds, stream):
    """Call cuBLAS, which queues its work on the stream."""
    ((a_turned, a_lead), (b_turned, b_lead), (_, c_lead)), count, (a_step, b_step, c_step), begins = plan
    SIZES
    a, b, c = extent(a)[0], extent(b)[0], extent(c)[0]
    with CUBLAS:
        device = current_device()
        if device not in HANDLES:
            HANDLES[device] = cublas.create()
        cublas.set_stream(HANDLES[device], int(getattr(stream, "handle", 0)))
        for a_begin, b_begin, c_begin, more in begins:
            CALL


def by_cublas(sizes, a, a_at, b, b_at, c, c_at, factor, adds, stream):
    """Have a product made by cuBLAS, if it is installed and takes the operands as they lie; return whether it does."""
    if cublas is None or not all(sizes) or a.dtype != b.dtype or c.dtype != real:
        return False
    if plan := gemm_plan(sizes, a_at, b_at, c_at):
        gemm(plan, sizes, a, b, c, factor, adds, stream)
        return True
    first, second, rows, columns, inner, repeats = sizes
    turned = first, second, columns, rows, inner, repeats  # the transpose of c = a @ b is that of b @ that of a
    if plan := gemm_plan(turned, transposed(b_at), transposed(a_at), transposed(c_at)):
        gemm(plan, turned, b, a, c, factor, adds, stream)
    return bool(plan)
'''
_CALLED = '''\


def product(sizes, a, a_at, b, b_at, c, c_at, factor, adds, stream):
    """Launch a matrix product: by cuBLAS where it is installed and takes the operands as they lie; see `multiply`."""
    if not by_cublas(sizes, a, a_at, b, b_at, c, c_at, factor, adds, stream):
        tiled_product(sizes, a, a_at, b, b_at, c, c_at, factor, adds, stream)
'''
_SIZES = "size = c.dtype.itemsize"
_CALL = """\
cublas.LETTERgemm_strided_batched_64(
                HANDLES[device], int(a_turned), int(b_turned), *sizes[2:5], FACTORS[factor].ctypes.data,
                a + size*a_begin, a_lead, a_step, b + size*b_begin, b_lead, b_step,
                FACTORS[int(adds or more)].ctypes.data, c + size*c_begin, c_lead, c_step, count,
            )"""
_HALF_SIZES = "kind, size = TYPES[a.dtype], a.dtype.itemsize"
_HALF_CALL = """\
cublas.gemm_strided_batched_ex_64(
                HANDLES[device], int(a_turned), int(b_turned), *sizes[2:5], FACTORS[factor].ctypes.data,
                a + size*a_begin, kind, a_lead, a_step, b + size*b_begin, kind, b_lead, b_step,
                FACTORS[int(adds or more)].ctypes.data, c + 4*c_begin, TYPES[np.dtype(real)], c_lead, c_step, count,
                COMPUTE_32F, ANY_ALGORITHM,
            )"""
#: cudaDataType of what arrays hold: CUDA_R_16F and CUDA_R_16BF; of `real` it is CUDA_R_32F.
_TYPES = {"float16": 2, "bfloat16": 14}
_TYPE_LINES = """\
TYPES = {{np.dtype(real): 0, np.dtype(half): {kind}}}  # cudaDataType: of float32, of {dtype}
COMPUTE_32F, ANY_ALGORITHM = 68, -1  # terms are added up in float32; cuBLAS chooses how"""


def product_text(dtype: str, products: Products) -> str:
    """Return the definition of the function that launches a product, for numbers of a type."""
    text = HALVES_PRODUCT if dtype in _TYPES else PRODUCT
    if products == "own":
        return text
    return f"{text.replace('def product(', 'def tiled_product(').rstrip()}\n{_CALLED}"


def cublas_text(dtype: str) -> str:
    """Return the functions that ask cuBLAS for a product."""
    if dtype not in _TYPES:
        letter = "d" if dtype == "float64" else "s"
        return _CUBLAS.replace("SIZES", _SIZES).replace("CALL", _CALL.replace("LETTER", letter))
    text = _CUBLAS.replace("SIZES", _HALF_SIZES).replace("CALL", _HALF_CALL)
    head, rest = text.split("\n\n\n", 1)
    return f"{head}\n{_TYPE_LINES.format(kind=_TYPES[dtype], dtype=dtype)}\n\n\n{rest}"

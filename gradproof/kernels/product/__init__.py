"""Products of matrices for generated kernels: text that is put into a module, or one compiled copy that modules share.

A generated module gets the product in one of two forms, with the same names in it:

- `product_body()` is text that stands alone: after the lines of `PRODUCT_IMPORTS` and after `real = np.float32` (or
  float64). It is for files that a person takes away.
- `product_import(dtype)` is text for modules in the cache folder: it takes the names from a module that is compiled
  once for each type and processor, and kept on disk. It holds the text's digest, so that a module which was cached
  with another text of the product is another file.

`PRODUCT_NAMES` are the names that the text defines at the head of a module: no kernel may have one of them.

Then kernels call, within `njit(nogil=True)` functions and from several threads, serial and without the GIL:

- `gemm(a, b, c, accumulate, scratch)`: c = a @ b, or c += a @ b where accumulate (a bool). a [m, k], b [k, n] and
  c [m, n] are arrays of `real`, any views at all for a and b (`x.T`, `x[::2]`, `x[:, ::-1]`); the last axis of c is
  contiguous. c overlaps neither a nor b. scratch is `np.empty(SCRATCH, real)`, one for each thread; nothing is kept in
  it between calls. k = 0 writes zeros, or leaves c when it accumulates. Shapes that do not fit raise ValueError.
- `gemm_packed(a, packed, c, accumulate, scratch)`: the same for a b that stays in a loop, `packed = pack(b)`, or
  `packed = np.empty((k, packed_columns(n)), real)` and `pack_into(b, packed)` without allocation. a and c may be
  smaller than what was packed: b is then its first rows and columns.
- `gemm_by_rows(a, numbers, starts, c, line, pitch, accumulate, scratch)`: the same for a b whose row k is
  numbers[starts[k]:]: runs of one array, which may overlap. Its columns are lines that are a pitch from each other:
  whole tiles, or without gaps where line and pitch are the same. `gemm_of_rows(numbers, starts, packed, c, accumulate,
  scratch)`: for an a whose row i is numbers[starts[i]:], and a packed b. `gemm_to_rows(a, b, numbers, starts, line,
  pitch, scratch)` adds row i of a @ b to numbers[starts[i]:], in such lines, one row after the other. Rows that are not
  inside raise ValueError.
- `copy_rows(source, out)`: out[i, j] = source[i, j] for all places of out; the last axes of both are contiguous.
  `add_rows(source, out)` adds. A row of a few numbers takes a few instructions.
- `portion(size, unit, part, parts)`: (first, last) of the rows, with unit TILE_ROWS, or of the columns, with unit
  TILE_COLUMNS, that a part of the work takes; `portions(m, n, workers)` gives (parts of rows, parts of columns), their
  product at most the workers.

Each entry of c is the same sum in the same order whatever the view, the split, the thread, and packed or not: the same
bits on one machine. Sums are kept in `real`, and within K*eps*(|a| @ |b|) of the exact ones.
"""

from gradproof.kernels.product.source import (
    PRODUCT_CALLS,
    PRODUCT_IMPORTS,
    PRODUCT_NAMES,
    product_body,
    product_import,
    product_source,
)
from gradproof.kernels.shared import shared_product

__all__ = [
    "PRODUCT_CALLS", "PRODUCT_IMPORTS", "PRODUCT_NAMES", "product_body", "product_import", "product_source",
    "shared_product",
]  # fmt: skip

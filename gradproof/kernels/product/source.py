"""The product's text for a generated module, whole or as an import of the shared one."""

from __future__ import annotations

import ast
import hashlib

from gradproof.kernels.cache import digest
from gradproof.kernels.product.apart import APART
from gradproof.kernels.product.face import FACE
from gradproof.kernels.product.loops import LOOPS, PUBLISHED
from gradproof.kernels.product.packing import PACKING
from gradproof.kernels.product.registers import CODE, IMPORTS, MACHINE
from gradproof.kernels.product.rows import ROWS
from gradproof.kernels.product.sharing import SHARING
from gradproof.kernels.product.tiles import TILES

_PARTS = (MACHINE, CODE, PUBLISHED, TILES, PACKING, LOOPS, FACE, APART, ROWS, SHARING)
#: Equal texts have equal keys: what is compiled is found by it.
KEY = hashlib.sha256("\0".join((IMPORTS, *_PARTS)).encode()).hexdigest()[:12]
#: What generated functions call; the rest of the names is the product's own.
_CALLED = (
    "SCRATCH", "TILE_COLUMNS", "TILE_ROWS", "add_rows", "copy_rows",
    "gemm", "gemm_by_rows", "gemm_of_rows", "gemm_packed", "gemm_to_rows",
    "pack", "pack_into", "packed_columns", "portion", "portions",
)  # fmt: skip

#: In the cache folder, functions are read as kernels are.
_KEPT_IMPORTS = IMPORTS.replace("import cfunc, njit", "import njit").replace(
    "import numpy as np\n", "import numpy as np\nfrom gradproof.kernels.kept import cfunc\n"
)
#: Those of them that multiply.
PRODUCT_CALLS = ("gemm", "gemm_by_rows", "gemm_of_rows", "gemm_packed", "gemm_to_rows")
#: The lines that `product_body` needs at the head of its module.
PRODUCT_IMPORTS = tuple(IMPORTS.splitlines())


def product_body() -> str:
    """Return the text that defines the product; it needs PRODUCT_IMPORTS and `real` before it."""
    machine, *others = _PARTS
    key = f'KEY = "{KEY}"  # modules with this same text share what is compiled\n'
    return "\n\n".join([machine.replace("KEY\n", key), *others])


def product_source(dtype: str) -> str:
    """Return a module for the cache folder that holds the product and nothing else."""
    return f'"""Products of {dtype} matrices."""\n\n{_KEPT_IMPORTS}\nreal = np.{dtype}\n\n{product_body()}'


def product_import(dtype: str) -> str:
    """Return the lines that take the product from the module that all kernels in the cache share."""
    lines = [f"{name} = product.{name}" for name in _CALLED]
    call = f'product = shared_product("{dtype}", "{digest(product_source(dtype))}")'
    return "\n".join(["from gradproof.kernels.shared import shared_product", "", call, *lines]) + "\n"


def _defined(text: str) -> frozenset[str]:
    """Return the names that a module's text binds at its head."""
    names = {"product", "shared_product"}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {a.asname or a.name for a in node.names}
        elif isinstance(node, ast.Assign):
            names |= {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return frozenset(names)


#: Names that a module with the product has taken.
PRODUCT_NAMES = _defined(f"{IMPORTS}\n{product_body()}")

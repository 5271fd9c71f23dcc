"""What kernels are made for: which targets and types there are, and how a plan becomes text for one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.kernels.module import Unit
    from gradproof.kernels.planner.tree import Plan

#: The types of arrays, by target; in half precision, arithmetic is in float32.
DTYPES = {"cpu": ("float32", "float64"), "cuda": ("float32", "float64", "float16", "bfloat16")}
TARGETS = tuple(DTYPES)
#: Who makes matrix products on CUDA: cuBLAS where it is installed, always, or a kernel of the module's.
PRODUCTS = ("auto", "cublas", "own")


def check_target(target: str) -> None:
    """Refuse a target that there is not.

    Raises:
        InputError: it is none.
    """
    if target not in TARGETS:
        raise InputError(f"there is no target {target!r}", expected=" or ".join(TARGETS))


def dtype_name(dtype: object, target: str) -> str:
    """Return "float32" for that text and for np.float32.

    Raises:
        InputError: another type, or none.
    """
    name = dtype if isinstance(dtype, str) else getattr(dtype, "__name__", None) or getattr(dtype, "name", None)
    if name not in DTYPES[target]:
        hint = "arrays in half precision are for the target cuda" if name in DTYPES["cuda"] else ""
        raise InputError(f"no kernels in the type {dtype!r}", expected=" or ".join(DTYPES[target]), hint=hint)
    return str(name)


def unit_of(plan: Plan, name: str, target: str, dtype: str) -> Unit:
    """Return a kernel's part of a module for its target and type."""
    if target == "cpu":
        from gradproof.kernels.emission.module import fast_unit

        return fast_unit(plan, name)
    from gradproof.kernels.cuda.module import cuda_unit

    return cuda_unit(plan, name, dtype)


def check_fast(target: str, dtype: str) -> None:
    """Refuse fast functions where there are none.

    Raises:
        InputError: for another target than cuda, or in float64.
    """
    if target != "cuda" or dtype == "float64":
        expected = "target='cuda', and float32 or half precision"
        raise InputError(f"there are no fast functions for {target} in {dtype}", expected=expected)


def module_text(
    units: tuple[Unit, ...],
    dtype: str,
    target: str,
    title: str = "",
    *,
    shared: bool = False,
    products: str = "auto",
    fast: bool = False,
) -> str:
    """Return the text of a module for a target; `products` says who makes those of matrices on CUDA.

    Raises:
        InputError: it says what there is not.
    """
    if products not in PRODUCTS:
        raise InputError(f"matrix products cannot be by {products!r}", expected=" or ".join(PRODUCTS))
    if target == "cpu":
        from gradproof.kernels.emission.module import fast_module

        return fast_module(units, dtype, title, shared=shared, lends=shared)
    from gradproof.kernels.cuda.module import cuda_module

    return cuda_module(units, dtype, title, products=products, fast=fast)  # type: ignore[arg-type]

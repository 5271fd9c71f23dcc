"""The kernel of a system, of a derivation, or of a text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gradproof.kernels import records
from gradproof.kernels.collecting import collected_later
from gradproof.kernels.compiled import Kernel
from gradproof.kernels.origin import Given, Origin, Written
from gradproof.kernels.targets import check_fast, check_target, dtype_name
from gradproof.loading import written

if TYPE_CHECKING:
    from gradproof.derive.model import System
    from gradproof.derive.steps import Derivation
    from gradproof.kernels.prepare import What


@collected_later()
def kernel(
    source: System | Derivation | str | Path,
    target: str = "cpu",
    dtype: str | type = "float32",
    what: What | None = None,
    *,
    name: str = "",
    fast: bool = False,
) -> Kernel:
    """Return the kernel of a system (forward) or a derivation (fused forward and backward).

    Args:
        source: the system or the derivation; or a name of the catalogue, a path, or the equations as text, which are
            derived with respect to what they name as parameters. A kernel of a text that was made before is loaded as
            it is on disk, without a derivation; its `source`, `plan` and `derivation` are made when they are asked for.
        target: "cpu" or "cuda".
        dtype: "float32" or "float64" (or NumPy's type): of the arrays and the arithmetic; sums are kept in float64.
            On CUDA also "float16" and "bfloat16": of the arrays; the arithmetic is in float32.
        what: "forward" returns all computed tensors; "backward" takes them with the inputs and the cotangents `d_y`,
            and returns the gradients; "fused" returns what was differentiated and the gradients; "update" returns
            updated parameters.
        name: the function's name; by default made of the title or of the outputs.
        fast: may exp, log, sin and cos be CUDA's fast ones? Their errors stand in the module's header.

    Raises:
        InputError: an unknown target, dtype or kind. NotYet: something that has no kernel yet, with the equation.
    """
    check_target(target)
    if isinstance(source, str | Path):
        text = Written(*written(source, "kernel"), what)
        return _of_text(text, target, _dtype(dtype, target, fast=fast), name, fast=fast)
    origin = _given(source, what)
    return _made(origin, target, _dtype(dtype, target, fast=fast), name, fast=fast)


def _given(source: object, what: What | None) -> Given:
    from gradproof.derive.check import require_system
    from gradproof.derive.steps import Derivation
    from gradproof.kernels.prepare import prepare

    if isinstance(source, Derivation):
        return Given(prepare(source, what), source)
    return Given(prepare(require_system(source, "kernel"), what))


def _dtype(dtype: object, target: str, *, fast: bool) -> str:
    name = dtype_name(dtype, target)
    if fast:
        check_fast(target, name)
    return name


def _of_text(origin: Written, target: str, dtype: str, name: str, *, fast: bool) -> Kernel:
    """Return the kernel as it is on disk, or made anew."""
    key = records.key(origin, target, dtype, name, fast=fast)
    if key is not None and (record := records.find(key)) is not None:
        return Kernel(record.face.name, origin, target, dtype, fast, key, record)
    return _made(origin, target, dtype, name, fast=fast, key=key)


def _made(origin: Origin, target: str, dtype: str, name: str, *, fast: bool, key: str | None = None) -> Kernel:
    from gradproof.kernels.default_names import default_name
    from gradproof.kernels.names import RESERVED, ascii_name

    name = ascii_name(name) if name else default_name(origin.program)
    made = Kernel(f"{name}_kernel" if name in RESERVED else name, origin, target, dtype, fast, key)
    _ = made.unit  # what cannot be planned is refused here, not at the first call
    return made

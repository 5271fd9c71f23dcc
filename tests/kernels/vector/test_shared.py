"""Modules in the cache folder share their functions of numbers; a module that is written out holds its own."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels.shared import shared_mathematics


def test_kernels_of_a_type_call_the_same_compiled_functions() -> None:
    first, second = (gp.kernel(gp.derive(gp.load(name)), dtype="float32") for name in ("sigmoid", "silu"))
    assert first.module.sigmoid is second.module.sigmoid
    assert "mathematics" not in first.source
    assert "def sigmoid(x)" in first.source


def test_shared_functions_give_the_bits_of_the_module_that_stands_alone() -> None:
    k = gp.kernel(gp.derive(gp.load("sigmoid")), dtype="float32")
    alone: dict[str, object] = {}
    exec(compile(k.source.replace('"cache": True', '"cache": False'), "<alone>", "exec"), alone)  # noqa: S102
    z, d_a = np.linspace(-100, 100, 1001, dtype=np.float32), np.ones(1001, np.float32)
    given = {"z": z, **({"d_a": d_a} if "d_a" in k.unit.parameters else {})}
    other = alone[k.name](**given)  # type: ignore[operator]
    for name, value in k(**given).items():
        np.testing.assert_array_equal(value, other[name], strict=True)


def test_a_kernel_of_another_text_is_refused() -> None:
    with pytest.raises(ImportError, match="generated with the mathematics 0123, and here is"):
        shared_mathematics("float32", "0123")

"""Half precision: arrays in float16 or bfloat16, arithmetic in float32."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gradproof as gp
from benchmarks.ptx.compiled import ENTRIES, compiled
from gradproof.errors import InputError
from gradproof.kernels import module_source
from gradproof.kernels.cuda.half_prolog import NUMBERS
from gradproof.loading import load
from tests.kernels.cuda.halves import to_float, to_half
from tests.kernels.cuda.test_simulator import lines_of

#: What is there: a row; parts of blocks; matrix products, start rows and a loop of the host; labels; windows.
_QUICK = ["sigmoid:fused:float16", "softmax_cross_entropy:fused:bfloat16", "rnn:fused:bfloat16"]
_SLOW = [
    "sigmoid:fused:bfloat16", "mlp:fused:bfloat16", "embedding:fused:bfloat16", "max_pool1d:fused:float16",
    "sgd:update:float16", "l2:update:bfloat16", "rnn:backward:float16",
]  # fmt: skip
_PARTS = 12


@pytest.mark.parametrize("cases", [_QUICK, pytest.param(_SLOW, marks=pytest.mark.slow)])
def test_results_are_those_in_float32_rounded_once(cases: list[str]) -> None:
    found = lines_of("tests.kernels.cuda.halves", cases)
    assert found == dict.fromkeys(cases, "ok")


@pytest.mark.slow
@pytest.mark.simulator
@pytest.mark.parametrize("part", range(_PARTS))
def test_results_of_the_whole_catalogue_are_those_in_float32_rounded_once(part: int) -> None:
    """Bit for bit, products, scans and sums among them; every other entry in each of the two types."""
    cases = [f"{n}:fused:{('float16', 'bfloat16')[k % 2]}" for k, n in enumerate(ENTRIES)]
    assert lines_of("tests.kernels.cuda.halves", cases[part::_PARTS]) == dict.fromkeys(cases[part::_PARTS], "ok")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_numbers_are_rounded_to_the_nearest(dtype: str) -> None:
    """Ties to even, at both ends of every binade, among denormals and past the largest; infinities and nan stay."""
    space: dict[str, object] = {"np": np, "real": np.float32, "half": np.float16, "device": lambda f: f}
    for texts in NUMBERS.values():
        exec(texts[dtype], space)  # noqa: S102
    steps = np.arange(-3, 4) * (1 << 12 if dtype == "float16" else 1 << 15)
    bits = (np.arange(256)[:, None] << 23) + steps[None] + np.array([[[-1]], [[0]], [[1]]])
    values = np.append(np.clip(bits, 0, 0x7F800000).ravel().astype(np.uint32).view(np.float32), np.float32(np.nan))
    with np.errstate(over="ignore"):
        for x in np.append(values, -values):
            found = space["rounded"](x)  # type: ignore[operator]
            expected = to_half(x, dtype)
            assert found == expected or np.isnan(to_float(found, dtype)) == np.isnan(x) == 1, x
            held = space["wide"](expected[()])  # type: ignore[operator]
            assert held == to_float(expected, dtype) or np.isnan(x)


def test_an_activation_reads_and_writes_16_bits() -> None:
    pytest.importorskip("numba_cuda", reason="numba-cuda is not installed")
    for dtype in ("float16", "bfloat16"):
        (text,) = compiled("sigmoid", dtype, (8, 0)).values()
        elements = len(re.findall(r"ex2\.approx", text))
        assert elements
        assert len(re.findall(r"ld\.global\S*\.u16", text)) == 2 * elements
        assert len(re.findall(r"st\.global\S*\.u16", text)) == 2 * elements
        assert not re.search(r"(ld|st)\.(global\S*\.f32|local)", text)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_kernels_compile(dtype: str) -> None:
    pytest.importorskip("numba_cuda", reason="numba-cuda is not installed")
    for name in ("softmax_cross_entropy", "rnn"):
        assert all(".entry" in text for text in compiled(name, dtype, (9, 0)).values())


def test_what_is_refused() -> None:
    with pytest.raises(InputError, match="'bfloat16'") as refused:
        gp.kernel(load("softmax"), dtype="bfloat16")
    assert "half precision are for the target cuda" in str(refused.value)


def test_products_read_what_comes_in_as_it_is() -> None:
    """The module's kernel widens what it reads; cuBLAS takes two operands of one type."""
    mlp = gp.kernel(gp.derive(load("mlp")), target="cuda", dtype="bfloat16")
    host = mlp.unit.wrapper.function
    assert "widened(" not in host
    assert "X_operand = operand(X, new, stream)" in host  # d_W1 = X @ d_z1, which is float32
    assert " X, (0, 0, 0, D, 1, 0), W1," in host
    assert "return array if cublas is None else widened(array" in mlp.source
    assert "widen_all" not in module_source([mlp], products="own")

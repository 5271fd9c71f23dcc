"""Sums for each place of a row over all rows: threads go down columns, and add up in registers."""

from __future__ import annotations

import re

import pytest

import gradproof as gp
from gradproof.kernels.cuda.module import CudaUnit
from gradproof.loading import load
from tests.kernels.cuda.test_simulator import lines_of


def _kernels(text: str) -> list[str]:
    unit = gp.kernel(gp.derive(load(text)), target="cuda", dtype="float32").unit
    assert isinstance(unit, CudaUnit)
    return [k.text for k in unit.kernels]


@pytest.mark.parametrize(("name", "sums"), [("batch_norm", 4), ("dense", 1), ("feed_forward", 2)])
def test_sums_down_columns_stand_in_registers(name: str, sums: int) -> None:
    """A block's part of a sum is written once, and not read and written again for each row."""
    text = "\n".join(_kernels(name))
    assert len(re.findall(r"^ +\w+_part\[block, \w+\] = \w+_total$", text, re.MULTILINE)) == sums
    assert not re.search(r"_part\[block, \w+\] \+=", text)


def test_a_row_with_sums_of_its_own_is_shared() -> None:
    """There all threads are at one row at a time."""
    assert "columns" not in "\n".join(_kernels("layer_norm"))


@pytest.mark.parametrize(("name", "sums"), [("layer_norm", 2), ("rms_norm", 1)])
def test_sums_beside_a_row_that_is_kept_stand_in_registers(name: str, sums: int) -> None:
    """Those of a thread's first places; memory has the rest of rows that are longer."""
    text = "\n".join(_kernels(name))
    assert len(re.findall(r"^ +\w+_part\[block, \w+\] = \w+_total\[held\]$", text, re.MULTILINE)) == sums
    assert len(re.findall(r"^ +else:\n +\w+_part\[block, \w+\] \+=", text, re.MULTILINE)) == sums


@pytest.mark.parametrize(
    "cases", [["dense:fused:float32:bounds"], ["batch_norm:fused:float32:bounds"], ["layer_norm:fused:float32:edge"]]
)
def test_columns_in_the_simulator(cases: list[str]) -> None:
    assert lines_of("tests.kernels.cuda.simulated", cases) == dict.fromkeys(cases, "ok")

"""Every entry of the catalogue: its gradients for all inputs and parameters, at sizes of 1 and at awkward windows."""

from __future__ import annotations

import re
from functools import cache

import pytest

import gradproof as gp
from gradproof import catalogue
from gradproof.derive.interpret.binding import all_sizes
from gradproof.derive.steps import Derivation
from gradproof.verify import check_derivation
from tests.entries import LAYERS

#: What the default suite tries of the layers; the others are slow, as are these few.
QUICK = "batch_norm layer_norm conv1d avg_pool1d max_pool1d global_max_pool rnn masked_attention rope gan_discriminator"
SLOW = {*LAYERS.split(), "distillation", "adam", "adamw"} - {*QUICK.split()}
ENTRIES = [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in catalogue.names()]


@cache
def derivation(name: str) -> Derivation:
    """Return the derivation of an entry for everything in it that is differentiable."""
    system = gp.load(name)
    return gp.derive(system, wrt=[t.name for t in system.differentiable])


@pytest.mark.parametrize("name", ENTRIES)
def test_every_gradient_is_certified_at_three_points_and_on_both_sides_of_each_kink(name: str) -> None:
    checks = check_derivation(derivation(name), seed=7)
    assert {c.name for c in checks} == {t.name for t in gp.load(name).differentiable}
    for check in checks:
        assert (check.verdict, check.strength) == ("right", "certified"), f"{check.name}: {check.reason}"
        assert len(check.points) >= 3
        assert any(re.search(r"= 1\b", point) for point in check.points)
        assert check.one_sided == 0


@pytest.mark.parametrize("name", ENTRIES)
def test_every_gradient_is_certified_where_all_sizes_are_1(name: str) -> None:
    derived = derivation(name)
    sizes = {s.name: 1 for s in all_sizes(derived.joint)}
    for check in check_derivation(derived, seed=3, sizes=sizes):
        assert (check.verdict, check.strength) == ("right", "certified"), f"{check.name}: {check.reason}"


#: Length, filter, outputs, stride, padding, dilation: strides beyond the filter, dilations that jump over edges,
#: padding wider than the input, more outputs than fit, a dilation of 0.
CONVOLUTIONS = ("7 3 4 2 2 2", "5 2 3 3 1 4", "2 3 5 1 4 1", "6 2 2 4 0 3", "4 3 3 2 1 0")
#: Length, outputs, stride, window, padding: overlaps, gaps, one window, windows of one, a stride of 0.
POOLS = ("7 3 2 3 0", "7 2 3 2 0", "5 1 1 5 0", "4 4 1 1 0", "3 1 0 2 0")
#: Only the average over planes has padding.
PADDED = (*POOLS, "4 4 2 3 2", "3 3 3 2 4")
WINDOWS = {
    **dict.fromkeys(("conv1d", "conv_transpose1d"), CONVOLUTIONS),
    **dict.fromkeys(("conv2d", "conv2d_depthwise", "conv2d_grouped", "conv_transpose2d"), CONVOLUTIONS[1:4]),
    **dict.fromkeys(("avg_pool1d", "max_pool1d", "max_pool2d"), POOLS),
    "avg_pool2d": PADDED,
}
LONG = [name for name in WINDOWS if "2d" in name]


def _sizes(name: str, numbers: str) -> dict[str, int]:
    if "pool" in name:
        h, i, s, k, p = map(int, numbers.split())
        return {"N": 1, "C": 2, "H": h, "W": h + 1, "I": i, "J": i, "s": s, "k": k, "p": p}
    h, u, i, s, p, r = map(int, numbers.split())
    few = {"N": 1, "C": 1, "O": 2, "G": 2} if "2d" in name else {"N": 2, "C": 2, "O": 2}
    return {**few, "H": h, "W": max(h - 2, 1), "U": u, "V": 2, "I": i, "J": 2, "s": s, "p": p, "r": r}


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        pytest.param(name, numbers, marks=pytest.mark.slow) if name in LONG else (name, numbers)
        for name, all_numbers in WINDOWS.items()
        for numbers in all_numbers
    ],
)
def test_windows_of_every_stride_padding_and_dilation(name: str, numbers: str) -> None:
    sizes = _sizes(name, numbers)
    for check in check_derivation(derivation(name), seed=1, sizes=sizes):
        assert (check.verdict, check.strength) == ("right", "certified"), f"{check.name}: {check.reason}"
        assert all(f"H = {sizes['H']}" in point for point in check.points)

"""What kernels for CUDA ask of a device's memory, counted in the functions that ask for it."""

from __future__ import annotations

from functools import cache

import pytest

import gradproof as gp
from benchmarks.cpu.rows import chosen
from gradproof.bench.inputs import extent
from gradproof.kernels import Kernel
from gradproof.kernels.cuda.module import cuda_module
from gradproof.kernels.cuda.prolog import WORKSPACES
from gradproof.loading import load
from tests.kernels.cuda.stand_in import Device, array

_LONG = 4096


@cache
def _kernel(name: str) -> Kernel:
    if name.endswith("_heads"):
        return gp.kernel(chosen(name)[0].case("float32").source, target="cuda")
    return gp.kernel(gp.derive(load(name)), target="cuda")


def _peak(name: str, length: int, others: int = 16) -> int:
    """Return the bytes that a call holds at most, its results among them, with long sequences."""
    k, device = _kernel(name), Device()
    system = k.program.system
    sizes = {s.name: length if s.name in {"T", "S"} else others for s in system.sizes}
    given = {n: array([extent(e, sizes) for e in system[n].shape], "float32") for n in k.program.inputs}
    device.run(cuda_module((k.unit,), "float32", simulated=False), k.name, **given)
    return device.peak


@pytest.mark.parametrize("name", ["causal_attention", "causal_attention_heads"])
def test_memory_of_causal_attention_grows_with_the_sequence(name: str) -> None:
    """Results and work space together; scores of all pairs would ask for four times as much at twice the length."""
    held = [_peak(name, length) for length in (_LONG, 2 * _LONG, 4 * _LONG)]
    assert held[1] <= 2.01 * held[0]
    assert held[2] <= 2.01 * held[1]


@pytest.mark.parametrize("name", ["attention_heads", "causal_attention_heads"])
def test_scores_of_many_heads_stay_within_a_bound(name: str) -> None:
    """Beside four results and two sums of their size, what is kept for a stretch: 256 rows of all heads are 5 GiB."""
    sizes, workspace = 6 * 4 * 16**3 * _LONG, WORKSPACES[False][0]
    assert sizes < _peak(name, _LONG) <= sizes + workspace


def test_what_would_not_be_linear_is_seen() -> None:
    """A system that returns its scores asks for their square."""
    text = "given Q[T, E], K[T, E]\nS[i,j] = sum[e] Q[i,e]*K[j,e]\nP[i,j] = exp(S[i,j])"
    from gradproof.loading import system

    k, device = gp.kernel(system(text), target="cuda"), Device()
    given = {n: array((_LONG, 16), "float32") for n in k.program.inputs}
    device.run(cuda_module((k.unit,), "float32", simulated=False), k.name, **given)
    assert device.peak >= 4 * _LONG**2


def test_an_activation_asks_for_its_results_alone() -> None:
    k, device = _kernel("sigmoid"), Device()
    given = {n: array((1 << 33,), "float32") for n in k.program.inputs}
    device.run(cuda_module((k.unit,), "float32", simulated=False), k.name, **given)
    assert (device.asked, device.launches) == ([4 << 33] * 2, 1)

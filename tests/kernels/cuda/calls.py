"""Run as a program, with NUMBA_ENABLE_CUDASIM=1: how kernels for CUDA are called, and what they refuse."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numba import cuda

import gradproof as gp
from gradproof.loading import load
from tests.kernels.cuda.turns import take_turns

Z = np.linspace(-2, 2, 12, dtype=np.float32).reshape(3, 4)


def softmax() -> tuple[gp.Kernel, dict[str, Any]]:
    """Return a kernel and its arguments."""
    k = gp.kernel(gp.derive(load("softmax")), target="cuda")
    return k, {"z": cuda.to_device(Z), "d_p": cuda.to_device(Z[::-1].copy())}


def arrays_and_errors() -> None:
    """Arrays are taken as they are, and what is wrong with one is said."""
    k, given = softmax()
    z, d_p = given["z"], given["d_p"]
    found = k(z=z, d_p=d_p)
    np.testing.assert_allclose(found["p"].copy_to_host().sum(axis=1), 1, rtol=1e-6)
    into = cuda.device_array((3, 4), np.float32)
    again = k(z=z, d_p=d_p, out={"p": into}, stream=cuda.stream())
    assert again["p"] is into
    assert (into.copy_to_host() == found["p"].copy_to_host()).all()
    for given, error, words in (
        ({"z": Z}, TypeError, "z is a ndarray, expected an array on the device"),
        ({"z": cuda.to_device(Z.astype(float))}, TypeError, "z holds float64, expected float32"),
        ({"z": cuda.to_device(Z[0])}, ValueError, "expected 2 axes"),
        ({"z": cuda.to_device(Z)[:, ::2]}, ValueError, "z is not contiguous"),
        ({"d_p": cuda.to_device(Z[:2])}, ValueError, r"d_p has shape \(2, 4\), expected \(3, 4\)"),
        ({"out": {"q": into}}, ValueError, "out has 'q'"),
        ({"out": {"p": Z}}, TypeError, "expected an array on the device"),
        ({"threads": 2}, TypeError, "threads"),
    ):
        with pytest.raises(error, match=words):
            k(**{"z": z, "d_p": d_p, **given})


def updates_in_place() -> None:
    """An optimiser's step writes over its parameter, and copies nothing."""
    step = gp.kernel(gp.derive(load("l2")), target="cuda", what="update")
    w = cuda.to_device(Z[0])
    new = step(w=w, lam=0.5, alpha=0.25, out={"w": w})
    assert new["w"] is w
    np.testing.assert_allclose(w.copy_to_host(), Z[0] * (1 - 0.25 * 0.5), rtol=1e-6)
    with pytest.raises(TypeError, match=r"lam is a .*, expected one number of the host"):
        step(w=w, lam=w, alpha=0.25)
    assert "copied(" not in step.unit.wrapper.function
    assert "handed(" not in step.unit.wrapper.function


def labels_out_of_range() -> None:
    """A label that is none gives nan, and nothing is written elsewhere."""
    z = cuda.to_device(Z)
    labels = gp.kernel(gp.derive(load("softmax_cross_entropy_labels")), target="cuda")
    wrong = labels(z=z, label=cuda.to_device(np.array([0, 1, 4])))
    assert np.isnan(wrong["L"].copy_to_host())
    assert np.isfinite(wrong["d_z"].copy_to_host()).all()
    _labels()


def _labels() -> None:
    """What labels place is added in the order of the terms; one that is no label is left out."""
    embedding = gp.kernel(gp.derive(load("embedding")), target="cuda", dtype="float64")
    label = np.array([2, 0, 2, 5, 2, 0, -1, 2, 2, 4, 2, 9, 0, 2, 2, 2, 0])
    d_x = np.random.default_rng(3).standard_normal((17, 3))
    expected = np.zeros((6, 3))
    for v, row in zip(label, d_x, strict=True):
        if 0 <= v < 6:
            expected[v] += row
    given = {"tok": cuda.to_device(label), "E": cuda.to_device(np.ones((6, 3))), "d_x": cuda.to_device(d_x)}
    found = [embedding(**given)["d_E"].copy_to_host() for _ in range(2)]
    assert found[0].tobytes() == found[1].tobytes() == expected.tobytes()


def memory_of_the_callers() -> None:
    """With `empty` the kernel asks numba for no memory at all; without, a device that is full says so."""
    k, given = softmax()
    asked: list[tuple[int, ...]] = []

    def empty(shape: tuple[int, ...], kind: Any) -> Any:
        asked.append(shape)
        return made(shape, kind)

    def full(*_: Any, **__: Any) -> Any:
        raise RuntimeError("Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY")

    made, expected = cuda.device_array, k(**given)
    kind = type(given["z"])
    cuda.device_array = lambda *a, **o: full() if a[0] != 0 else made(*a, **o)  # an array of none tells its class
    made_by = k(**given, empty=empty)
    assert asked
    assert isinstance(made_by["p"], kind)
    assert all((made_by[n].copy_to_host() == expected[n].copy_to_host()).all() for n in expected)
    with pytest.raises(MemoryError, match=r"the device has no 48 bytes for an array of shape \(3, 4\)"):
        k(**given)
    cuda.device_array = made


def memory_of_two() -> None:
    """Results may not share memory, with inputs or with one another."""
    k, given = softmax()
    into = cuda.device_array((3, 4), np.float32)
    with pytest.raises(ValueError, match=r"out\['p'\] shares memory with z: pass an array of its own"):
        k(**given, out={"p": given["z"]})
    with pytest.raises(ValueError, match=r"out\['d_z'\] shares memory with out\['p'\]"):
        k(**given, out={"p": into, "d_z": into})


def another_device() -> None:
    """What says by DLPack that it is elsewhere is refused."""
    k, given = softmax()

    class Elsewhere(type(given["z"])):  # type: ignore[misc]
        def __dlpack_device__(self) -> tuple[int, int]:
            return 2, 1

    with pytest.raises(ValueError, match=r"z is on device 1, not on 0: call in `with cuda\.gpus\[1\]:`"):
        k(**{**given, "z": Elsewhere(Z)})


def streams_of_any_library() -> None:
    """PyTorch's and CuPy's streams, and handles, become numba's; numba's own stay."""
    k, _ = softmax()
    as_stream = k.module.as_stream
    k.module.cuda = SimpleNamespace(external_stream=lambda handle: ("numba's", handle))
    own = cuda.stream()
    assert as_stream(SimpleNamespace(cuda_stream=7)) == as_stream(SimpleNamespace(ptr=7)) == as_stream(7)
    assert as_stream(7) == ("numba's", 7)
    assert as_stream(SimpleNamespace(__cuda_stream__=lambda: (0, 7))) == ("numba's", 7)
    assert as_stream(own) is own
    assert as_stream(None) == as_stream(0) == as_stream(SimpleNamespace(cuda_stream=0)) == 0
    k.module.cuda = cuda


def every_launch_has_the_stream() -> None:
    """Launches, copies and products of an LSTM, whatever they are."""
    for what in ("fused", "backward"):
        text = gp.kernel(gp.derive(load("lstm")), target="cuda", what=what).source
        launches = re.findall(r"^ *\w+\[(.*)\]\(", text, flags=re.MULTILINE)
        assert launches
        assert all(line.endswith(", stream") for line in launches)
        assert "synchronize" not in text


def groups_of_arrays() -> None:
    """k.each takes arrays of any shape flat, without a copy."""
    k = gp.kernel(gp.system("given w[n], g[n], alpha\nv[i] = w[i] - alpha*g[i]"), target="cuda")
    into = cuda.device_array((3, 4), np.float32)
    groups: list[dict[str, Any]] = [
        {"w": cuda.to_device(Z), "g": cuda.to_device(Z), "out": {"v": into}},
        {"w": cuda.to_device(Z[0]), "g": cuda.to_device(Z[1].copy())},
    ]
    found = k.each(groups, alpha=0.5)
    assert [a["v"].shape for a in found] == [(3, 4), (4,)]
    np.testing.assert_array_equal(into.copy_to_host(), Z / 2)
    np.testing.assert_array_equal(found[0]["v"].copy_to_host(), Z / 2)
    np.testing.assert_array_equal(found[1]["v"].copy_to_host(), Z[0] - Z[1] / 2)
    with pytest.raises(ValueError, match="g is not contiguous"):
        k.each([{"w": cuda.to_device(Z.T.copy()), "g": cuda.to_device(Z).T}], alpha=0.5)


def main() -> None:
    """Call kernels in the simulator; an assertion fails where something is not as it should be."""
    take_turns()
    arrays_and_errors()
    updates_in_place()
    labels_out_of_range()
    memory_of_the_callers()
    memory_of_two()
    another_device()
    streams_of_any_library()
    every_launch_has_the_stream()
    groups_of_arrays()


if __name__ == "__main__":
    main()

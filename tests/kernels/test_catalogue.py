"""Systems of the catalogue: forward, backward, fused and update kernels agree with the interpreter."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from gradproof.commands.bridge import check_passes, fused_kernel
from gradproof.derive.derivation import derive
from gradproof.derive.interpret import evaluate
from gradproof.derive.steps import Derivation
from gradproof.kernels import Kernel, kernel
from gradproof.kernels.emission.module import fast_module
from gradproof.loading import load
from gradproof.verify import verify_derivation
from tests.entries import LAYERS, MATRICES, SMALL

from .support import COMPILED, assert_close, draw, reference, uncompiled

SIZES = (0, 1, 2, 5, 17)
#: Columns of a generated line.
WIDTH = 110
#: Compiling takes seconds an entry: these stand for all where time is short.
QUICK = """
binary_cross_entropy cross_entropy dense mlp mse neuron relu sgd sigmoid softmax softmax_cross_entropy
softmax_cross_entropy_labels tanh
"""
#: The errors of elimination grow with the condition of the matrix: these are judged by bounds on rounding errors.
PLAIN = [n for n in SMALL if n not in MATRICES.split()]
ENTRIES = [pytest.param(n, marks=() if n in QUICK.split() else pytest.mark.slow, id=n) for n in PLAIN]


@pytest.fixture(autouse=True)
def _mostly_uncompiled(request, monkeypatch):
    """Compile the fused kernels in float32; of the quick entries those in float64, and all others in float32, too.

    The text of the others runs as plain Python: it is the same but for its type, or stands in the fused kernel, and to
    compile all of it takes a quarter of an hour. Unknown functions are compiled ones.
    """
    compiled, plain = Kernel.module, {}
    quick = not request.node.get_closest_marker("slow")

    def module(k):
        if k.functions or (k.dtype == "float32") + (k.program.what in ("fused", "update")) + quick > 1:
            return compiled.func(k) if "module" not in k.__dict__ else k.__dict__["module"]
        if id(k) not in plain:
            plain[id(k)] = k, SimpleNamespace(**uncompiled(fast_module((k.unit,), k.dtype, shared=True)))
        return plain[id(k)][1]

    monkeypatch.setattr(Kernel, "module", property(module))


@cache
def _derivation(name: str) -> Derivation:
    return derive(load(name))


@cache
def _kernel(name: str, what: str, dtype: str) -> Kernel:
    return kernel(_derivation(name), dtype=dtype, what=what)


def _call(k: Kernel, given: dict[str, object]) -> dict[str, object]:
    functions = {n: COMPILED[n] for n in k.functions}
    with np.errstate(all="ignore"):
        return k(**{n: v for n, v in given.items() if n in k.unit.parameters}, **functions)


def _text(k: Kernel) -> str:
    """Return the functions that were written for the kernel, without what all modules share."""
    return f"{k.unit.wrapper.loops}\n{k.unit.wrapper.function}"


def _between_0_and_1(values: object, dtype: str) -> object:
    """Return the sigmoid of real inputs: in the domain of logarithms and roots, as rates are; integers stay."""
    array = np.asarray(values)
    return values if array.dtype.kind in "iu" else np.asarray(1 / (1 + np.exp(-array)), dtype)[()]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ENTRIES)
def test_kernels_agree_with_the_interpreter(name, dtype):
    d = _derivation(name)
    fused, forward, backward = (_kernel(name, what, dtype) for what in ("fused", "forward", "backward"))
    assert not [line for k in (fused, forward, backward) for line in _text(k).splitlines() if len(line) > WIDTH]
    for size in SIZES:
        sizes = {s.name: max(0, size - k) for k, s in enumerate(d.joint.sizes)}
        given = draw(d.joint, sizes, dtype, seed=size)
        if any(np.max(given[t.name], initial=-1) >= sizes[t.bound.name] for t in d.joint.inputs if t.bound is not None):
            continue  # no label stands for one of no classes
        given |= {n: _between_0_and_1(v, dtype) for n, v in given.items() if n in d.joint.by_name and np.ndim(v) == 0}
        expected = reference(d.joint, given)
        if any(np.isnan(v).any() for v in expected.values()):
            given = {n: _between_0_and_1(v, dtype) for n, v in given.items()}
            expected = reference(d.joint, given)
        if size:
            assert set(_call(forward, given)) == {e.name for e in d.system.definitions}
        saved = {n: np.asarray(expected[n], dtype) for n in d.system.by_name if n in expected}
        for k, values in ((forward, given), (fused, given), (backward, given | saved)):
            if size == 0 and isinstance(k.module, SimpleNamespace):
                continue  # plain Python refuses to slice at a place of an empty axis, though nothing is read there
            for output, value in _call(k, values).items():
                if output not in k.program.source.by_name or output not in dict(k.program.updated).values():
                    assert_close(value, expected[output], dtype, f"{output} of {k.name} at {sizes}")


#: The parts of an encoder block, each twice: the longest of all to compile, and its plan is run elsewhere.
TWICE = ("decoder_block",)


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in (*LAYERS.split(), *MATRICES.split()) if n not in TWICE])
def test_kernels_are_right_to_rounding(name):
    d = _derivation(name)
    for row in verify_derivation(d, kernels=fused_kernel):
        assert row.verdict == "right", f"{row.gradient}: {row.reason}"
    for check in check_passes(d, "float32", seed=1):
        assert check.verdict == "right", check


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_update_kernel_returns_the_new_parameters(dtype):
    d = _derivation("sgd")
    k = kernel(d, dtype=dtype, what="update")
    given = draw(d.system, {s.name: 5 for s in d.system.sizes}, dtype, seed=1)
    got = _call(k, given)
    value = reference(d.joint, given)
    assert set(got) == {"w", "b"}
    for name in ("w", "b"):
        assert_close(got[name], given[name] - given["alpha"] * value[d.gradients[name].name], dtype, name)


@pytest.mark.parametrize("name", ["softmax_cross_entropy", "softmax_cross_entropy_labels", "binary_cross_entropy"])
def test_extreme_logits_give_finite_losses_and_gradients(name):
    d = _derivation(name)
    k = _kernel(name, "fused", "float32")
    z = np.array([800.0, -800.0, 0.0, 120.0], np.float32)
    z = z if d.system["z"].rank == 1 else np.stack([z, z[::-1], -z])
    given = {"z": z}
    if name.endswith("labels"):
        given["label"] = np.array([1, 0, 2])
    else:
        given["y"] = np.zeros_like(z)
        given["y"][..., 1] = 1
    got = k(**given)
    assert np.isfinite(got["L"])
    assert np.isfinite(got["d_z"]).all()
    exact = evaluate(
        d.joint, {n: np.asarray(v, float) if n != "label" else v for n, v in given.items()}, field="arb", digits=800
    )
    for output in ("L", "d_z"):
        wanted = np.vectorize(float, otypes=[float])(np.asarray(exact[output]))
        assert_close(got[output], wanted, "float32", output, ulps=4)

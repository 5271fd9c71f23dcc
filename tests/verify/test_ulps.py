import numpy as np
import pytest

from gradproof.derive.interpret import evaluate
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.joint import joint_system
from gradproof.errors import NotYet
from gradproof.verify import verify_system
from gradproof.verify.ulps import check_kernel

from .systems import CATALOGUE, EVERY, SYSTEMS


def as_floats(array):
    """Return balls as the floats in their middle; floats as they are."""
    numbers = [float(x.mid()) if hasattr(x, "mid") else float(x) for x in np.ravel(array)]
    return np.array(numbers, dtype=np.float64).reshape(np.shape(array))


def interpreter_kernel(derivation, dtype, change=lambda name, array: array, field="arb"):
    """A kernel that is right by construction: the interpreter over balls, its results rounded to the dtype."""
    joint = joint_system(derivation)
    functions = smooth_functions(derivation.system.functions)
    names = [e.name for e in derivation.gradients.values()]

    def kernel(**inputs):
        wide = {n: a if np.asarray(a).dtype.kind == "i" else np.asarray(a, np.float64) for n, a in inputs.items()}
        found = evaluate(joint, wide, field=field, functions=functions)
        with np.errstate(all="ignore"):
            return {n: change(n, as_floats(found[n])).astype(dtype) for n in names}

    return kernel


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_interpreter_passes_for_a_kernel(name, dtype):
    rows = verify_system(EVERY[name], kernels=interpreter_kernel, dtypes=(dtype,))
    for row in rows:
        assert row.verdict == "right", row.reason
        assert row.kernels[0].share < 0.5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["softmax_cross_entropy", "mlp", "layer norm"])
@pytest.mark.parametrize("relative", [1e-2, 1e-4])
def test_a_relative_error_beyond_rounding_is_wrong(name, dtype, relative):
    def wrong(derivation, dtype):
        return interpreter_kernel(derivation, dtype, lambda _, a: a * (1 + relative))

    assert {row.kernel_verdict for row in verify_system(EVERY[name], kernels=wrong, dtypes=(dtype,))} == {"wrong"}


def test_one_wrong_entry_is_named():
    def change(_, array):
        array = array.copy()
        array[-1, -1] += 0.5
        return array

    (row,) = verify_system(
        CATALOGUE["softmax"], kernels=lambda d, t: interpreter_kernel(d, t, change), dtypes=("float32",)
    )
    (kernel,) = row.kernels
    assert kernel.verdict == "wrong"
    assert abs(kernel.worst.claimed - kernel.worst.expected - 0.5) < 1e-6
    assert "float32 kernel" in row.reason


def test_a_wrong_shape_is_wrong():
    rows = verify_system(
        CATALOGUE["softmax"], kernels=lambda d, t: interpreter_kernel(d, t, lambda _, a: a.T), dtypes=("float64",)
    )
    assert rows[0].kernel_verdict == "wrong"


def test_nan_is_wrong():
    rows = verify_system(CATALOGUE["tanh"], kernels=lambda d, t: interpreter_kernel(d, t, lambda _, a: a * np.nan))
    assert rows[0].kernel_verdict == "wrong"


def test_without_kernels_the_derivation_alone_is_judged():
    (row,) = verify_system(CATALOGUE["sigmoid"])
    assert (row.verdict, row.strength, row.kernel_verdict, row.ulps) == ("right", "certified", None, None)
    assert row.name == "d a / d z"


def test_a_kernel_that_is_not_there_yet_leaves_the_row_undecided():
    def refuse(_, dtype):
        raise NotYet(f"no {dtype} kernel for this")

    (row,) = verify_system(CATALOGUE["sigmoid"], kernels=refuse)
    assert (row.verdict, row.derivation.verdict) == ("undecided", "right")
    assert "kernel for this" in row.reason


def test_forward_results_are_checked_the_same_way():
    system = CATALOGUE["softmax"]
    (check,) = check_kernel(system, ("p",), lambda **kw: evaluate(system, kw), dtype="float64")
    assert check.verdict == "right"
    assert check.ulps < 8


def test_rows_are_plain_data_too():
    import json

    (row,) = verify_system(SYSTEMS["product"], kernels=interpreter_kernel)
    again = json.loads(json.dumps(row.to_dict()))
    assert again["verdict"] == "right"
    assert set(again["kernels"]) == {"float32", "float64"}


def test_progress_is_told():
    told = []
    verify_system(CATALOGUE["sigmoid"], kernels=interpreter_kernel, progress=told.append)
    assert any("float32" in t for t in told)


def test_a_kernel_that_overflows_at_large_inputs_is_wrong():
    """softmax without its maximum taken off: right at inputs of one, NaN at inputs of a thousand."""

    def naive(derivation, dtype):
        return interpreter_kernel(derivation, dtype, field="float64")

    (row,) = verify_system(CATALOGUE["softmax"], kernels=naive, dtypes=("float32",))
    assert row.kernel_verdict == "wrong"
    assert "at inputs of 1024" in row.reason
    assert np.isnan(row.kernels[0].worst.claimed)


def test_a_kernel_that_is_wrong_in_long_axes_is_found():
    def change(_, array):
        return array * np.where(np.arange(array.shape[-1]) < 64, 1.0, 1.01)

    (row,) = verify_system(
        CATALOGUE["softmax"], kernels=lambda d, t: interpreter_kernel(d, t, change), dtypes=("float32",)
    )
    assert row.kernel_verdict == "wrong"
    assert "= 1000" in row.reason


def test_what_was_tried_is_told():
    (row,) = verify_system(CATALOGUE["softmax"], kernels=interpreter_kernel)
    small, wide = row.kernels[1].beyond, row.kernels[0].beyond
    assert small == ()
    assert any("= 1000" in text for text in wide)
    assert any("inputs of 1024" in text for text in wide)
    assert row.to_dict()["kernels"]["float32"]["beyond"] == list(wide)

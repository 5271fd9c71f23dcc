"""What a kernel says about a call that does not fit, and which names it understands."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof.derive.model import Role, System, Tensor
from gradproof.derive.notation import parse_system
from gradproof.errors import InputError
from gradproof.kernels import kernel


def _kernel(text: str, **options):
    return kernel(parse_system(text), dtype="float64", **options)


def test_a_tensor_may_be_called_self():
    assert _kernel("given self[n]\ny = sum[i] self[i]")(self=np.ones(3))["y"] == 3


def test_a_wrong_name_gets_the_nearest_and_the_list():
    k = _kernel("given weights[n], x[n]\ny = sum[i] weights[i]*x[i]")
    with pytest.raises(TypeError, match=r"no argument 'wieghts': did you mean 'weights'\?; expected: weights, x"):
        k(wieghts=np.ones(3), x=np.ones(3))
    with pytest.raises(TypeError, match=r"y_forward\(\) needs x; expected: weights, x"):
        k(weights=np.ones(3))


def test_both_names_of_an_argument_are_understood_but_not_at_once():
    k = _kernel("given ŷ[n]\nL = sum[i] ŷ[i]")
    assert k(y_hat=np.ones(2))["L"] == k(ŷ=np.ones(2))["L"] == 2
    with pytest.raises(TypeError, match="'y_hat' under two names"):
        k(ŷ=np.ones(2), y_hat=np.ones(2))


def test_a_label_beyond_signed_integers_is_named_as_it_is():
    k = _kernel("given z[C], k in C\nL = z[k]")
    with pytest.raises(ValueError, match="k holds 18446744073709551615, which is no label"):
        k(z=np.ones(3), k=np.uint64(2**64 - 1))
    assert k(z=np.ones(3), k=np.uint64(2))["L"] == 1


def test_a_size_beyond_64_bits_is_refused():
    with pytest.raises(ValueError, match="the size q is 1000000000000000000000, which does not fit"):
        _kernel("given x\ngiven size q\ny = x/q")(x=1.0, q=10**21)


def test_a_system_without_equations_has_no_kernel():
    empty = System("", (Tensor("x", (), Role.GIVEN),), ())
    with pytest.raises(InputError, match="no equation to make a kernel of"):
        kernel(empty)


AFFINE = "given x[m,n], w[n], b\ny[i] = sum[j] x[i,j]*w[j] + b"
ROWS, WEIGHTS = np.arange(6.0).reshape(2, 3), np.arange(3.0)


def _read_only(a):
    a = a.copy()
    a.flags.writeable = False
    return a


ACCEPTED = {
    "contiguous": (ROWS, WEIGHTS, 2.0),
    "Fortran order": (np.asfortranarray(ROWS), WEIGHTS, 2),
    "strided": (np.repeat(ROWS, 2, axis=1)[:, ::2], np.repeat(WEIGHTS, 2)[::2], np.float32(2)),
    "reversed": (ROWS[::-1][::-1], WEIGHTS[::-1][::-1], np.array(2.0)),
    "read only": (_read_only(ROWS), _read_only(WEIGHTS), 2.0),
    "lists": (ROWS.tolist(), WEIGHTS.tolist(), 2.0),
    "no rows": (ROWS[:0], WEIGHTS, 2.0),
    "no columns": (ROWS[:, :0], WEIGHTS[:0], 2.0),
    "one of each": (ROWS[:1, :1], WEIGHTS[:1], 2.0),
}
REFUSED = {
    "another length": (ROWS, np.ones(4), 2.0, ValueError, r"w has shape \(4,\), expected \(3,\): \[n\]"),
    "another rank": (ROWS[0], WEIGHTS, 2.0, ValueError, r"x has shape \(3,\), expected 2 axes: \[m, n\]"),
    "integers": (ROWS, [0, 1, 2], 2.0, TypeError, r"w holds int64, expected float64: pass np.asarray\(w, 'float64'\)"),
    "float32": (ROWS.astype("float32"), WEIGHTS, 2.0, TypeError, "x holds float32, expected float64"),
    "objects": (ROWS.astype(object), WEIGHTS, 2.0, TypeError, "x holds object, expected float64"),
    "ragged lists": ([[1.0, 2.0], [3.0]], WEIGHTS, 2.0, ValueError, "x is no array: its rows differ in length"),
    "a mask": (np.ma.array(ROWS, mask=ROWS > 3), WEIGHTS, 2.0, TypeError, "x is a masked array"),
    "an array for a number": (ROWS, WEIGHTS, np.ones(1), TypeError, r"b has shape \(1,\) and type float64"),
    "text for a number": (ROWS, WEIGHTS, "2", TypeError, "expected one number"),
    "None for a number": (ROWS, WEIGHTS, None, TypeError, "expected one number"),
    "a number for an array": (ROWS, 3.0, 2.0, ValueError, r"w has shape \(\), expected 1 axes"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_arrays_are_taken_however_they_lie_in_memory(name):
    x, w, b = ACCEPTED[name]
    y = _kernel(AFFINE)(x=x, w=w, b=b)["y"]
    np.testing.assert_array_equal(y, np.asarray(x) @ np.asarray(w) + 2.0)


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_with_its_name(name):
    x, w, b, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        _kernel(AFFINE)(x=x, w=w, b=b)


def test_arguments_go_by_name():
    k = _kernel("given x[n], w[n]\ny = sum[i] w[i]*x[i]")
    with pytest.raises(TypeError, match=r"by name: y_forward\(x=\.\.\., w=\.\.\.\)"):
        k(np.ones(3), np.ones(3))
    with pytest.raises(TypeError, match=r"^y_forward\(\) needs x, w$"):
        k()


@pytest.mark.parametrize("dtype", ["float32", np.float32, np.dtype("float32")])
def test_the_type_may_be_numpys(dtype):
    assert kernel(parse_system("given x[n]\ny = sum[i] x[i]"), dtype=dtype).dtype == "float32"


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (None, {}, "kernel is given a NoneType"),
        ("softmaks", {}, "did you mean softmax"),
        ("y = x", {}, "x is not declared"),
        (parse_system("given x\ny = x"), {"dtype": "float16"}, "no kernels in the type 'float16'"),
        (parse_system("given x\ny = x"), {"dtype": None}, "no kernels in the type None"),
        (parse_system("given x\ny = x"), {"target": "gpu"}, "there is no target 'gpu'"),
    ],
)
def test_what_is_no_kernel_is_refused_in_words(source, options, message):
    with pytest.raises(InputError) as error:
        kernel(source, **options)
    assert message in str(error.value)


def test_a_kernel_and_a_system_show_themselves_in_a_line():
    system = parse_system("given x[n]\ny = sum[i] x[i]")
    assert repr(system) == "<System y of x: 1 equation>"
    assert repr(kernel(system)) == "<Kernel y_forward(x) -> y: cpu, float32>"

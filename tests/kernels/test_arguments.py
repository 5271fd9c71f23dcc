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

"""Functions of numbers applied entry by entry."""

import numpy as np

import gradproof as gp
from gradproof.derive.elementwise import elementwise, is_scalar_function


def test_every_number_gets_the_axis() -> None:
    lifted = elementwise(gp.system("given z, n\ni = z*n\na = tanh(i)"))
    assert [str(e) for e in lifted.equations] == ["i[j] = n[j]*z[j]", "a[j] = tanh(i[j])"]


def test_the_same_numbers_entry_by_entry() -> None:
    system = gp.system("given z\na = log(1 + exp(z))")
    z = np.array([-1.0, 0.0, 2.5])
    one_by_one = [float(gp.evaluate(system, {"z": x})["a"]) for x in z]
    np.testing.assert_allclose(gp.evaluate(elementwise(system), {"z": z})["a"], one_by_one, rtol=0)


def test_what_has_an_axis_stays() -> None:
    system = gp.load("softmax")
    assert not is_scalar_function(system)
    assert elementwise(system) is system

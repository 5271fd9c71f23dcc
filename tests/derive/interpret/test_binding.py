from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from gradproof.derive.interpret import evaluate
from gradproof.derive.notation import parse_system
from gradproof.errors import InputError

DENSE = parse_system(
    "given X[m,D], label[m] in C\nparam W[D,C], b[C]\nZ[i] = sum[d] X[i,d]*W[d,label[i]] + b[label[i]]"
)


def inputs(**changed):
    known = {"X": np.ones((3, 2)), "label": np.array([0, 3, 1]), "W": np.ones((2, 4)), "b": np.ones(4)}
    return {n: v for n, v in (known | changed).items() if v is not None}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"W": None}, r"the input W is missing\n  expected: inputs\['W'\] = an array \[D, C\]"),
        ({"label": None}, r"label is missing\n.*an array \[m\] of integers 0 \.\. C - 1"),
        ({"w": np.ones(2)}, r"no input 'w'(.|\n)*did you mean"),
        ({"Z": np.ones(3)}, r"Z is not an input: equation \(1\) computes it"),
        ({"X": np.ones(3)}, r"X has 1 axes, shape \(3,\)\n  expected: 2 axes: X\[m, D\]"),
        ({"W": np.ones((5, 4))}, r"the size D is 2 by X\[3, 2\], axis 1, and 5 by W\[5, 4\], axis 0"),
        ({"b": np.ones(4, dtype=complex)}, "b has the dtype complex128"),
        ({"label": np.array([0.5, 1, 2])}, "label has the dtype float64"),
        ({"label": np.array([0.0, 3.0, 1.0])}, "label has the dtype float64\n  expected: integers 0 .. C - 1"),
        ({"label": np.array([True, False, True])}, "label has the dtype bool"),
        ({"b": [1.0, None, 2.0, 3.0]}, r"b\[1\] is None, a NoneType\n  expected: a real number"),
        ({"b": np.array(["1"] * 4, dtype=object)}, r"b\[0\] is '1', a str"),
        ({"X": [[1.0], [2.0, 3.0]]}, r"X is no array: its rows differ in length\n  expected: X\[m, D\]"),
        ({"label": np.array([0, 4, 1])}, r"label\[1\] is 4\n  expected: an integer from 0 to C - 1 = 3"),
        ({"label": np.array([0, -1, 1])}, r"label\[1\] is -1"),
    ],
)
def test_bad_input_says_what_was_expected(changed, message):
    with pytest.raises(InputError, match=message):
        evaluate(DENSE, inputs(**changed))


@pytest.mark.parametrize("given", [None, [1, 2], 3, "x"])
def test_inputs_that_are_no_dictionary_are_refused(given):
    with pytest.raises(InputError, match="expected: a dictionary of arrays by name"):
        evaluate(DENSE, given)


def test_a_name_that_is_no_string_is_refused():
    with pytest.raises(InputError, match="there is no input 1"):
        evaluate(DENSE, {1: 2})


def test_no_labels_may_be_an_empty_list():
    assert evaluate(DENSE, inputs(label=[], X=np.ones((0, 2))))["Z"].shape == (0,)


def test_objects_that_are_numbers_are_read():
    system = parse_system("given x[n]\na = sum[i] x[i]")
    numbers = np.array([1, 2.0, Fraction(1, 2), np.float32(3), arb(4)], dtype=object)
    assert evaluate(system, {"x": numbers[:4]})["a"] == 6.5
    assert evaluate(system, {"x": numbers}, field="arb")["a"].item() == 10.5


def test_a_size_of_no_axis_is_given_by_name():
    system = parse_system("given size s\ngiven x[n]\na = sum[i] s*x[i]")
    assert evaluate(system, {"x": np.ones(3), "s": 2})["a"] == 6.0
    with pytest.raises(InputError, match=r"the size s is not the length of an axis(.|\n)*inputs\['s'\]"):
        evaluate(system, {"x": np.ones(3)})
    with pytest.raises(InputError, match=r"the size s is 2\.5"):
        evaluate(system, {"x": np.ones(3), "s": 2.5})


def test_a_polynomial_axis_is_solved_and_checked():
    system = parse_system("given x[T+1]\na = sum[t<T] x[t]*x[t+1]")
    assert evaluate(system, {"x": np.ones(4)})["a"] == 3.0


def test_a_polynomial_axis_that_does_not_fit_is_refused():
    system = parse_system("given x[T+1], y[T]\na = sum[t] y[t]*x[t+1]")
    with pytest.raises(InputError, match=r"axis 0 of x has length 4, but T \+ 1 = 3"):
        evaluate(system, {"x": np.ones(4), "y": np.ones(2)})


def test_unused_inputs_may_be_left_out():
    assert evaluate(parse_system("given x[n], unused[k]\na = sum[i] x[i]"), {"x": np.ones(2)})["a"] == 2.0

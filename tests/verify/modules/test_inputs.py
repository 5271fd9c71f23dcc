"""Inputs: declared for one pair or for all, by a function, in order, or made from what docstrings state."""

import numpy as np
import pytest

from gradproof.errors import InputError
from gradproof.verify.modules.inputs import Missing, choose, declared
from gradproof.verify.modules.shapes import Sizes, Stated, stated
from gradproof.verify.modules.task import parameters


class Module:
    def __init__(self, found):
        self.gradproof_inputs = found


def loss(x, w, reg=0.1):
    return x, w, reg


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("line", "sizes", "below"),
    [
        ("x: input, [m, D]", ("m", "D"), ""),
        ("- x: A numpy array containing input data, of shape (N, D)", ("N", "D"), ""),
        ("x : ndarray, shape (n,)", ("n",), ""),
        ("x (np.ndarray): weights with shape (D, 4*H)", ("D", "4*H"), ""),
        (":param x: (N, 2H) array", ("N", "2H"), ""),
        ("x: scalar regularisation strength", (), ""),
        ("x: labels, of shape (N,); 0 <= x[i] < C", ("N",), "C"),
        ("x: integers in range(V), shape (N, T)", ("N", "T"), "V"),
    ],
)
def test_a_plainly_stated_shape_is_read(line, sizes, below):
    assert stated("x", f"Return it.\n\nArgs:\n    {line}\n    y: nothing") == Stated(sizes, below)


@pytest.mark.parametrize(
    "line",
    [
        "x: one-hot labels of shape (N, C)",
        "x: shape (N, d_1, ..., d_k)",
        "x: of shape (N,) or of shape (N, 1)",
        "x: labels of shape (N,)",
        "x: an array",
        "x: in [0, 1]",
        "xs: of shape (N, D)",
        "x: probabilities, shape (N,)",
    ],
)
def test_what_is_not_plain_is_not_guessed(line):
    assert stated("x", line) is None


def test_sizes_are_told_apart_and_taken_from_what_is_declared():
    sizes = Sizes()
    sizes.bind(Stated(("N", "D")), (7, 3))
    made = sizes.made(Stated(("D", "4H")), RNG)
    assert made.shape == (3, 16)
    labels = sizes.made(Stated(("N",), "C"), RNG)
    assert labels.shape == (7,)
    assert labels.max() < sizes.known["C"]


def test_its_own_inputs_come_before_those_of_all():
    chosen = choose(parameters(loss), "", {"x": 1.0}, {"x": 2.0, "w": 3.0}, RNG)
    assert chosen.values == {"x": 1.0, "w": 3.0}
    assert choose(parameters(loss), "", (1.0, 2.0, 0.5), {}, RNG).values == {"x": 1.0, "w": 2.0, "reg": 0.5}


def test_what_is_nowhere_told_is_asked_for():
    with pytest.raises(Missing) as error:
        choose(parameters(loss), "x: input, [m, D]", None, {}, RNG)
    assert error.value.names == ("w",)


def test_an_input_that_is_no_parameter_is_refused():
    with pytest.raises(InputError, match="the declared input 'reg_' is no parameter") as error:
        choose(parameters(loss), "", {"reg_": 1.0}, {}, RNG)
    assert error.value.hint == "did you mean reg?"
    with pytest.raises(InputError, match="4 inputs are declared for 3 parameters"):
        choose(parameters(loss), "", (1, 2, 3, 4), {}, RNG)


def test_the_declaration_may_be_a_function_of_nothing_of_a_generator_or_of_a_seed():
    assert declared(Module({"x": 1}), 3) == {"x": 1}
    assert declared(Module(lambda: {"x": 1}), 3) == {"x": 1}
    assert declared(Module(lambda seed: {"x": seed}), 3) == {"x": 3}
    first, again = (declared(Module(lambda rng: {"x": rng.normal()}), 3) for _ in range(2))
    assert first == again
    with pytest.raises(InputError, match="gradproof_inputs is 3 of type int"):
        declared(Module(3), 0)

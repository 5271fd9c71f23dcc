"""Sizes of a benchmark: asked for, meant, usual."""

import pytest

from gradproof import catalogue
from gradproof.bench.inputs import inputs_of
from gradproof.bench.sizes import complete, parse_sizes
from gradproof.errors import InputError


def test_what_is_asked_for_goes_before_what_is_usual():
    assert complete("lstm", ("T", "N", "D", "H"), {"T": 5, "H": 7}) == {"T": 5, "N": 32, "D": 256, "H": 7}


def test_the_batch_may_have_another_letter():
    assert complete("lstm", ("T", "N", "D", "H"), {"B": 3})["N"] == 3
    with pytest.raises(InputError, match="there is no such size"):
        complete("x", ("B", "N"), {"m": 3})


def test_the_axes_of_a_result_follow_from_the_window():
    found = complete(
        "conv2d", ("N", "C", "O", "H", "W", "U", "V", "s", "p", "r", "I", "J"), {"s": 2, "H": 9, "W": 8, "r": 2}
    )
    assert (found["I"], found["J"]) == (4, 3)  # (9 + 2 - 5)//2 + 1, (8 + 2 - 5)//2 + 1
    assert complete("max_pool2d", ("H", "W", "k", "s", "I", "J"), {"I": 3})["I"] == 3


@pytest.mark.parametrize("text", ["T", "T=", "=3", "T=x", "T=3,", "T=-1"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(InputError, match="--sizes"):
        parse_sizes([text])


@pytest.mark.parametrize(("asked", "hint"), [("h", "H"), ("Hh", "H")])
def test_a_wrong_name_is_told_with_the_nearest(asked, hint):
    with pytest.raises(InputError, match=f"did you mean {hint}"):
        complete("lstm", ("T", "N", "D", "H"), {asked: 1})


@pytest.mark.parametrize("name", ["mlp", "max_pool2d", "embedding", "softmax_cross_entropy_labels"])
def test_inputs_are_made_at_usual_sizes(name):
    from gradproof.bench.case import Case

    text = catalogue.read(name)
    case = Case(name, text, {})
    sizes = complete(name, (s.name for s in case.system.sizes), {})
    small = {n: min(size, 8) if n not in {"k", "s", "p", "I", "J"} else size for n, size in sizes.items()}
    assert all(a.size for a in inputs_of(Case(name, text, small)).values())

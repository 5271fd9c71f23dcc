"""The corpus is what it says: right gradients agree with an independent path, wrong ones do not, where they say."""

import numpy as np
import pytest

from .everything import CASES
from .independent import gradient, one_sided
from .judged import arranged, called, compared, cotangent_like, differentiated, input_names

#: What each path is good to, as a share of an entry and of the largest entry.
_GOOD_TO = {"digits": (1e-9, 1e-12), "single": (1e-5, 1e-6), "complex": (1e-9, 1e-12), "floats": (1e-6, 1e-7)}


def independent(case):
    """The gradient by the case's independent path, and what the right hand-written one says."""
    inputs = case.drawn()
    f = case.plain or case.made()[0]
    wrt = differentiated(case, inputs)
    g = cotangent_like(case.made()[0](*case.drawn())) if case.vjp is not None else None
    true = arranged(called(case, truth(case), case.made()[0], inputs), input_names(case, inputs), wrt, inputs)
    return [np.asarray(a) for a in gradient(f, inputs, wrt, g, case.path)], true


def truth(case):
    return case.truth or case.vjp or case.grad or case.made()[1] or case.made()[2]


def different():
    """The cases, without those whose function and right gradient are another's."""
    seen = {}
    for case in CASES:
        key = id(case.plain or case.f), id(case.truth or case.vjp or case.grad)
        seen.setdefault(key if case.fresh is None or case.right else case.name, case)
    return list(seen.values())


@pytest.mark.parametrize("case", [c for c in different() if not c.kink], ids=lambda c: c.name)
def test_the_right_gradient_agrees_with_an_independent_path(case):
    share, of_largest = _GOOD_TO[case.path]
    for own, hand in zip(*independent(case), strict=True):
        assert own.shape == hand.shape
        seen = ~np.isnan(own) if own.size > 400 else np.full(own.shape, True)
        largest = np.max(np.abs(own[seen]), initial=0.0)
        np.testing.assert_allclose(hand[seen], own[seen], rtol=share, atol=of_largest * largest)


@pytest.mark.parametrize("case", [c for c in different() if c.kink], ids=lambda c: c.name)
def test_at_a_kink_the_right_gradient_lies_between_the_slopes(case):
    inputs = case.drawn()
    f = case.plain or case.made()[0]
    g = cotangent_like(case.made()[0](*case.drawn())) if case.vjp is not None else None
    wrt = differentiated(case, inputs)
    found = arranged(called(case, truth(case), case.made()[0], inputs), input_names(case, inputs), wrt, inputs)
    for k, hand in zip(wrt, found, strict=True):
        for place in np.ndindex(hand.shape):
            low, high = sorted(one_sided(f, inputs, k, place, g))
            assert low - 1e-9 * abs(low) <= hand[place] <= high + 1e-9 * abs(high), (case.name, k, place)


@pytest.mark.parametrize("case", [c for c in CASES if not c.right and not c.far], ids=lambda c: c.name)
def test_a_wrong_gradient_is_wrong_where_it_says(case):
    found = compared(case, case.drawn())
    for name, (claimed, true) in found.items():
        same = claimed.shape == true.shape and np.allclose(claimed, true, rtol=1e-9, atol=0)
        assert same == (name not in case.where), name
    assert set(case.where) <= set(found)

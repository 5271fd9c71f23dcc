"""Recurrences: what is computed before them, and which have no kernel."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof.derive.notation import parse_system
from gradproof.errors import NotYet
from gradproof.kernels import kernel


def test_what_does_not_change_in_a_recurrence_is_computed_before_it():
    k = kernel(parse_system("given x[T], a[n]\nh[t] = x[t] + (sum[j] a[j])*[t >= 1]*h[t-1]"), dtype="float64")
    shown = k.plan.show()
    assert shown.index("h~sum +=") < shown.index("for t < T")
    np.testing.assert_allclose(k(x=np.ones(3), a=np.full(2, 0.5))["h"], [1, 2, 3])


def test_a_recurrence_over_all_its_steps_is_not_there_yet():
    with pytest.raises(NotYet, match="h"):
        kernel(parse_system("given x[T]\nh[t] = x[t] + [t >= 1]*h[t-1] + sum[s] h[s]"))

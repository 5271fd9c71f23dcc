"""The plan as data: what `show` prints, and where reductions are placed."""

from __future__ import annotations

import textwrap

import numpy as np
import pytest

from gradproof.derive.notation import parse_system
from gradproof.errors import NotYet
from gradproof.kernels import kernel
from gradproof.kernels.lower import plan
from gradproof.kernels.prepare import prepare


def _plan(text: str) -> str:
    return plan(prepare(parse_system(text), "forward")).show()


def test_a_row_reduction_is_a_local_scalar():
    text = "given x[n, d]\ny[i,j] = x[i,j] - mean[k] x[i,k]"
    expected = """\
        (1)
          for i < n
            pass y_sum +=
              for j < d
                point y_sum +=
            for j < d
              point y =
        local: y_sum | temporary arrays: -"""
    assert _plan(text) == textwrap.dedent(expected)


def test_a_column_reduction_needs_a_temporary_array():
    text = "given x[n, d]\ny[i,j] = x[i,j] - mean[k] x[k,j]"
    assert _plan(text).endswith("local: - | temporary arrays: y_sum")


def test_a_recurrence_is_a_loop_around_its_members():
    text = (
        "given x[T, n], h0[n]\nstart h[-1,k] = h0[k]\n"
        "f[t,k] = x[t,k] + h[t-1,k]\nh[t,k] = f[t,k]*sum[j] f[t,j]"
    )  # fmt: skip
    expected = """\
        (1)
          for k < n
            point h =
        (2) (3)
          for t < T
            for k < n
              point f =
            pass h_sum +=
              for k < n
                point h_sum +=
            for k < n
              point h =
        local: h_sum | temporary arrays: -"""
    assert _plan(text) == textwrap.dedent(expected)


def test_what_does_not_change_in_a_recurrence_is_computed_before_it():
    text = "given x[T], a[n]\nh[t] = x[t] + (sum[j] a[j])*[t >= 1]*h[t-1]"
    lines = _plan(text).splitlines()
    assert lines.index("  pass h_sum +=") < lines.index("  for t < T")
    k = kernel(parse_system(text), dtype="float64")
    np.testing.assert_allclose(k(x=np.ones(3), a=np.full(2, 0.5))["h"], [1, 2, 3])


def test_a_recurrence_over_all_its_steps_is_not_there_yet():
    with pytest.raises(NotYet, match="h"):
        kernel(parse_system("given x[T]\nh[t] = x[t] + [t >= 1]*h[t-1] + sum[s] h[s]"))

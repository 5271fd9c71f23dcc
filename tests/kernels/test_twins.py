"""Functions that differ in names alone are one; what computes anything else is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numba import njit

from gradproof.kernels import cache, kernel
from gradproof.kernels.twins import merge_twins
from gradproof.loading import system

inner, sums = njit(no_cpython_wrapper=True), njit(no_cpython_wrapper=True, fastmath={"reassoc"})

SCALED = '''def scaled(row, by):
    """A row of (1)."""
    for i in range(row.size):
        row[i] = row[i]*by + 0.0
'''


def merged(*texts, decorators=(inner, inner)):
    """Return the functions that a module has for its names, where these texts were given them."""
    names = {}
    for k, text in enumerate(texts):
        exec(compile(text, "twins", "exec"), names)  # noqa: S102  (it is the text above)
        names[f"f{k}"] = decorators[k](names.pop(text.split("(")[0].removeprefix("def ")))
    first = names["f0"]
    merge_twins(names)
    assert names["f0"] is first
    return [names[f"f{k}"] for k in range(len(texts))]


def test_names_and_docstrings_make_no_difference():
    renamed = SCALED.replace("row", "line").replace("by", "times").replace("scaled", "stretched").replace("(1)", "(7)")
    first, second, third = merged(SCALED, SCALED.replace("(1)", "(2)"), renamed, decorators=(inner,) * 3)
    assert first is second is third


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.0", "-0.0"),
        ("0.0", "0"),
        ("+", "-"),
        ("row[i]*by", "by*row[i]"),
        ("(row, by)", "(by, row)"),
        ("(row, by)", "(row, by=2)"),
        (".size", ".ndim"),
        ("range", "other"),
        ("+ 0.0", '+ len("by")'),
    ],
)
def test_all_else_does(old, new):
    other = SCALED.replace(old, new)
    assert other != SCALED
    first, second = merged(SCALED, other)
    assert first is not second


def test_so_do_decorators_and_texts_that_may_name_arguments():
    assert len(set(merged(SCALED, SCALED, decorators=(inner, sums)))) == 2
    text = SCALED.replace("0.0", 'len("row by")')
    assert len(set(merged(text, text))) == 1
    turned = text.replace("row", "x").replace("by", "row").replace("x", "by").replace('"by row"', '"row by"')
    assert len(set(merged(text, turned))) == 2


def test_rows_that_are_alike_are_compiled_once(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADPROOF_CACHE", str(tmp_path))
    cache._load.cache_clear()
    k = kernel(system("given x[m], y[n]\np = sum[i] exp(x[i])\nq = sum[i] exp(y[i])"), dtype="float64")
    x, y = np.linspace(0, 1, 5), np.linspace(2, 3, 7)
    got = k(x=x, y=y)
    np.testing.assert_allclose([got["p"], got["q"]], [np.exp(x).sum(), np.exp(y).sum()], rtol=1e-15)
    assert "def p_q_forward_q(" in Path(k.module.__file__).read_text()
    assert k.module.p_q_forward_q is k.module.p_q_forward_p
    assert k.module.p_q_forward_q_rows.py_func.__name__ == "p_q_forward_q_rows"
    assert len(list(tmp_path.rglob("*p_q_forward*.nbc"))) == 2
    cache._load.cache_clear()

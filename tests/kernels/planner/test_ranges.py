"""Ranges of an index are just the places at which the conditions hold."""

from __future__ import annotations

from itertools import product

import pytest

import gradproof as gp
from gradproof.derive.conditions import Condition, at_least_zero
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Iverson, Quotient, Reduce
from gradproof.kernels.planner.ranges import Range, solved


def _conditions(text: str) -> tuple[list[Condition], Index]:
    """Return the conditions of the sum in a system's last equation, and its index."""
    system = gp.system(text)
    (reduction,) = system.definitions[-1].value.atoms(Reduce)
    (index,), body, conditions = reduction.open()
    return [*conditions, *(c for b in body.atoms(Iverson) for c in b.conditions)], index


def _places(r: Range, n: int, values: dict[str, int]) -> list[int]:
    def number(e: object) -> int:
        return int(e.xreplace({s: values[s.name] for s in e.free_symbols}))  # type: ignore[attr-defined]

    low = max([0, *(-(-number(b.num) // number(b.den)) for b in r.least)])
    high = min([n - 1, *(number(b.num) // number(b.den) for b in r.most)])
    step = 1 if r.step is None else number(r.step)
    return [w for w in range(low, high + 1) if r.offset is None or (w + number(r.offset)) % step == 0]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("w <= i", lambda w, i, p, s: w <= i),
        ("w > i + p", lambda w, i, p, s: w > i + p),
        ("0 <= s*w - p, s*w - p <= i", lambda w, i, p, s: 0 <= s * w - p <= i),
        ("3*w + i >= 7", lambda w, i, p, s: 3 * w + i >= 7),
        ("(w + p) % s == 0, w <= i", lambda w, i, p, s: (w + p) % s == 0 and w <= i),
    ],
)
def test_ranges_hold_what_the_conditions_hold(condition: str, holds: object) -> None:
    text = f"given size s, p\ngiven x[n]\nshape y[m]\ny[i] = sum[w<n, {condition}] x[w]"
    conditions, index = _conditions(text)
    r = solved(conditions, index, [Size("s", 0)])
    assert not r.left
    for n, i, p, s in product((1, 5, 9), (0, 2, 6), (0, 1, 4), (1, 2, 3)):
        values = {"n": n, "i": i, "p": p, "s": s, "m": 7}
        assert _places(r, n, values) == [w for w in range(n) if holds(w, i, p, s)]  # type: ignore[operator]


def test_a_condition_on_data_is_no_range() -> None:
    conditions, index = _conditions("given label[n] in C, x[n]\ny[c] = sum[w, c == label[w]] x[w]\nshape y[C]")
    assert len(solved(conditions, index).left) == 1


def test_a_quotient_is_multiplied_out() -> None:
    """Its divisor is a size of at least 1."""
    w, s = Index("w", Size("n")), Size("s")
    r = solved([at_least_zero(Size("m") - 1 - Quotient(w, s))], w)
    assert [(b.num, b.den) for b in r.most] == [(s * Size("m") - s, 1)]

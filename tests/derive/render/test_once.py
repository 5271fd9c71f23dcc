"""An equation of a system is laid out once: a page measures it before it sets it, and other pages show it again."""

from __future__ import annotations

from collections import Counter

from gradproof.derive.notation import printer
from gradproof.derive.render import FORMATS, render


def test_pages_share_what_is_laid_out(derived, monkeypatch):
    laid, boxes = Counter(), printer._boxes

    def counted(equation, names):
        laid[equation] += bool(names.taken)  # without names an equation is compared with another, not shown
        return boxes(equation, names)

    monkeypatch.setattr(printer, "_boxes", counted)
    d = derived("given x[n], w[n]\ny[i] = tanh(w[i]*x[i])\nL = sum[i] y[i]**2")
    for form in FORMATS:
        if form != "eqs":  # the text names the tensors of the backward pass too: a system of its own
            render(d, form, detail=3)
    assert set(laid.values()) <= {0, 1}
    assert {*d.system.equations, *d.gradients.values()} <= {e for e, times in laid.items() if times}

"""Matrix notation of recurrences: what it looks like, and that it has the value of the index notation at each step."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from sympy import Float, Integer

import gradproof as gp
from gradproof.derive.interpret import evaluate
from gradproof.derive.model import Kind
from gradproof.derive.nodes import Element, Iverson, elements, substitute
from gradproof.derive.render import render
from gradproof.derive.render.mathtext import Writer, flat_text
from gradproof.derive.render.matrix_text import hand_of, matrix_doc
from gradproof.derive.render.matrix_time import form_of, held_in
from gradproof.derive.render.outline import result_equations
from gradproof.derive.render.symbols import symbols_for
from gradproof.verify.draw import draw_point, draw_sizes

from .test_matrix import Reading, column

RECURRENT = ["rnn", "rnn_loss", "rnn_masked", "lstm", "birnn", "gru", "momentum", "adam", "deep_mlp"]


def forms(derivation):
    held = held_in(derivation)
    hand = hand_of(Writer(symbols_for(derivation), derivation.system))
    found = {e.name: form_of(e, held) for e in result_equations(derivation)}
    return {n: " = ".join(flat_text(matrix_doc(m, hand)) for m in form) if form else None for n, form in found.items()}


def derived(name, **options):
    return gp.derive(gp.load(name), **options)


def test_a_recurrent_layer():
    assert forms(derived("rnn")) == {
        "t_h": "∂⁺h[t] = ∂h[t] + [t+1 < T]·∂pre_h[t+1] Uᵀ",
        "d_pre_h": "∂pre_h[t] = ∂⁺h[t] ⊙ (1 − h[t] ⊙ h[t])",
        "d_W": "∂W = Σ[t] x[t]ᵀ ∂pre_h[t]",
        "d_U": "∂U = Σ[t] h[t−1]ᵀ ∂pre_h[t]",
        "d_b": "∂b = Σ[t] ∂pre_h[t]ᵀ 1",
    }


def test_without_a_batch_the_states_are_columns():
    found = forms(derived("rnn_loss", wrt=["U", "c"]))
    assert found["d_U"] == "∂U = Σ[t] h[t−1] ∂pre_h[t]ᵀ"
    assert found["d_h"] == "∂h[t] = [t+1 < T]·U ∂pre_h[t+1] + V ∂o[t]"
    assert found["d_c"] == "∂c = Σ[t] ∂o[t]"
    assert found["d_o"] is None


def test_the_gates_of_a_long_short_term_memory():
    found = forms(derived("lstm"))
    assert found["d_h"] == (
        "∂h[t] = ∂y[t] + [t+1 < T]·(∂pre_f[t+1] U_fᵀ + ∂pre_g[t+1] U_gᵀ + ∂pre_i[t+1] U_iᵀ + ∂pre_o[t+1] U_oᵀ)"
    )
    assert found["d_pre_i"] == "∂pre_i[t] = ∂c[t] ⊙ g[t] ⊙ i[t] ⊙ (1 − i[t])"
    assert found["d_pre_f"] == "∂pre_f[t] = ∂c[t] ⊙ c[t−1] ⊙ f[t] ⊙ (1 − f[t])"
    assert found["d_U_f"] == "∂U_f = Σ[t] h[t−1]ᵀ ∂pre_f[t]"


def test_the_jacobian_of_a_step_and_the_product_of_the_steps():
    assert forms(gp.through_time(gp.load("rnn"), "h")) == {
        "J": "J[t,n] = diag(1 − h[t,n] ⊙ h[t,n]) Uᵀ",
        "P": "P[t,n] = [t+1 = T]·I + [t+1 < T]·P[t+1,n] J[t+1,n]",
    }


def test_a_read_at_no_fixed_distance_has_no_form():
    text = "given x[T, H], k[T] in T\nparam U[H, H], h0[H]\nstart h[-1,i] = h0[i]\n"
    d = gp.derive(gp.system(text + "h[t,i] = tanh(sum[j] U[i,j]*h[t-1,j]) + x[k[t],i]"), wrt=["U", "x"])
    assert forms(d)["d_x"] is None


@pytest.mark.parametrize("form", ["plain", "latex", "markdown", "html", "json"])
def test_every_format_writes_the_steps(form):
    text = render(derived("rnn"), form, width=120)
    shown = {
        "plain": "∂U = Σ[t] h[t−1]ᵀ ∂pre_h[t]",
        "json": r"\\sum_{t} h_{t-1}^{\\top}\\, \\bar{h}^{(\\text{pre})}_t",
        "html": "<munder>",
    }
    assert shown.get(form, r"\sum_{t} h_{t-1}^{\top}\, \bar{h}^{(\text{pre})}_t") in text


class AtStep(Reading):
    """The reading at one step: rows are picked from the arrays, and brackets of the steps are decided."""

    def __init__(self, arrays, shape, at):
        super().__init__(arrays, shape)
        self.at = at

    def whole(self, m):
        rows = tuple(int(number(r, self.at, self.arrays)) for r in m.at)
        return column(rows_of(self.arrays[m.name], rows, self.arrays["start", m.name]))

    def scalar(self, m):
        return float(number(m.value, self.at, self.arrays))

    def summed(self, m):
        steps = range(int(number(m.index.size, {}, self.arrays)))
        return sum(AtStep(self.arrays, self.shape, {**self.at, m.index: t}).value(m.body) for t in steps)


def rows_of(array, rows, start):
    """Return the rows of an array; that before the first, or behind the last, is the one it starts with."""
    if rows and not 0 <= rows[0] < len(array):
        return start if start is not None else np.zeros(array.shape[len(rows) :])
    return array[rows]


def number(e, at, arrays):
    """Return the number that a scalar is at a step."""
    e = substitute(e, {i: Integer(int(v)) for i, v in at.items()})
    e = substitute(e, {n: Integer(int(arrays[n.name])) for n in e.free_symbols})
    values = {x: Float(float(arrays[x.name][tuple(map(int, x.indices))]), 30) for x in elements(e)}
    found = e.xreplace(values)
    assert not found.atoms(Iverson), "undecided"
    return found


@pytest.mark.parametrize("name", RECURRENT)
def test_the_value_is_that_of_the_index_notation_at_each_step(name):
    d = derived(name)
    held, rng = held_in(d), np.random.default_rng(11)
    sizes = draw_sizes(d.joint, rng, with_one=False)
    point = draw_point(d.joint, sizes, rng, 0)
    everything = {**point.inputs, **evaluate(d.joint, {**point.inputs, **point.sizes})}
    everything = {n: np.asarray(a, float) for n, a in everything.items()}
    rows = [e for e in d.joint.definitions if e.kind is Kind.START and isinstance(e.value, Element)]
    starts = {e.name: everything[e.value.name] for e in rows}
    arrays = {**everything, **{s.name: n for s, n in sizes.items()}}
    arrays |= {("start", n): starts.get(n) for n in everything}
    done = 0
    for e in d.backward.definitions:
        form = form_of(e, held)
        if form is None or e.name not in {g.name for g in result_equations(d)}:
            continue
        own = [i for i in e.target.indices if i.size in held.letters]
        for rows in product(*(range(sizes_of(i.size, sizes)) for i in own)):
            expected = everything[e.name][rows]
            found = AtStep(arrays, expected.shape, dict(zip(own, rows, strict=True))).value(form[1])
            shaped = np.broadcast_to(np.squeeze(found), expected.shape)
            np.testing.assert_allclose(shaped, expected, rtol=1e-9, atol=1e-12)
        done += 1
    assert done >= 3


def sizes_of(size, sizes):
    return int(size.xreplace(sizes))

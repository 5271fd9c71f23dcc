from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from gradproof.derive.render import render
from gradproof.derive.render.pretty import width_of
from gradproof.errors import InputError

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("softmax_cross_entropy", {}),
        ("softmax_cross_entropy", {"ascii": True, "detail": 3}),
        ("mlp", {"detail": 1}),
        ("mlp", {"detail": 1, "width": 140}),
        ("dense", {}),
        ("sgd", {}),
        ("neuron", {}),
        ("relu", {"detail": 3}),
    ],
)
def test_golden(derived, name, options):
    """The text of a page. After a wanted change: write the new text to the file, look at it, commit it."""
    label = "-".join([name, *(f"{k}{v}" for k, v in options.items())])
    expected = (GOLDEN / f"{label}.txt").read_text(encoding="utf-8")
    assert render(derived(name), "plain", **options) == expected


@pytest.mark.parametrize("letters", ["unicode", "ascii"])
def test_nothing_is_wider_than_asked(derivation, letters):
    for width, detail in itertools.product([40, 47, 60, 80, 100, 140], [1, 2, 3]):
        text = render(derivation, "plain", width=width, detail=detail, ascii=letters == "ascii")
        assert [line for line in text.splitlines() if width_of(line) > width] == [], (width, detail)
        assert not any(line != line.rstrip() for line in text.splitlines()), (width, detail)


WIDE = {
    "convolution": "given x[N,C,H,W]\ngiven size s, p\nparam K[O,C,R,S]\nshape y[N,O,Ho,Wo]\noutside x = 0\n"
    "y[n,o,i,j] = sum[c,u,v] x[n,c,s*i+u-p,s*j+v-p]*K[o,c,u,v]",
    "pooling": "given x[N,C,H,W]\ngiven size k\nshape y[N,C,Ho,Wo]\ny[n,c,i,j] = max[u<k, v<k] x[n,c,k*i+u,k*j+v]",
    "recurrence": "given x[T,B,D], h0[B,H], c0[B,H]\nparam Wi[D,H], Ui[H,H], bi[H]\nstart h[-1,b,k] = h0[b,k]\n"
    "start c[-1,b,k] = c0[b,k]\ni[t,b,k] = sigmoid(sum[d] x[t,b,d]*Wi[d,k] + sum[l] h[t-1,b,l]*Ui[l,k] + bi[k])\n"
    "c[t,b,k] = c[t-1,b,k] + i[t,b,k]\nh[t,b,k] = i[t,b,k]*tanh(c[t,b,k])",
    "kinks": "given z[n], wlonger[n]\ny[i] = max(z[i], wlonger[i])*abs(z[i] - wlonger[i])",
    "assumption": "given temperature[m, C], y[m, C]\nassume sum[c] temperature[i,c]*y[i,c] = sum[c] temperature[i,c]\n"
    "L = sum[i] (sum[c] temperature[i,c]*y[i,c])**2",
}


@pytest.mark.parametrize("detail", [1, 2, 3])
@pytest.mark.parametrize("letters", ["unicode", "ascii"])
@pytest.mark.parametrize("text", WIDE.values(), ids=WIDE)
def test_wide_equations_are_broken_on_a_narrow_page(derived, text, letters, detail):
    page = render(derived(text), "plain", width=40, detail=detail, ascii=letters == "ascii")
    assert [line for line in page.splitlines() if width_of(line) > 40] == []


def test_one_word_may_be_wider_than_a_narrow_page(derived):
    name = "a_name_that_is_longer_than_forty_columns_are"
    page = render(derived(f"given {name}[n]\ny[i] = {name}[i]**2"), "plain", width=40)
    wide = [line.strip(" │") for line in page.splitlines() if width_of(line) > 40]
    assert wide
    assert all(name in line and len(line.split()) <= 3 for line in wide), wide


@pytest.mark.parametrize("detail", [1, 2, 3])
def test_ascii_is_ascii(derivation, detail):
    assert render(derivation, "plain", detail=detail, ascii=True).isascii()


def test_ascii_types_letters_that_a_keyboard_lacks(derived):
    text = '"""The loss of ŷ — squared."""\ngiven y[n], ŷ[n], α\n'
    text += "L = α*sum[i] (ŷ[i] - y[i])**2\nŷ[i] := ŷ[i] - α*grad(L, ŷ[i])"
    for detail in (1, 2, 3):
        page = render(derived(text), "plain", detail=detail, ascii=True)
        assert page.isascii()
        assert "d_yhat[i] = 2*alpha*(yhat[i] - y[i])" in page
        assert "grad(L, yhat[i])" in page


def test_a_long_sum_breaks_at_its_signs(derived):
    names = [f"quantity{k}" for k in range(8)]
    text = f"given {', '.join(f'{n}[n]' for n in names)}\ny[i] = {' + '.join(f'{n}[i]*{n}[i]' for n in names)}"
    page = render(derived(text), "plain", width=60)
    assert "    y[i] = quantity₀[i]²\n           + quantity₁[i]²\n" in page


def test_assumptions_and_kinks_are_footnotes(derived):
    assert "ᵃ Assumed: Σ[c] y[i,c] = 1." in render(derived("softmax_cross_entropy"), "plain")
    page = render(derived("relu"), "plain")
    assert "ReLU(z[i])" in page
    assert "ᵃ ReLU has no derivative where z[i] = 0; 0 is taken" in page


@pytest.mark.parametrize("form", ["plain", "markdown", "latex"])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"wrt": "z"}, "assuming"),
        ({"wrt": "z", "without": "all"}, "not used: "),
        ({"wrt": "z", "without": "sum_y"}, "not used: "),
        ({"wrt": "y"}, "not used: "),
    ],
)
def test_what_is_said_of_an_assumption_is_what_was_done(derived, form, options, said):
    text = "given z[m,C], y[m,C]\nassume sum[c] y[i,c] = 1\np[i,c] = exp(z[i,c]) / sum[k] exp(z[i,k])\n"
    page = render(derived(f"{text}L = -1/m * sum[i,c] y[i,c]*log(p[i,c])", **options), form).lower()
    other = ({"assuming", "not used: "} - {said}).pop()
    assert page.count(said) == 1
    assert other not in page


@pytest.mark.parametrize("form", ["plain", "markdown", "latex"])
def test_brackets_are_explained_where_there_are_some(derived, form):
    explained = "A condition in brackets counts as 1 where it holds, and as 0 elsewhere."
    assert explained in render(derived("relu"), form)
    assert explained not in render(derived("mlp"), form)


def test_factors_stand_in_the_same_order_in_both_notations(derived):
    page = render(derived("sigmoid"), "plain")
    assert "∂z[i] = ∂a[i]·a[i]·(1 − a[i])  " in page
    assert "∂z = ∂a ⊙ a ⊙ (1 − a)  " in page


def test_updates_are_derived_in_the_order_of_the_text(derived):
    assert derived("sgd").wrt == ("w", "b")


@pytest.mark.parametrize("option", [{"detail": 4}, {"detail": "2"}, {"width": "80"}, {"width": 0}])
def test_an_option_that_cannot_be_is_refused(derived, option):
    with pytest.raises(InputError) as caught:
        render(derived("mse"), "plain", **option)
    assert repr(next(iter(option.values()))) in str(caught.value)


def test_an_unknown_format_names_the_known(derived):
    with pytest.raises(InputError) as caught:
        render(derived("mse"), "pdf")
    assert caught.value.expected == "one of terminal, plain, latex, markdown, json, html, eqs"


def test_no_line_ends_within_a_shape(derived):
    """The sizes of a shape stay together, whatever the width."""
    for width in range(60, 100, 3):
        page = derived("encoder_block").plain(width=width)
        assert not [line for line in page.splitlines() if line.endswith("×") or line.lstrip().startswith("×")]
        assert "\N{NO-BREAK SPACE}" not in page


def test_a_long_product_ends_its_line_before_the_factor_that_does_not_fit(derived):
    lines = render(derived("gru"), "plain", detail=1, width=80).splitlines()
    place = next(j for j, line in enumerate(lines) if "∂pre_z[t,b,k] =" in line)
    assert "·(1 − z[t,b,k]) " in lines[place]
    assert "·(h[t−1,b,k] − n[t,b,k])" in lines[place + 1]


def test_a_factor_stays_beside_the_sum_that_it_multiplies(derived):
    lines = [x.rstrip(" │") for x in render(derived("lstm"), "plain", detail=1, width=80).splitlines()]
    assert any(x.endswith("+ [t+1 < T]·Σ[j] (∂pre_f[t+1,n,j]·U_f[k,j]") for x in lines)


def test_a_sum_with_conditions_stands_above_its_body(derived):
    page = render(derived("conv2d"), "plain", detail=1, width=80)
    assert "Σ[n, i, j, 0 ≤ s·i+r·u−p < H, 0 ≤ s·j+r·v−p < W]  " in page
    assert "  ∂y[n,o,i,j]·x[n,c,s·i+r·u−p,s·j+r·v−p]  " in page


def test_what_is_denied_is_said(derived):
    assert "Σ[i, z[i] ≤ 0]" in render(derived("elu"), "plain")
    assert r"z_i \leq 0" in render(derived("elu"), "latex")


def test_footnotes_are_in_the_hand_of_the_page(derived):
    assert "the maximum of x[n,c,s·i+u,s·j+v] is reached" in " ".join(render(derived("max_pool2d"), "plain").split())
    assert "$x_{n,c,s i+u,s j+v}$ is reached" in render(derived("max_pool2d"), "latex")


def test_matrix_notation_has_decimals_and_one_root(derived):
    page = render(derived("gelu_tanh"), "plain")
    assert "0.134145·z ⊙ z" in page
    assert "exp(−z ⊙ z/2)/√(2·π)" in render(derived("gelu"), "plain")

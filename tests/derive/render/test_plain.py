from __future__ import annotations

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


@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("detail", [1, 2, 3])
@pytest.mark.parametrize("letters", ["unicode", "ascii"])
def test_nothing_is_wider_than_asked(derivation, width, detail, letters):
    text = render(derivation, "plain", width=width, detail=detail, ascii=letters == "ascii")
    assert [line for line in text.splitlines() if width_of(line) > width] == []
    assert not any(line != line.rstrip() for line in text.splitlines())


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


def test_an_unknown_format_names_the_known(derived):
    with pytest.raises(InputError) as caught:
        render(derived("mse"), "pdf")
    assert caught.value.expected == "one of terminal, plain, latex, markdown, json"

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from gradproof.derive.render import render
from gradproof.derive.render.html import article, page

ELEMENTS = {
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt"),
    *("msub", "msup", "msubsup", "mover", "munder", "munderover"),
}
#: Forms that no entry of the catalogue has.
TEXTS = {
    "case": "given z[n], s\na[i] = where(z[i] > 0, z[i], s*z[i])",
    "maximum": "given x[N,H]\ny[n] = max[h] x[n,h]",
    "window": "given x[N]\nparam w[K]\ngiven size s, p, Ho\noutside x = 0\nshape y[Ho]\ny[h] = sum[k] x[s*h+k-p]*w[k]",
    "scan": "given x[T], h0\nstart h[-1] = h0\nh[t] = h[t-1]*x[t]",
    "embedding": "given tok[T] in V\nparam E[V,D]\nx[t,d] = E[tok[t],d]",
    "functions": "given x[n], eps\ngiven function phi\ny[i] = phi(abs(x[i]))*1e-5 + sqrt(eps + x[i]**2)/pi",
    "named": "given x[D], y\nparam w[D], b\na = softplus(sum[d] x[d]*w[d] + b)\nL = (a - y)**2",
    "norms": "given x[N,D], eps\nv[n] = 1/D*sum[d] x[n,d]**2\nr[n] = 1/sqrt(v[n] + eps)\ny[n,d] = x[n,d]*r[n]",
}


def tree(text):
    """Return the parsed page; it is well-formed XML as well as HTML."""
    return ET.fromstring(text)  # noqa: S314  (our own text)


def shown(element):
    """Return what a reader sees of an element, without invisible signs."""
    return re.sub("[\u2061\u2062]", "", "".join(element.itertext()))


@pytest.mark.parametrize("detail", [1, 2, 3])
def test_every_entry_is_well_formed(derivation, detail):
    root = tree(render(derivation, "html", detail=detail, shapes=True, memory=True))
    maths = list(root.iter("math"))
    assert maths
    assert {e.tag for m in maths for e in m.iter()} <= ELEMENTS
    for e in (e for m in maths for e in m.iter()):
        wanted = {"mfrac": 2, "msub": 2, "msup": 2, "mover": 2, "munder": 2, "msubsup": 3, "munderover": 3}.get(e.tag)
        assert wanted is None or len(e) == wanted
        assert e.tag not in ("mi", "mn", "mo") or (len(e) == 0 and e.text)


@pytest.mark.parametrize("name", TEXTS)
def test_other_forms_are_well_formed(derived, name):
    root = tree(render(derived(TEXTS[name]), "html", detail=3))
    assert {e.tag for m in root.iter("math") for e in m.iter()} <= ELEMENTS


def test_the_file_needs_no_other(derivation):
    text = render(derivation, "html")
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|https?:|\bon\w+=|javascript:", text)


def test_equations_read_as_they_should(derived):
    root = tree(render(derived("softmax_cross_entropy"), "html"))
    rights = [" ".join(shown(m) for m in e) for e in root.iter("div") if e.get("class") == "right"]
    assert rights[0] == "ezi,c∑k=1Cezi,k"
    assert rights[1] == "−1m∑i=1m∑c=1Cyi,clog(pi,c)"
    assert "pi,c−yi,cm" in rights
    lefts = [shown(e) for e in root.iter("div") if e.get("class") == "left"]
    assert lefts[:3] == ["pi,c", "L", "∂L∂pi,c"]


def test_a_general_cotangent_is_a_bar_and_products_of_matrices_are_transposed(derived):
    text = render(derived("dense"), "html")
    bar = '<mover><mi>Z</mi><mo stretchy="false" scriptlevel="0">¯</mo></mover>'
    turned = "<msup><mrow><mi>X</mi></mrow><mrow><mo>⊤</mo></mrow></msup>"
    assert f'{turned}<mspace width="0.1667em"></mspace>{bar}' in text


EVIL = "<script>alert(1)</script> & <b>"


def test_titles_and_sources_of_users_are_no_markup(derived):
    text = render(derived(f'"""A {EVIL} title. From {EVIL}: x = {EVIL}."""\ngiven x\ny = x**2'), "html")
    assert "<script" not in text
    assert "<b>" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;") == 4
    assert tree(text).find("head/title").text.startswith(f"A {EVIL} title")


def test_names_of_users_are_no_markup():
    """No name of the notation holds a `<`; the writers escape all the same."""
    from gradproof.derive.render.html import failure
    from gradproof.derive.render.mathml import head, mi, mn, mo, mtext

    assert all("<script" not in write(EVIL) for write in (mi, mn, mo, mtext, head, failure))
    assert head(r"\text{<i>}") == "<mi>&lt;i&gt;</mi>"


@pytest.mark.parametrize(("detail", "opened"), [(1, 0), (2, 2), (3, 2)])
def test_levels_of_detail_are_folded_not_left_out(derived, detail, opened):
    root = tree(render(derived("mse"), "html", detail=detail))
    adjoints = [d for d in root.iter("details") if d.get("class") == "adjoint"]
    assert len(adjoints) == 2
    assert sum(d.get("open") is not None for d in adjoints) == opened
    every = [d for d in root.iter("details") if d.get("class") == "every"]
    assert len(every) == (0 if detail == 3 else 2)
    assert not any(d.get("open") for d in every)


def test_reasons_link_to_the_equations_of_their_own_part(derived):
    parts = [article(derived(name), prefix=f"s{k}-") for k, name in enumerate(("mlp", "mse"))]
    root = tree(page(parts, "Two"))
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    links = [a.get("href") for a in root.iter("a")]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_a_long_sum_in_brackets_may_end_a_line(derived):
    text = "given " + ", ".join(f"a{k}[n,n], b{k}[n]" for k in range(4)) + ", x[n]\n"
    text += "y[i] = x[i]*(" + " + ".join(f"sum[j] a{k}[i,j]*b{k}[j]" for k in range(4)) + ")"
    root = tree(render(derived(text), "html", detail=1))
    right = next(e for e in root.iter("div") if e.get("class") == "right")
    assert len(list(right)) == 4
    assert shown(right).count("(") - shown(right).count(")") == 0


def test_light_dark_and_paper(derived):
    text = render(derived("tanh"), "html")
    assert "@media (prefers-color-scheme: dark)" in text
    assert "@media print" in text


def test_shapes_and_memory_on_demand(derived):
    text = render(derived("mlp"), "html", shapes=True, memory=True)
    assert text.count('class="shape"') > 10
    assert "Saved for the backward pass" in text
    plain = render(derived("mlp"), "html")
    assert 'class="shape"' not in plain
    assert "Saved" not in plain

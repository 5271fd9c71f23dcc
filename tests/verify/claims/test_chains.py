"""Chains of equalities: the first line that does not follow is named, the next is judged against what stands."""

from __future__ import annotations

import pytest

from gradproof.derive.latex import read_page
from gradproof.verify.claims import Judged, judge_claims

NEURON = r"""$$z = w x + b$$

$$a = \frac{1}{1 + e^{-z}}$$

$$E = \frac{1}{2} (a - t)^2$$
"""


def judged(text: str) -> Judged:
    return judge_claims(read_page(text, "page.md").claims)[-1]


def verdicts(one: Judged) -> list[tuple[int, str]]:
    return [(s.line, s.verdict) for s in one.steps]


def test_the_first_line_that_does_not_follow_is_named_and_the_correct_one_is_the_gradient() -> None:
    one = judged(
        NEURON
        + r"""
$$
\begin{aligned}
\frac{\partial E}{\partial w}
  &= \frac{\partial E}{\partial a} \frac{\partial a}{\partial z} \frac{\partial z}{\partial w} \\
  &= (a - t) \, a (1 - a) \, x \\
  &= (a - t) \, a \, x
\end{aligned}
$$
"""
    )
    assert verdicts(one) == [(10, "right"), (11, "right"), (12, "wrong")]
    wrong = one.steps[-1]
    assert wrong.causes == ("the factor 1 - a is missing",)
    assert wrong.notation == "a*x*(1 - a)*(a - t)"
    assert wrong.place is not None
    assert wrong.place.line == 12


def test_two_wrong_lines_that_cancel_are_both_wrong() -> None:
    one = judged(
        NEURON
        + r"""
$$
\begin{align*}
\frac{dE}{db} &= (a - t) a (1 - a) \\
 &= (t - a) a (1 - a) \\
 &= (a - t) a (1 - a)
\end{align*}
$$
"""
    )
    assert verdicts(one) == [(9, "right"), (10, "wrong"), (11, "wrong")]
    notes = " ".join(one.steps[2].notes)
    assert "wrong from line 10 on" in notes
    assert "equals the beginning of the chain" in notes


def test_a_different_quantity_within_a_chain() -> None:
    one = judged(NEURON + r"$$\frac{dE}{dw} = (a - t) a (1 - a) x = \frac{dE}{db} = (a - t) a (1 - a)$$")
    assert [s.verdict for s in one.steps] == ["right", "wrong", "right"]
    assert one.steps[1].causes == ("the factor x is missing",)


def test_rows_that_begin_with_an_equals_sign_and_displays_that_do() -> None:
    rows = judged("$$\n\\begin{split}\n(u + v)^2\n &= u^2 + 2uv + v^2 \\\\\n &= u^2 + v^2\n\\end{split}\n$$\n")
    assert verdicts(rows) == [(4, "right"), (5, "wrong")]
    displays = judged("$$(u + v)^2 = u^2 + 2uv + v^2$$\n\nand so\n\n$$= u (u + 2v) + v^2$$\n\n$$= u^2 + v^2$$\n")
    assert verdicts(displays) == [(1, "right"), (5, "right"), (7, "wrong")]


def test_a_chain_may_define_what_it_begins_with() -> None:
    page = read_page(r"$$J = \frac{1}{2} (w - 3)^2 = \frac{1}{2} w^2 - 3 w + \frac{9}{2}$$", "page.md")
    assert [e.kind for e in page.entries] == ["equation", "claim"]
    assert page.names == ("J",)
    assert judge_claims(page.claims)[0].verdict == "right"


def test_a_function_that_a_chain_defines() -> None:
    one = judged(r"$$\sigma(z) = \frac{1}{1 + e^{-z}} = \frac{e^{z}}{1 + e^{z}} = \frac{e^{z}}{1 - e^{z}}$$")
    assert [s.verdict for s in one.steps] == ["right", "wrong"]


def test_a_name_for_a_derivative_is_used_by_later_claims() -> None:
    text = (
        NEURON
        + r"""
$$\delta = \frac{\partial E}{\partial z}$$

$$\frac{\partial E}{\partial w} = \delta x$$

$$\delta = (a - t) a (1 - a)$$
"""
    )
    found = judge_claims(read_page(text, "page.md").claims)
    assert [j.verdict for j in found] == ["right", "right"]


def test_backpropagation_in_matrix_notation_with_labels() -> None:
    text = r"""Where x in R^{n}, W^{(1)} in R^{k x n}, b^{(1)} in R^{k}, a^{(1)} in R^{k}, W^{(2)} in R^{q x k},
z^{(2)} in R^{q}, t in R^{q}.

$$\sigma(s) = \frac{1}{1 + e^{-s}}$$

$$z^{(1)} = W^{(1)} x + b^{(1)}, \quad a^{(1)} = \sigma(z^{(1)})$$

$$z^{(2)} = W^{(2)} a^{(1)}$$

$$E = \frac{1}{2} \lVert z^{(2)} - t \rVert^2$$

$$\delta^{(2)} = \frac{\partial E}{\partial z^{(2)}} = z^{(2)} - t$$

$$
\delta^{(1)} = \frac{\partial E}{\partial z^{(1)}}
= \left( (W^{(2)})^\top \delta^{(2)} \right) \odot \sigma'(z^{(1)})
$$

$$\frac{\partial E}{\partial W^{(2)}} = \delta^{(2)} (a^{(1)})^\top$$

$$\frac{\partial E}{\partial W^{(1)}} = -\delta^{(1)} x^\top$$
"""
    found = judge_claims(read_page(text, "page.md").claims)
    assert [j.verdict for j in found] == ["right", "right", "right", "wrong"]
    assert found[-1].steps[0].causes == ("the sign is wrong",)
    assert "a^{(1)}" in found[-1].steps[0].correct


def test_conditions_are_no_statements() -> None:
    quiet = judged(NEURON + "\nAt the minimum $$\\frac{\\partial E}{\\partial w} = 0$$")
    assert quiet.verdict == "condition"
    alone = judged(NEURON + "\n$$\\frac{\\partial E}{\\partial w} = 0$$")
    assert alone.verdict == "undecided"
    always = judged(NEURON + "\n$$\\frac{\\partial z}{\\partial w} - x = 0$$")
    assert always.verdict == "right"


def test_a_statement_that_the_text_restricts_is_not_called_wrong() -> None:
    assert judged("$$\\frac{d}{dx} \\sqrt{x^2} = 1$$").verdict == "wrong"
    assert judged("For positive x,\n\n$$\\frac{d}{dx} \\sqrt{x^2} = 1$$").verdict == "undecided"


def test_an_assumption_of_the_page_is_used() -> None:
    text = r"""```gradproof
assume sum[k] t[k] = 1
```

$$p_i = \frac{e^{z_i}}{\sum_{k=1}^{n} e^{z_k}}$$

$$H = -\sum_{i=1}^{n} t_i \log(p_i)$$

$$\frac{\partial H}{\partial z_i} = p_i - t_i$$
"""
    assert judged(text).verdict == "right"


def test_a_softmax_is_no_function_of_one_entry() -> None:
    one = judged(
        r"$$p_i = \frac{e^{z_i}}{\sum_{k=1}^{n} e^{z_k}}$$"
        "\n\n$$\\frac{\\partial p}{\\partial z} = p \\odot (1 - p)$$"
    )
    assert one.verdict == "undecided"
    assert "of one entry for another" in one.steps[0].reason


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"\frac{\partial E}{\partial w} = \int x", r"`\int` is not understood"),
        (r"\frac{\partial E}{\partial w} \approx x", "approx"),
        (r"\frac{\partial^2 E}{\partial w} = x", "order 2"),
    ],
)
def test_what_is_not_understood_is_told_with_its_place(latex: str, message: str) -> None:
    entry = read_page(f"{NEURON}\n$${latex}$$", "page.md").entries[-1]
    assert entry.error is not None
    assert entry.error.where is not None
    assert entry.error.where.line == 7
    assert message in str(entry.error)


def test_claims_do_not_change_how_the_equations_are_read() -> None:
    plain = read_page(NEURON, "page.md")
    more = read_page(NEURON + "\n$$\\frac{\\partial E}{\\partial w} = \\sum_{w=1}^{z} a_w$$", "page.md")
    assert [str(e.system) for e in plain.entries] == [str(e.system) for e in more.entries[:-1]]
    assert str(plain.system()) == str(more.system())

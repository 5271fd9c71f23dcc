"""Pages are read as their mathematics says, chained, and written back to the same systems."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradproof import catalogue
from gradproof.derive.latex import Page, latex_equation, latex_system, read_page
from gradproof.derive.latex.names import GREEK, ascii_name
from gradproof.derive.model import System
from gradproof.derive.notation import format_equation, format_system, parse_system
from gradproof.errors import InputError
from tests.entries import SMALL

NOTES = (Path(__file__).parent / "notes.md").read_text(encoding="utf-8")


def one(latex: str, *, before: str = "") -> System:
    """Read a single display."""
    entry = read_page(f"{before}\n\n$$\n{latex}\n$$\n").entries[-1]
    assert entry.error is None, entry.error
    assert entry.system is not None
    return entry.system


def lines(system: System) -> list[str]:
    return [format_equation(e, system) for e in system.equations]


def shapes(system: System) -> dict[str, str]:
    return {t.name: ",".join(map(str, t.shape)) for t in system.tensors}


@pytest.fixture(scope="module")
def page() -> Page:
    return read_page(NOTES, "notes.md")


def test_every_equation_of_the_page_is_read(page: Page) -> None:
    assert [str(e.error) for e in page.entries if e.error is not None] == []
    assert len([e for e in page.entries if e.system is not None]) == 32


READ = [
    (r"z = \mathbf{w}^T \cdot \mathbf{x} + b", ["z = sum[i] w[i]*x[i] + b"]),
    (r"z = w^\top x + b", ["z = sum[i] w[i]*x[i] + b"]),
    (r"z = \mathbf{w} \cdot \mathbf{x}", ["z = sum[i] w[i]*x[i]"]),
    (r"a = \phi(z)", ["a = φ(z)"]),
    (r"\sigma(z) = \frac{1}{1 + e^{-z}}", ["σ = 1/(1 + exp(-z))"]),
    (r"\text{ReLU}(z) = \max(0, z)", ["ReLU = max(0, z)"]),
    (r"\text{MSE} = \frac{1}{m} \sum_{i=1}^{m} (y_i - \hat{y}_i)^2", ["MSE = 1/m * sum[i] (y[i] - ŷ[i])**2"]),
    (r"L = -\frac1m \sum_{i=1}^{m} \sum_{c=1}^{C} y_{ic} \log p_{ic}", ["L = -1/m * sum[i,c] y[i,c]*log(p[i,c])"]),
    (r"H = \sum_{t=1}^{T} t\, x_t", ["H = sum[t] x[t]*(1 + t)"]),
    (r"H = \sum_{t=0}^{T-1} t\, x_t", ["H = sum[t] t*x[t]"]),
    (r"H = \sum_{i=1}^{n} i^2", ["H = sum[i<n] (1 + i)**2"]),
    (r"y = \tanh^2(x) + \sqrt{x}", ["y = sqrt(x) + tanh(x)**2"]),
    (r"y = \left| x \right| + |x - 1|", ["y = abs(x) + abs(x - 1)"]),
    (r"y = e", ["y = exp(1)"]),
    (r"y = 2 \pi r", ["y = 2*pi*r"]),
    (r"L = W_1 x + W^{(2)} x + w_{\text{out}}", ["L = W1*x + W2*x + w_out"]),
    (r"v = \mathbf{1}^\top \mathbf{x}", ["v = sum[i] x[i]"]),
    (r"y_i = 2 x_i, \quad i = 1, \dots, m", ["y[i] = 2*x[i]"]),
    (r"w_j \gets w_j - \alpha g_j", ["w[j] := w[j] - g[j]*α"]),
]


@pytest.mark.parametrize(("latex", "expected"), READ)
def test_equations_are_read_as(latex: str, expected: list[str]) -> None:
    before = "where W1 in R and W2 in R, so that $W_1 \\in \\mathbb{R}$ and $W^{(2)} \\in \\mathbb{R}$"
    system = one(latex, before=before)
    assert parse_system(format_system(system)).equations == system.equations
    wanted = [parse_system("\n".join([*_declared(system), line])).equations[0].value for line in expected]
    assert [e.value for e in system.equations] == wanted


def _declared(system: System) -> list[str]:
    return [line for line in format_system(system).splitlines() if line.startswith(("given", "param", "shape"))]


def test_shapes_come_from_the_mathematics() -> None:
    assert shapes(one(r"z = \mathbf{w}^T \mathbf{x} + b")) == {"w": "n", "x": "n", "b": "", "z": ""}
    assert shapes(one(r"L = \sum_{i=1}^{m} \sum_{c=1}^{C} p_{i,c}")) == {"p": "m,C", "L": ""}
    assert shapes(one(r"p_{i,c} = \frac{e^{z_{i,c}}}{\sum_k e^{z_{i,k}}}")) == {"z": "n,q", "p": "n,q"}


def test_declarations_in_prose_mathematics_and_blocks() -> None:
    expected = {"X": "m,D", "W": "D,C", "b": "C", "Z": "m,C"}
    for before in (
        "where X in R^{m x D}, W in R^{D x C}, b in R^C",
        r"where $X \in \mathbb{R}^{m \times D}$, $W\in\mathbb{R}^{D \times C}$ and $b \in \mathbb R^C$",
        r"$$X \in \mathbb{R}^{m \times D}, \quad W \in \mathbb{R}^{D \times C}, \quad b \in \mathbb{R}^{C}$$",
        "```gradproof\ngiven X[m, D]\ngiven W[D, C], b[C]\n```",
    ):
        assert shapes(one("Z = XW + b", before=before)) == expected, before


def test_a_broadcast_is_noted(page: Page) -> None:
    assert "broadcast" in page.entries[0].note


def test_a_notation_block_names_parameters_and_assumptions() -> None:
    system = one(
        r"L = -\frac{1}{m}\sum_{i=1}^{m}\sum_{c=1}^{C} y_{i,c} \log p_{i,c}",
        before="```gradproof\nparam p[m, C]\ngiven y[m, C]\nassume sum[c] y[i,c] = 1\n```",
    )
    assert [t.name for t in system.parameters] == ["p"]
    assert len(system.assumptions) == 1


def test_labels_as_an_index() -> None:
    system = one(r"L = -\frac{1}{m}\sum_{i=1}^{m} \log p_{i,y_i}", before="```gradproof\ngiven p[m, C], y[m] in C\n```")
    assert lines(system) == ["L = -1/m * sum[i] log(p[i,y[i]])"]


# ---------------------------------------------------------------- functions


def test_a_function_is_recognised_by_its_body_never_by_its_name() -> None:
    body = {
        r"\frac{e^z}{1+e^z}": "sigmoid",
        r"1 - \frac{1}{1+e^{z}}": "sigmoid",
        r"\frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}": "tanh",
        r"\frac{e^{2z} - 1}{e^{2z} + 1}": "tanh",
        r"\max(z, 0)": "relu",
        r"\begin{cases} z & z > 0 \\ 0 & \text{otherwise} \end{cases}": "relu",
        r"\ln(1 + e^z)": "softplus",
    }
    for latex, name in body.items():
        page = read_page(f"$$f(z) = {latex}$$\n\n$$a = f(t)$$")
        assert lines(page.entries[1].system) == [f"a = {name}(t)"], latex  # type: ignore[arg-type]
    wrong = read_page("$$\\sigma(z) = \\frac{1}{1 + e^{z}}$$\n\n$$a = \\sigma(t)$$")
    assert lines(wrong.entries[1].system) == ["a = 1/(1 + exp(t))"]  # type: ignore[arg-type]
    leaky = read_page("$$f(z) = \\max(0.1 z, z)$$\n\n$$a = f(t)$$")
    assert "max" in lines(leaky.entries[1].system)[0]  # type: ignore[arg-type]


def test_a_function_of_an_array_is_inlined_without_capture() -> None:
    function = r"$$\text{soft}(\mathbf{z})_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$"
    system = read_page(function + "\n\n" + r"$$p_j = \text{soft}(\mathbf{u})_j + u_j$$").entries[1].system
    assert system is not None
    wanted = parse_system("given u[n]\np[j] = exp(u[j])/(sum[k] exp(u[k])) + u[j]")
    assert system.equations == wanted.equations


def test_product_or_function() -> None:
    assert lines(one("y = a(b + c) - a")) == ["y = a*(b + c) - a"]
    with pytest.raises(InputError, match="function k of what stands in parentheses, or k times it"):
        raise read_page("$$y = k(m + n)$$").entries[0].error  # type: ignore[misc]
    with pytest.raises(InputError, match="is a function on this page"):
        raise read_page("$$\\sigma(z) = z^2$$\n\n$$s = \\sigma^2$$\n\n$$y = \\sigma(t)$$").entries[2].error  # type: ignore[misc]


# ---------------------------------------------------------------- chains and updates


def test_equations_chain_by_name(page: Page) -> None:
    system = page.chain("L")
    assert [e.name for e in system.equations] == ["Z", "P", "L"]
    assert {t.name for t in system.inputs} == {"X", "W", "b", "y"}


def test_a_chain_with_two_ranks_names_both_places() -> None:
    page = read_page("$$z = \\mathbf{w}^T \\mathbf{x} + b$$\n\n$$p_i = \\sigma(z_i)$$")
    assert all(e.error is None for e in page.entries)
    with pytest.raises(InputError, match="z has no axis here, but 1 axis in line 3") as caught:
        page.chain("p")
    assert caught.value.where is not None
    assert caught.value.where.line == 1


def test_a_function_that_is_applied_elsewhere_has_dummies() -> None:
    page = read_page("$$z_i = 2 x_i$$\n\n$$\\sigma(z) = \\frac{1}{1 + e^{-z}}$$\n\n$$p_i = \\sigma(z_i)$$")
    assert [e.name for e in page.chain("σ").equations] == ["σ"]
    assert [e.name for e in page.chain("p").equations] == ["z", "p"]


def test_names_may_be_typed() -> None:
    page = read_page("$$\\hat{y} = 2 x$$")
    assert page.chain("yhat").equations == page.chain("ŷ").equations
    with pytest.raises(InputError, match="no equation of <page> computes yat") as caught:
        page.chain("yat")
    assert caught.value.hint == "did you mean ŷ?"


def test_an_update_with_its_chain(page: Page) -> None:
    update = next(e for e in page.entries if e.kind == "update")
    assert update.system is not None
    assert [e.name for e in update.system.equations] == ["Z", "P", "L", "W"]
    assert [t.name for t in update.system.parameters] == ["W"]
    assert "grad(L, W[" in lines(update.system)[-1]


def test_an_update_that_nothing_leads_to_takes_the_gradient_as_given() -> None:
    page = read_page("$$L = \\sum_i p_i$$\n\n$$w_j := w_j - \\alpha \\frac{\\partial L}{\\partial w_j}$$")
    entry = page.entries[1]
    assert entry.system is not None
    assert entry.note == "no equation on this page leads from w to L: the gradient comes in as dL_dw"
    assert {t.name for t in entry.system.inputs} == {"w", "α", "dL_dw"}
    assert [t.name for t in entry.system.parameters] == ["w"]


# ---------------------------------------------------------------- round trips


def test_what_was_read_prints_and_reads_back(page: Page) -> None:
    for entry in page.entries:
        if entry.system is not None:
            _check_round_trip(entry.system, entry.latex)


#: Entries within what a page can say: no recurrence, no choice between cases, no index that is data in a table of rows.
ON_A_PAGE = """
binary_cross_entropy cross_entropy dense distillation dropout focal gaussian_kl gelu gelu_tanh glu hinge l1 l2
label_smoothing log_softmax logistic_regression mae mish mlp mse neuron policy_gradient relu residual ridge sgd sigmoid
silu softmax softmax_cross_entropy softmax_cross_entropy_labels softplus swiglu tanh triplet vae_kl weight_norm
"""


@pytest.mark.parametrize("name", SMALL)
def test_the_catalogue_prints_and_reads_back_or_is_refused(name: str) -> None:
    system = parse_system(catalogue.read(name), name)
    try:
        _check_round_trip(system, name)
    except InputError:
        assert name not in ON_A_PAGE.split()


def _check_round_trip(system: System, what: str) -> None:
    again, spelled = read_page(latex_system(system)).system(), _as_a_page_spells_it(system)
    assert again.equations == spelled.equations, what
    assert again.tensors == spelled.tensors, what
    assert again.assumptions == system.assumptions, what
    typed = parse_system(format_system(system))
    assert typed.equations == system.equations, what
    assert typed.tensors == system.tensors, what


def _as_a_page_spells_it(system: System) -> System:
    """Return the system in which a computed Phi, which no declaration on the page spells out, is a Φ."""
    text = format_system(system)
    for name in sorted({e.name for e in system.definitions} & set(GREEK)):
        text = re.sub(rf"\b{name}\b", GREEK[name], text)
    return parse_system(text)


PRINTED = [
    (r"\text{MSE} = \frac{1}{m} \sum_{i=1}^{m} (y_i - \hat{y}_i)^2", None),
    (r"z = \sum_{j=1}^{n} w_j x_j + b", None),
    (r"\text{Loss} = -\frac{1}{m} \sum_{i=1}^{m}\sum_{c=1}^{C} y_{i,c} \log(p_{i,c})", None),
    (r"w_j := w_j - \alpha g_j", None),
    (r"a_i = \left[z_i > 0\right] z_i", None),
    (r"H = \sum_{t=0}^{T-1} t x_t", None),
    (r"y = \sqrt{x^2 + 1}", r"y = \sqrt{x^2 + 1}"),
    (r"a^{(1)}_j = \max(0, z^{(1)}_j)", None),
]


@pytest.mark.parametrize(("latex", "printed"), PRINTED)
def test_print_as_a_book(latex: str, printed: str | None) -> None:
    system = one(latex)
    assert latex_equation(system.equations[0], system) == (printed or latex)


def test_reading_does_not_depend_on_what_was_read_before(page: Page) -> None:
    first = [lines(e.system) for e in page.entries if e.system]
    again = [lines(e.system) for e in read_page(NOTES, "notes.md").entries if e.system]
    assert first == again


@pytest.mark.parametrize("name", SMALL)
def test_gradients_are_written_with_bars_and_read_back(name: str) -> None:
    from gradproof.derive.derivation import derive

    system = parse_system(catalogue.read(name), name)
    backward = derive(system).backward
    page = read_page(latex_system(backward), adjoints=True)
    names, refused = {ascii_name(n) for n in page.names}, any(e.error for e in page.entries)
    assert names <= {e.name for e in backward.definitions}
    assert len(names) == len(backward.definitions) or (refused and name not in ON_A_PAGE.split())


# ---------------------------------------------------------------- delimiters


@pytest.mark.parametrize("text", ["\\\\[ z = 2 x \\\\]", "\\\\[\nz = 2 x\n\\\\]", "So \\\\( z = 2 x \\\\) holds."])
def test_doubled_backslashes_open_mathematics(text: str) -> None:
    entries = read_page(f"Text, a\\\\[2pt] break.\n\n{text}\n").entries
    assert [lines(e.system) for e in entries if e.system] == [["z = 2*x"]]


def test_a_doubled_bracket_that_is_not_closed_is_reported() -> None:
    entry = read_page("Text.\n\\\\[ z = 2 x\n\nMore.").entries[0]
    assert entry.error is not None
    assert entry.line == 2


@pytest.mark.parametrize("text", ["$$ z = x\n\n$$ t = y $$\n", "$$\nz = x\n\n$$\nt = y\n$$\n"])
def test_dollars_do_not_close_across_a_blank_line(text: str) -> None:
    first, second = read_page(f"Text.\n\n{text}").entries
    assert first.error is not None
    assert "is not closed" in first.error.message
    assert first.line == 3
    assert second.output == "t"


def test_dollars_alone_on_their_lines_may_have_a_blank_line_between() -> None:
    assert [e.output for e in read_page("$$\nz = x\n\n$$\n\nText.\n\n$$\n\nt = y\n$$\n").entries] == ["z", "t"]

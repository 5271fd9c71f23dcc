r"""Statements of derivatives and identities as textbooks make them, right and wrong, on pages of their own."""

from __future__ import annotations

from dataclasses import dataclass

#: What pages begin with, by name.
PAGES = {
    "bare": "",
    "sigmoid": r"""$$\sigma(z) = \frac{1}{1 + e^{-z}}$$""",
    "functions": r"""$$f(x) = x^3 + 2x$$

$$\text{softplus}(z) = \log(1 + e^{z})$$

$$\text{relu}(z) = \max(0, z)$$

$$g(u) = \sin(3u)$$""",
    "neuron": r"""One neuron, one example.

$$z = w x + b$$

$$a = \frac{1}{1 + e^{-z}}$$

$$E = \frac{1}{2} (a - t)^2$$""",
    "logistic": r"""$$z_i = \sum_{j=1}^{n} x_{ij} w_j + b$$

$$p_i = \frac{1}{1 + e^{-z_i}}$$

$$L = -\frac{1}{m} \sum_{i=1}^{m} \left( y_i \log(p_i) + (1 - y_i) \log(1 - p_i) \right)$$""",
    "softmax": r"""$$p_i = \frac{e^{z_i}}{\sum_{k=1}^{n} e^{z_k}}$$

$$H = -\sum_{i=1}^{n} t_i \log(p_i)$$""",
    "squares": r"""Data X in R^{m x n}, targets y in R^{m}, weights w in R^{n}.

$$J = \frac{1}{2m} \lVert X w - y \rVert^2$$""",
    "matrices": r"""Here A in R^{m x n}, B in R^{n x k}, S in R^{n x n}, T in R^{n x n}, W in R^{n x k},
u in R^{n}, v in R^{n}, x in R^{n}, b in R^{m}.""",
    "dense": r"""A layer of a batch: X in R^{m x d}, W in R^{d x c}, c in R^{c}, Y in R^{m x c}.

$$Z = X W$$

$$L = \frac{1}{2} \lVert Z - Y \rVert_F^2$$""",
    "ridge": r"""$$r_i = \sum_{j=1}^{n} x_{ij} w_j - y_i$$

$$D = \sum_{i=1}^{m} r_i^2$$

$$J = D + \lambda \sum_{j=1}^{n} w_j^2$$""",
    "two losses": r"""$$L = \sum_{i=1}^{m} (q_i - y_i)^2$$

Later the mean is used instead, and from now on

$$L = \frac{1}{m} \sum_{i=1}^{m} (q_i - y_i)^2$$""",
    "two ways": r"""$$a = w^2$$

$$b = a w$$

$$L = a b$$""",
    "each": r"""$$s_i = \sum_{j=1}^{n} x_{ij} w_j$$

$$p_i = \frac{1}{1 + e^{-s_i}}$$

$$L_i = -y_i \log(p_i) - (1 - y_i) \log(1 - p_i)$$""",
    "open": r"""$$a_i = \phi(z_i)$$

$$E = \frac{1}{2} \sum_{i=1}^{m} (a_i - t_i)^2$$""",
    "symmetric": r"""Here S in R^{n x n}, x in R^{n}.

```gradproof
assume S[i,j] = S[j,i]
```

$$h = x^\top S x$$""",
}


THROUGH_BOTH = (
    r"\frac{\partial L}{\partial w} = \frac{\partial L}{\partial a} \frac{\partial a}{\partial w} "
    r"+ \frac{\partial L}{\partial b} \frac{\partial b}{\partial w}"
)


@dataclass(frozen=True)
class Statement:
    """A statement, and what is known of it.

    Attributes:
        page: the name of its page's beginning.
        latex: the statement.
        verdict: right, wrong or undecided.
        says: a piece of what the answer must say: a cause, a reason, or the correct line in notation.
    """

    page: str
    latex: str
    verdict: str
    says: str = ""

    def text(self) -> str:
        """Return the whole page."""
        return f"{PAGES[self.page]}\n\n$${self.latex}$$\n"


def _all(page: str, verdict: str, *cases: str | tuple[str, str]) -> tuple[Statement, ...]:
    pairs = [(c, "") if isinstance(c, str) else c for c in cases]
    return tuple(Statement(page, latex, verdict, says) for latex, says in pairs)


RIGHT = (
    *_all(
        "sigmoid",
        "right",
        r"\frac{d\sigma}{dz} = \sigma(z)(1 - \sigma(z))",
        r"\frac{\mathrm{d}\sigma}{\mathrm{d}z} = \sigma(1 - \sigma)",
        r"\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2}",
        r"\sigma' = \sigma - \sigma \cdot \sigma",
        r"d\sigma/dz = \sigma(z)(1 - \sigma(z))",
        r"\sigma(-z) = 1 - \sigma(z)",
        r"\sigma''(z) = \sigma(z)(1 - \sigma(z))(1 - 2\sigma(z))",
        r"\frac{d}{dz} \log(\sigma(z)) = 1 - \sigma(z)",
    ),
    *_all(
        "functions",
        "right",
        r"f'(x) = 3x^2 + 2",
        r"\frac{d^2 f}{dx^2} = 6x",
        r"f''(1) = 6",
        r"\text{softplus}'(z) = \frac{1}{1 + e^{-z}}",
        r"\frac{d}{dz} \text{relu}(z) = [z > 0]",
        r"\frac{d}{dz} \text{relu}(z) = [z \geq 0]",
        r"g'(u) = 3\cos(3u)",
        r"\frac{d}{dx} (f(x))^2 = 2 f(x) f'(x)",
    ),
    *_all(
        "bare",
        "right",
        r"\frac{d}{dx} x^2 = 2x",
        r"\frac{d}{dt} \tanh(t) = 1 - \tanh^2(t)",
        r"\tanh'(t) = 1 - \tanh^2(t)",
        r"\frac{\partial}{\partial x} (x^2 y + y^3) = 2 x y",
        r"\frac{\partial^2}{\partial x \partial y} (x^2 y + y^3) = 2x",
        r"\frac{d}{dx} \left( \frac{1}{x} \right) = -\frac{1}{x^2}",
    ),
    *_all(
        "neuron",
        "right",
        r"\frac{\partial E}{\partial w} = (a - t) a (1 - a) x",
        r"\frac{\partial E}{\partial w} = \frac{\partial E}{\partial a} \frac{\partial a}{\partial z} "
        r"\frac{\partial z}{\partial w}",
        r"\partial E / \partial b = (a - t) a (1 - a)",
        r"\delta = \frac{\partial E}{\partial z} = (a - t) a (1 - a)",
    ),
    *_all(
        "logistic",
        "right",
        r"\frac{\partial L}{\partial w_j} = \frac{1}{m} \sum_{i=1}^{m} (p_i - y_i) x_{ij}",
        r"\frac{\partial L}{\partial z_i} = \frac{p_i - y_i}{m}",
        r"\frac{\partial p_i}{\partial z_i} = p_i (1 - p_i)",
        r"\frac{\partial p_i}{\partial z_j} = \delta_{ij} p_i (1 - p_i)",
        r"\frac{\partial z_i}{\partial w_j} = x_{ij}",
    ),
    *_all(
        "softmax",
        "right",
        r"\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_j)",
        r"\frac{\partial p_i}{\partial z_j} = p_i (\mathbb{1}[i = j] - p_j)",
        r"\frac{\partial p}{\partial z} = \operatorname{diag}(p) - p p^\top",
        r"\frac{\partial H}{\partial z_i} = p_i \sum_k t_k - t_i",
        r"\frac{\partial H}{\partial p_i} = -\frac{t_i}{p_i}",
    ),
    *_all(
        "squares",
        "right",
        r"\nabla_w J = \frac{1}{m} X^\top (X w - y)",
        r"\nabla_{\mathbf{w}} J = \frac{1}{m} (X^\top X w - X^\top y)",
        r"\frac{\partial^2 J}{\partial w^2} = \frac{1}{m} X^\top X",
    ),
    *_all(
        "matrices",
        "right",
        r"(AB)^\top = B^\top A^\top",
        r"\nabla_W \operatorname{tr}(W^\top S W) = (S + S^\top) W",
        r"\nabla_x \lVert A x - b \rVert^2 = 2 A^\top (A x - b)",
        r"\nabla_x (x^\top S x) = (S + S^\top) x",
        r"\operatorname{tr}(S T) = \operatorname{tr}(T S)",
        r"\langle S u, v \rangle = \langle u, S^\top v \rangle",
        r"\nabla_u \langle u, S u \rangle = (S + S^\top) u",
        r"\langle S, T \rangle_F = \operatorname{tr}(S^\top T)",
        r"(u + v)^\top (u - v) = u^\top u - v^\top v",
        r"\nabla_x^2 \left( x^\top S x \right) = S + S^\top",
    ),
    *_all(
        "dense",
        "right",
        r"\frac{\partial L}{\partial W} = X^\top (Z - Y)",
        r"\frac{\partial L}{\partial W} = X^\top \frac{\partial L}{\partial Z}",
        r"\frac{\partial L}{\partial X} = \frac{\partial L}{\partial Z} W^\top",
    ),
    *_all(
        "two ways",
        "right",
        r"\frac{dL}{dw} = 5 w^4",
        r"\frac{dL}{da} = 2 a w",
        r"\frac{dL}{dw} = \frac{\partial L}{\partial a} \frac{da}{dw} + \frac{\partial L}{\partial b} \frac{db}{dw}",
    ),
    *_all(
        "each",
        "right",
        r"\frac{\partial L_k}{\partial s_k} = p_k - y_k",
        r"\frac{\partial^2 L_i}{\partial w_j \partial w_k} = p_i (1 - p_i) x_{ij} x_{ik}",
    ),
    *_all("open", "right", r"\frac{\partial E}{\partial z_i} = (a_i - t_i) \phi'(z_i)"),
    *_all("symmetric", "right", r"\nabla_x h = 2 S x"),
    *_all("ridge", "right", r"\frac{\partial J}{\partial w_j} = 2 \sum_{i=1}^{m} r_i x_{ij} + 2 \lambda w_j"),
    *_all("two losses", "right", r"\frac{\partial L}{\partial q_i} = \frac{2}{m} (q_i - y_i)"),
)

WRONG = (
    *_all(
        "sigmoid",
        "wrong",
        (r"\frac{d\sigma}{dz} = \sigma(z)(1 + \sigma(z))", "sign"),
        (r"\sigma'(z) = \sigma(z)", "the factor 1 - sigmoid(z) is missing"),
        (r"\sigma'(z) = 1.001 \sigma(z)(1 - \sigma(z))", "sigmoid(z)*(1 - sigmoid(z))"),
        (r"\sigma(-z) = -\sigma(z)", ""),
    ),
    *_all(
        "functions",
        "wrong",
        (r"f'(x) = 3x^2", "the term 2 is missing"),
        (r"\frac{d^2 f}{dx^2} = 6x^2", ""),
        (r"g'(u) = \cos(3u)", "the factor 3 is missing"),
        (r"\text{softplus}'(z) = \frac{1}{1 + e^{z}}", ""),
        (r"\frac{d}{dz} \text{relu}(z) = 1", "[z > 0]"),
    ),
    *_all(
        "bare",
        "wrong",
        (r"\frac{d}{dt} \tanh(t) = 1 - \tanh(t)", ""),
        (r"\frac{d}{dx} x^{-1} = -x^{-1}", ""),
        (r"\frac{d}{dx} \sqrt{x^2} = 1", ""),
    ),
    *_all(
        "neuron",
        "wrong",
        (r"\frac{\partial E}{\partial w} = (a - t) x", "a*x*(1 - a)*(a - t)"),
        (r"\frac{\partial E}{\partial w} = \frac{\partial E}{\partial a} \frac{\partial z}{\partial w}", ""),
        (r"\frac{\partial E}{\partial b} = (t - a) a (1 - a)", "the sign is wrong"),
    ),
    *_all(
        "logistic",
        "wrong",
        (r"\frac{\partial L}{\partial w_j} = \sum_{i=1}^{m} (p_i - y_i) x_{ij}", "the factor 1/m is missing"),
        (r"\frac{\partial L}{\partial w_j} = \frac{1}{m} \sum_{i=1}^{m} (y_i - p_i) x_{ij}", "the sign is wrong"),
        (r"\frac{\partial L}{\partial w_j} = \frac{1}{n} \sum_{i=1}^{m} (p_i - y_i) x_{ij}", ""),
        (r"\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_j)", "[i == j]*p[i]*(1 - p[i])"),
    ),
    *_all(
        "softmax",
        "wrong",
        (r"\frac{\partial p_i}{\partial z_j} = p_i (1 - p_j)", ""),
        (r"\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} + p_j)", "sign"),
        (r"\frac{\partial H}{\partial z_i} = p_i - t_i", ""),
    ),
    *_all(
        "squares",
        "wrong",
        (r"\nabla_w J = X^\top (X w - y)", "the factor 1/m is missing"),
        (r"\nabla_w J = \frac{1}{m} X^\top (X w + y)", "sign"),
    ),
    *_all(
        "matrices",
        "wrong",
        (r"\nabla_W \operatorname{tr}(W^\top S W) = 2 S W", ""),
        (r"\nabla_S \operatorname{tr}(S T) = T", "it is transposed"),
        (r"\nabla_x (u^\top x)^2 = 8 (u^\top x) u", "the factor 1/4 is missing"),
        (r"\nabla_x (x^\top S x) = 2 S x", ""),
        (r"(S T)^\top = S^\top T^\top", ""),
        (r"\langle S u, v \rangle = \langle u, S v \rangle", ""),
        (r"\nabla_x \lVert A x - b \rVert^2 = A^\top (A x - b)", "the factor 2 is missing"),
    ),
    *_all(
        "two ways", "wrong", (r"\frac{dL}{dw} = 2 w b", ""), (r"\frac{dL}{dw} = \frac{dL}{da} \frac{da}{dw} - w^4", "")
    ),
    *_all("each", "wrong", (r"\frac{\partial L_i}{\partial s_j} = p_i - y_i", "[i == j]")),
    *_all("open", "wrong", (r"\frac{\partial E}{\partial z_i} = (t_i - a_i) \phi'(z_i)", "the sign is wrong")),
    *_all("dense", "wrong", (r"\frac{\partial L}{\partial W} = 2 X^\top (Z - Y)", "the factor 1/2 is missing")),
)

UNDECIDED = (
    *_all(
        "bare",
        "undecided",
        (r"\frac{\partial L}{\partial w} = x", "no equation on this page defines L"),
        (r"x^2 + y^2 = 1", "condition"),
        (r"\phi'(s) = \phi(s) (1 - \phi(s))", "does not define the function φ"),
        (r"\psi'(s) = [s > 0]", "does not define the function ψ"),
        (r"M N = N M", "number, a vector or a matrix"),
        (r"\frac{d}{dx} \log_2(x) = \frac{1}{x}", ""),
    ),
    *_all(
        "neuron",
        "undecided",
        (r"\frac{\partial E}{\partial w} = h x", "knows h"),
        (r"\frac{\partial E}{\partial q} = a", "leads from q"),
        (r"\frac{\partial E}{\partial w} = 0", "condition"),
    ),
    *_all(
        "logistic",
        "undecided",
        (r"\frac{\partial L}{\partial w_j} = \frac{1}{m} (p_i - y_i) x_{ij}", "With the sum it is right"),
        (r"\frac{\partial L}{\partial w_i} = \sum_{i=1}^{m} (p_i - y_i) x_{ii}", ""),
    ),
    *_all(
        "matrices",
        "undecided",
        (r"\frac{\partial}{\partial x} (S x) = S", "layout"),
        (r"\frac{\partial}{\partial x} (S x) = S^\top", "layout"),
        (r"\frac{\partial}{\partial S} \operatorname{tr}(S T) = T", "layout"),
        (r"S x = x", "condition"),
    ),
    *_all(
        "two ways",
        "undecided",
        (r"\frac{\partial L}{\partial a} = b", "right for partial ones"),
        (THROUGH_BOTH, "right for partial ones"),
    ),
    *_all("open", "undecided", (r"\frac{\partial E}{\partial z_i} = a_i - t_i", "does not define the function φ")),
    *_all("ridge", "undecided", (r"\frac{\partial J}{\partial w_j} = 2 \lambda w_j", "right for partial ones")),
    *_all("two losses", "undecided", (r"\frac{\partial L}{\partial q_i} = 2 (q_i - y_i)", "right for that of line 1")),
)

ALL = (*RIGHT, *WRONG, *UNDECIDED)

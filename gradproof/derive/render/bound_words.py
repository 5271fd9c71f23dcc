"""The lines that bound the norm of a product of steps, and what follows for the gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, S

from gradproof.derive.notation.printer import format_expr
from gradproof.derive.steps import Derivation
from gradproof.derive.through_time.path import GateBound, NormBound, Path

HEADING = "How large the product is"
#: Why there is no bound.
NO_BOUND = "No bound is stated: it needs a step whose Jacobian is one weight matrix scaled by an activation's slope."
SOURCES = "Bengio, Simard and Frasconi (1994); Pascanu, Mikolov and Bengio (2013)."
GATES = "Hochreiter and Schmidhuber (1997); Gers, Schmidhuber and Cummins (2000)."

_VANISHES = (
    "The norm is the largest singular value. Where that of {weight} is below {threshold}, the gradient vanishes, "
    "at least as fast as the bound."
)
_EXPLODES = (
    "It can explode only where the norm of {weight} is above {threshold}, and does so where the bound is reached: "
    "where {reached}."
)
_GATED = (
    "Along this path the gradient cannot explode. It lasts as long as {gate} is near 1 and vanishes where {gate} is "
    "near 0: where every {gate} is 1, {state} is carried on unchanged."
)


@dataclass(frozen=True, slots=True)
class BoundLine:
    """`left sign right` by a rule, as text of the format; left is "" where it is that of the line before."""

    left: str
    sign: str
    right: str
    rule: str


@dataclass(frozen=True, slots=True)
class Signs:
    """How a format writes the pieces of a bound.

    Attributes:
        at: (name, row) -> h[t], or a subscript.
        partial: (above, below) -> the derivative.
        norm: text -> its norm.
        power: (base, exponent) -> the power.
        largest: text -> the largest size of its entries.
        relations: "=", "<=" and "<" as they are shown.
        words: the signs of a product, of dots, of a transpose, and of a diagonal matrix around a text.
    """

    at: Callable[[str, str], str]
    partial: Callable[[str, str], str]
    norm: Callable[[str], str]
    power: Callable[[str, str], str]
    largest: Callable[[str], str]
    relations: tuple[str, str, str]
    dot: str
    dots: str
    turned: Callable[[str], str]
    diagonal: Callable[[str], str]
    prime: str
    minus: str


UNICODE = Signs(
    lambda name, row: f"{name}[{row}]",
    lambda above, below: f"∂{above}/∂{below}",
    lambda text: f"‖{text}‖",
    lambda base, exponent: f"{base}^({exponent})",
    lambda text: f"max|{text}|",
    ("=", "≤", "<"),
    "·",
    "…",
    lambda text: f"{text}ᵀ",
    lambda text: f"diag({text})",
    "′",
    "−",
)
ASCII = Signs(
    lambda name, row: f"{name}[{row}]",
    lambda above, below: f"d {above}/d {below}",
    lambda text: f"||{text}||",
    lambda base, exponent: f"{base}^({exponent})",
    lambda text: f"max|{text}|",
    ("=", "<=", "<"),
    " ",
    "...",
    lambda text: f"{text}.T",
    lambda text: f"diag({text})",
    "'",
    "-",
)
LATEX = Signs(
    lambda name, row: f"{name}_{{{row}}}",
    lambda above, below: rf"\frac{{\partial {above}}}{{\partial {below}}}",
    lambda text: rf"\left\lVert {text} \right\rVert",
    lambda base, exponent: f"{base}^{{{exponent}}}",
    lambda text: rf"\max \left|{text}\right|",
    ("=", r"\le", "<"),
    r" \, ",
    r"\cdots",
    lambda text: rf"{text}^{{\top}}",
    lambda text: rf"\operatorname{{diag}}({text})",
    "'",
    "-",
)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The names of the rows of a recurrence: the last one, this one, those beside them, and the steps between."""

    time: str
    last: str
    later: str
    steps: str


@dataclass(frozen=True, slots=True)
class Pen:
    """How a format writes the signs, a tensor's name, a function's name, and a number."""

    signs: Signs
    name: Callable[[str], str]
    function: Callable[[str], str]
    number: Callable[[Expr], str]


def bound_lines(derivation: Derivation, pen: Pen) -> list[BoundLine]:
    """Return the lines of the bound in a format; none where there is no bound."""
    path = derivation.path
    if path is None or path.bound is None:
        return []
    if isinstance(path.bound, GateBound):
        return _gate_lines(path, path.bound, pen)
    return [*_product_lines(path, pen), *_step_lines(path, path.bound, pen)]


def _gate_lines(path: Path, bound: GateBound, pen: Pen) -> list[BoundLine]:
    signs = pen.signs
    gate = signs.at(pen.name(bound.gate), "s")
    product = signs.at(pen.name(path.product), _rows(path, signs).time)
    _, at_most, less = signs.relations
    return [
        BoundLine(f"0 {less} {gate}", less, "1", "a sigmoid lies between 0 and 1"),
        BoundLine(f"0 {less} {product}", at_most, "1", "a product of numbers between 0 and 1"),
    ]


def _product_lines(path: Path, pen: Pen) -> list[BoundLine]:
    """The norm of a product is at most the product of the norms."""
    signs = pen.signs
    rows, step = _rows(path, signs), pen.name(path.step)
    first, final = signs.at(step, rows.last), signs.at(step, rows.later)
    equal, at_most, _ = signs.relations
    product = signs.norm(signs.dot.join((first, signs.dots, final)))
    norms = signs.dot.join((signs.norm(first), signs.dots, signs.norm(final)))
    return [
        BoundLine(_whole(path, pen), equal, product, "chain rule"),
        BoundLine("", at_most, norms, _SUBMULTIPLICATIVE),
    ]


def _whole(path: Path, pen: Pen) -> str:
    signs, state = pen.signs, pen.name(path.recurrence.state)
    rows = _rows(path, signs)
    return signs.norm(signs.partial(signs.at(state, rows.last), signs.at(state, rows.time)))


def _step_lines(path: Path, bound: NormBound, pen: Pen) -> list[BoundLine]:
    """The norm of diag(φ') Uᵀ is at most γ times that of U; so is that of every step."""
    signs = pen.signs
    equal, at_most, _ = signs.relations
    weight, one = pen.name(bound.weight), signs.norm(signs.at(pen.name(path.step), "s"))
    matrix = signs.turned(weight) if bound.turned else weight
    slope = f"{pen.function(bound.function)}{signs.prime}" if bound.function else ""
    norm = last = signs.norm(weight)
    step = [signs.diagonal(slope), matrix] if slope else [matrix]
    lines = [BoundLine(one, equal, signs.norm(signs.dot.join(step)), "one step")]
    if slope:
        both = signs.dot.join((signs.norm(signs.diagonal(slope)), signs.norm(matrix)))
        last = f"{signs.largest(slope)}{signs.dot}{norm}"
        rule = "norm of a diagonal matrix" + (", of a transpose" if bound.turned else "")
        lines += [BoundLine("", at_most, both, _SUBMULTIPLICATIVE), BoundLine("", equal, last, rule)]
    elif bound.turned:
        lines.append(BoundLine("", equal, norm, "norm of a transpose"))
    if slope and bound.steepest is not None:
        last = norm if bound.steepest == S.One else f"{pen.number(bound.steepest)}{signs.dot}{norm}"
        rule = f"no slope of {bound.function} is larger than {format_expr(bound.steepest)}"
        lines.append(BoundLine("", at_most, last, rule))
    base = norm if last == norm else f"({last})"
    power = signs.power(base, _rows(path, signs).steps)
    return [*lines, BoundLine(_whole(path, pen), at_most, power, "all steps together")]


_SUBMULTIPLICATIVE = "submultiplicativity"


def _rows(path: Path, signs: Signs) -> _Rows:
    index = path.recurrence.equation.target.indices[path.recurrence.axis]
    size = format_expr(index.size)
    if path.recurrence.lag < 0:
        last = f"{size}{signs.minus}1"
        return _Rows(index.name, last, f"{index.name}+1", f"{last}{signs.minus}{index.name}")
    return _Rows(index.name, "0", f"{index.name}{signs.minus}1", index.name)


def bound_sentences(derivation: Derivation) -> list[str]:
    """Return what follows: where the gradient vanishes, where it may explode; or why nothing is stated."""
    path = derivation.path
    if path is None:
        return []
    if path.bound is None:
        return [NO_BOUND]
    if isinstance(path.bound, GateBound):
        gate, state = path.bound.gate, path.recurrence.state
        return [_GATED.format(gate=gate, state=state), GATES]
    bound = path.bound
    threshold = f"1/max |{bound.function}'|" if bound.steepest is None else format_expr(1 / bound.steepest)
    reached = f"{bound.weight} is a multiple of an orthogonal matrix"
    if bound.function:
        reached = f"{bound.function} is at its steepest at every step and {reached}"
    vanishes = _VANISHES.format(weight=bound.weight, threshold=threshold)
    return [vanishes, _EXPLODES.format(weight=bound.weight, threshold=threshold, reached=reached), SOURCES]

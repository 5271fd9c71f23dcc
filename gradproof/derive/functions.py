"""The table of elementwise functions: definition, partial derivatives in terms of the output, kinks.

One record holds all that the index calculus knows of a function. `definition` is a SymPy expression in `ARGS`;
a test differentiates it with SymPy and proves that each entry of `partials` equals that derivative, so the
table states results and cannot drift from the mathematics.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp
from sympy import Expr, Rational, S

from gradproof.derive.conditions import greater, greater_equal, negation, same
from gradproof.derive.nodes import Call, Iverson

ARGS = sp.symbols("a b c", real=True)
_A, _B, _C = ARGS

#: Whose choice is taken where a function has no derivative.
CONVENTIONS = MappingProxyType({"torch": "as PyTorch does", "jax": "as JAX does"})


@dataclass(frozen=True, slots=True)
class Kink:
    """Where a function has no derivative, and the value that is taken for it there.

    Attributes:
        where: the place, in the arguments `a` (`b` and `c`), as a reader sees it.
        taken: the derivative used there, in words.
        source: whose convention that is.
    """

    where: str
    taken: str
    source: str = CONVENTIONS["torch"]

    def place(self, arguments: Sequence[str]) -> str:
        """Return the place with the arguments of a call in it.

        >>> Kink("a = b", "1/2 for each").place(("b", "2*a"))
        'b = 2*a'
        """
        texts = dict(zip(("a", "b", "c"), arguments, strict=False))
        return re.sub(r"\b[abc]\b", lambda word: texts[word.group()], self.where)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a convention takes at the kink of a function: its partials there and beside it, and the words for it."""

    partials: Callable[..., tuple[Expr, ...]]
    taken: str


@dataclass(frozen=True, slots=True)
class Elementwise:
    """An elementwise function `y = f(a)` or `y = f(a, b)`.

    Attributes:
        name: its name in the notation.
        definition: the SymPy expression in `ARGS` that defines it.
        partials: (y, *arguments) -> the derivative for each argument, over nodes, in terms of the output y.
        kink: the place without a derivative, if any, with PyTorch's choice there; `partials` make it.
        domain: the condition on the arguments, in words, if not every real number is allowed.
        jax: the choice of JAX at the kink, where it is another one.
        steepest: the least bound of its derivative's size, where there is one.
        constant: whether the derivative is 0 by definition, whatever the value is.
    """

    name: str
    definition: Expr
    partials: Callable[..., tuple[Expr, ...]]
    kink: Kink | None = None
    domain: str = ""
    jax: Choice | None = None
    steepest: Expr | None = None
    constant: bool = False

    @property
    def arity(self) -> int:
        return len(self.definition.free_symbols)

    def under(self, kinks: str) -> tuple[Callable[..., tuple[Expr, ...]], Kink | None]:
        """Return the partials and the kink under the convention of that name.

        >>> FUNCTIONS["abs"].under("jax")[1]
        Kink(where='a = 0', taken='1', source='as JAX does')
        """
        if self.kink is None:
            return self.partials, None
        choice = (self.jax if kinks == "jax" else None) or Choice(self.partials, self.kink.taken)
        return choice.partials, Kink(self.kink.where, choice.taken, CONVENTIONS[kinks])


def _ties(a: Expr, b: Expr) -> Expr:
    return Iverson(greater(a, b)) + Iverson(same(a, b)) / 2


def _abs_jax(y: Expr, a: Expr) -> tuple[Expr, ...]:  # noqa: ARG001  (the signature of all partials)
    """1 for a >= 0, else -1."""
    here = greater_equal(a, S.Zero)
    return (Iverson(here) - Iverson(negation(here)),)


def _clip(y: Expr, a: Expr, low: Expr, high: Expr) -> tuple[Expr, ...]:  # noqa: ARG001
    """1 for the argument where low <= a <= high, else 1 for the limit that is taken; high wins where low > high."""
    below = Iverson(greater(low, a), greater_equal(high, low))
    return Iverson(greater_equal(a, low), greater_equal(high, a)), below, Iverson(greater(Call("max", a, low), high))


def _clip_jax(y: Expr, a: Expr, low: Expr, high: Expr) -> tuple[Expr, ...]:  # noqa: ARG001
    """clip(a, low, high) is min(max(a, low), high), and at an edge each side takes half."""
    raised = Call("max", a, low)
    through = _ties(high, raised)
    of_argument = through * _ties(a, low)
    if low.is_Rational and high.is_Rational and low < high:
        # The same, in one chain: the two edges are apart.
        inside = Iverson(greater(a, low), greater(high, a))
        of_argument = inside + Iverson(same(a, low)) / 2 + Iverson(same(a, high)) / 2
    return of_argument, through * _ties(low, a), _ties(raised, high)


_ELEMENTWISE = (
    Elementwise("exp", sp.exp(_A), lambda y, a: (y,)),
    Elementwise("log", sp.log(_A), lambda y, a: (1 / a,), domain="a > 0"),
    Elementwise("log1p", sp.log(1 + _A), lambda y, a: (1 / (1 + a),), domain="a > -1"),
    Elementwise("expm1", sp.exp(_A) - 1, lambda y, a: (1 + y,)),
    Elementwise("sin", sp.sin(_A), lambda y, a: (Call("cos", a),), steepest=S.One),
    Elementwise("cos", sp.cos(_A), lambda y, a: (-Call("sin", a),), steepest=S.One),
    Elementwise("tan", sp.tan(_A), lambda y, a: (1 + y**2,)),
    Elementwise("sinh", sp.sinh(_A), lambda y, a: (Call("cosh", a),)),
    Elementwise("cosh", sp.cosh(_A), lambda y, a: (Call("sinh", a),)),
    Elementwise("tanh", sp.tanh(_A), lambda y, a: (1 - y**2,), steepest=S.One),
    Elementwise("arctan", sp.atan(_A), lambda y, a: (1 / (1 + a**2),), steepest=S.One),
    Elementwise(
        "erf", sp.erf(_A), lambda y, a: (2 / sp.sqrt(sp.pi) * Call("exp", -(a**2)),), steepest=2 / sp.sqrt(sp.pi)
    ),
    Elementwise("sigmoid", 1 / (1 + sp.exp(-_A)), lambda y, a: (y * (1 - y),), steepest=Rational(1, 4)),
    Elementwise("softplus", sp.log(1 + sp.exp(_A)), lambda y, a: (Call("sigmoid", a),), steepest=S.One),
    Elementwise("relu", sp.Max(0, _A), lambda y, a: (Iverson(greater(a, S.Zero)),), Kink("a = 0", "0"), steepest=S.One),
    Elementwise(
        "abs",
        sp.Abs(_A),
        lambda y, a: (Call("sign", a),),
        Kink("a = 0", "0"),
        jax=Choice(_abs_jax, "1"),
        steepest=S.One,
    ),
    Elementwise("sign", sp.sign(_A), lambda y, a: (S.Zero,), Kink("a = 0", "0")),
    Elementwise("floor", sp.floor(_A), lambda y, a: (S.Zero,), Kink("a an integer", "0")),
    Elementwise("stop", _A, lambda y, a: (S.Zero,), constant=True),
    Elementwise("max", sp.Max(_A, _B), lambda y, a, b: (_ties(a, b), _ties(b, a)), Kink("a = b", "1/2 for each")),
    Elementwise("min", sp.Min(_A, _B), lambda y, a, b: (_ties(b, a), _ties(a, b)), Kink("a = b", "1/2 for each")),
    Elementwise(
        "clip",
        sp.Min(sp.Max(_A, _B), _C),
        _clip,
        Kink("a = b or a = c", "1 for the argument, 0 for the limit"),
        jax=Choice(_clip_jax, "1/2 for the argument, 1/2 for the limit"),
    ),
)

FUNCTIONS = MappingProxyType({f.name: f for f in _ELEMENTWISE})
if len(FUNCTIONS) != len(_ELEMENTWISE):
    raise AssertionError("an elementwise function is listed twice")


#: Written with a name of their own in the notation, though they are powers or brackets: sqrt(a) and where(c, a, b).
DERIVED_FORMS = ("sqrt", "where")
HALF = Rational(1, 2)


def unknown_derivative(call: Call) -> Expr:
    """Return f'(a) for an unknown function f of one argument.

    Raises:
        NotImplementedError: for an unknown function of several arguments.
    """
    if len(call.arguments) != 1:
        count = len(call.arguments)
        raise NotImplementedError(f"the derivative of the unknown function {call.name} of {count} arguments")
    return Call(f"{call.name}'", *call.arguments)

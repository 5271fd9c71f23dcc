r"""Statements of a page: what defines a name, and what claims that two things are equal."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gradproof.derive.latex.postfix import unwrap
from gradproof.derive.latex.statements import Statement
from gradproof.derive.latex.tree import Applied, Derivative, Func, Power, Sym, Tree
from gradproof.derive.latex.walk import walk


@dataclass(frozen=True, slots=True)
class Chain:
    r"""Claims of equality, `sides[0] = sides[1] = ...`.

    Attributes:
        sides: what is claimed to be equal, in order.
        statement: as it was read; all of it.
        head: the name at the left, where it is given its meaning by sides[0]: `\delta = \frac{\partial L}{\partial z}`.
        latex: the text.
        inline: whether it stands in the prose.
    """

    sides: tuple[Tree, ...]
    statement: Statement
    head: Tree | None = None
    latex: str = ""
    inline: bool = False


def has_derivative(tree: object) -> bool:
    """Does a derivative, of a quantity or of a function, stand in a tree?"""
    return any(isinstance(n, Derivative) or (isinstance(n, Sym) and n.primes) for n in walk(tree))


def is_definable(left: Tree) -> bool:
    """Can what stands at the left be given a meaning by the equation: a name, or a function of names?"""
    if isinstance(left, Sym):
        return not left.primes
    if isinstance(left, Applied):
        operator = left.head.name in ("tr", "Tr", "trace", "diag", "Diag")
        return not operator and not left.head.primes and all(isinstance(unwrap(x), Sym) for x in left.group.items)
    if isinstance(left, Power):
        return isinstance(left.base, Sym)
    return isinstance(left, Func) and all(isinstance(unwrap(x), Sym) for x in left.args)


def _is_prime_of(node: object, functions: frozenset[str]) -> bool:
    return isinstance(node, Sym) and node.primes > 0 and node.name in functions


def _names_itself(s: Statement) -> bool:
    """Does what is defined stand at the right, as in `w = w - ...`, which is no definition?"""
    head = s.left.head if isinstance(s.left, Applied) else s.left
    name = getattr(head, "name", "")
    return any(isinstance(n, Sym) and n.name == name and not n.primes for n in walk(_outside_derivatives(s.right)))


def _outside_derivatives(tree: Tree) -> object:
    r"""Return a tree without its derivatives: in `\sigma'(z) = ...` and `\frac{d f}{dx}` the name may stand."""
    if isinstance(tree, Derivative):
        return ()
    if isinstance(tree, tuple):
        return tuple(_outside_derivatives(t) for t in tree)
    if isinstance(tree, Sym) or not hasattr(tree, "__dataclass_fields__"):
        return tree
    return tuple(_outside_derivatives(getattr(tree, f)) for f in tree.__dataclass_fields__ if f != "at")


def split(s: Statement, functions: frozenset[str] = frozenset()) -> tuple[Statement | None, Chain | None]:
    """Return what a statement defines and what it claims; either may be None.

    Args:
        s: as read.
        functions: names of the page's functions: their derivatives are derived, others are unknown functions.
    """
    if s.op != "=":
        return s, None
    if not is_definable(s.left):
        return None, Chain((s.left, s.right, *s.more), s)
    if not s.more and _names_itself(s):
        return s, None
    derived = (isinstance(n, Derivative) or _is_prime_of(n, functions) for n in walk(s.right))
    if any(derived):
        return None, Chain((s.right, *s.more), s, head=s.left)
    chain = Chain((s.right, *s.more), s, head=s.left) if s.more else None
    return replace(s, more=()), chain

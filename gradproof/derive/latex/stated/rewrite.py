r"""Claims in terms of plain derivatives: what is differentiated gets a name, `\sigma'(z)` becomes a derivative."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from gradproof.derive.functions import FUNCTIONS as TABLE
from gradproof.derive.latex.chain import Definitions
from gradproof.derive.latex.knowledge import Definition, Knowledge
from gradproof.derive.latex.names import ascii_name
from gradproof.derive.latex.postfix import unwrap
from gradproof.derive.latex.ranks import base_name
from gradproof.derive.latex.stated.letters import flattened, free_letters
from gradproof.derive.latex.statements import Statement
from gradproof.derive.latex.tree import Applied, At, Derivative, Func, Indicator, Mul, Paren, Power, Relation, Sym, Tree
from gradproof.derive.latex.walk import powered_heads, walk


class Rewriting:
    r"""The claims of one chain while they are rewritten.

    Attributes:
        added: definitions of names for what is differentiated, each after what it uses.
        arguments: function -> what it is applied to where it stands bare, as in `\sigma (1 - \sigma)`.
        local: names that stand for any number, as z does in a statement about a function of z.
        notes: what a reader should know.
        two_axes: whether the page has a quantity delta with two indices, so that it is not Kronecker's.
    """

    def __init__(self, know: Knowledge, places: Definitions, text: str, *, two_axes: bool = False) -> None:
        self.two_axes = two_axes
        self.know, self.places, self.text = know, places, text
        self.added: list[Statement] = []
        self.arguments: dict[str, tuple[Tree, ...]] = {}
        self.local: set[str] = set()
        self.notes: list[str] = []

    def learn(self, tree: object) -> None:
        """Take note of what functions are applied to in the derivatives of a tree."""
        for node in walk(tree):
            if isinstance(node, Derivative | Applied):
                found = self._application(node)
                if found is not None:
                    self.arguments.setdefault(self._name(found[0]), found[1])

    def about(self, tree: Tree) -> None:
        """Take note that a chain begins with a tree: a derivative of a function is one for any number."""
        found = self._application(tree) if isinstance(tree, Derivative | Applied) else None
        if found is not None:
            self._any_number(found[1])

    def _application(self, node: Derivative | Applied) -> tuple[Sym, tuple[Tree, ...]] | None:
        """Return the function that a derivative is one of, and what it is applied to."""
        if isinstance(node, Applied):
            return (node.head, node.group.items) if node.head.primes else None
        of, by = flattened(node)
        of = unwrap(of)
        known = self._function(of)
        if isinstance(of, Sym) and known is not None:
            return of, self._arguments_of(known, by)
        if isinstance(of, Applied) and self._function(of.head) is not None:
            return of.head, of.group.items
        return None

    def learn_head(self, head: Tree) -> None:
        r"""Take note of the arguments of a function that a chain begins with, `\sigma(z) = ... = ...`."""
        if isinstance(head, Func):
            self.local |= {self._name(x) for x in map(unwrap, head.args) if isinstance(x, Sym) and not x.subs}
        elif isinstance(head, Applied) and self._function(head.head) is not None:
            self.arguments.setdefault(self._name(head.head), head.group.items)
            self._any_number(head.group.items)

    def _any_number(self, arguments: tuple[Tree, ...]) -> None:
        for x in map(unwrap, arguments):
            if isinstance(x, Sym) and not x.subs and not x.bold:
                self.local.add(self._name(x))

    def _arguments_of(self, known: Definition, by: tuple[Tree, ...]) -> tuple[Tree, ...]:
        return (by[0],) if len(known.params) == 1 else known.params

    def _name(self, symbol: Sym) -> str:
        return self.know.name(base_name(self.know, symbol))

    def _function(self, tree: Tree) -> Definition | None:
        """Return the page's function that a bare symbol means, None for a quantity."""
        if not isinstance(tree, Sym) or tree.subs:
            return None
        known = self.know.functions.get(self._name(tree))
        own = known is not None and (known.builtin or known.head.name in self.know.applied)
        return known if own else None

    def _is_function(self, head: Sym) -> bool:
        return not head.subs and (self._name(head) in self.know.functions or head.name in TABLE)

    # ------------------------------------------------------------ trees

    def tree(self, tree: Tree) -> Tree:
        """Return a tree in which every derivative is one of a name for a name."""
        skipped = powered_heads(tree, self.text)
        return self._tree(tree, skipped)

    def _tree(self, tree: Tree, skipped: set[int]) -> Tree:
        if isinstance(tree, Derivative):
            return self._derivative(tree, skipped)
        if isinstance(tree, Applied):
            return self._call(tree, skipped)
        if isinstance(tree, Sym):
            return tree if id(tree) in skipped else self._kronecker(tree) or self._symbol(tree, skipped)
        changes: dict[str, Any] = {
            f.name: self._part(getattr(tree, f.name), skipped) for f in fields(tree) if f.name not in ("at", "lower")
        }
        return replace(tree, **changes)

    def _part(self, part: Any, skipped: set[int]) -> Any:
        if isinstance(part, tuple):
            return tuple(self._part(p, skipped) for p in part)
        return self._tree(part, skipped) if hasattr(part, "__dataclass_fields__") else part

    def _kronecker(self, symbol: Sym) -> Tree | None:
        r"""Return `\delta_{ij}` as the bracket [i = j], unless the page has such a quantity."""
        if symbol.name != "δ" or len(symbol.subs) != 2 or symbol.bold or symbol.paren or symbol.primes:
            return None
        return None if self.two_axes else Indicator((Relation(symbol.subs, ("==",), symbol.at),), symbol.at)

    def _symbol(self, symbol: Sym, skipped: set[int]) -> Tree:
        r"""Put a bare function at its argument: \sigma is \sigma(z) where the derivative is one for z."""
        known = self._function(replace(symbol, primes=0))
        if symbol.primes and not symbol.subs and self._is_function(symbol):
            definition = self.know.functions.get(self._name(symbol))
            given = self.arguments.get(self._name(symbol)) or (definition.params if definition else ())
            if given:
                return self._primed(Applied(symbol, Paren(given, symbol.at), None, (), symbol.at), skipped)
        if known is None or symbol.primes:
            return symbol
        given = self.arguments.get(self._name(symbol), known.params)
        return Applied(symbol, Paren(given, symbol.at), None, (), symbol.at)

    def _call(self, tree: Applied, skipped: set[int]) -> Tree:
        if tree.head.primes and self._is_function(tree.head):
            return self._primed(tree, skipped)
        if self._function(tree.head) is not None and self._stands_bare(tree):
            self.notes.append(f"{tree.head.name}(...) is read as the product, for {tree.head.name} stands inside it")
            factor: Tree = tree.group
            both = (("", self._symbol(tree.head, skipped)), ("", self._tree(factor, skipped)))
            return Mul(both, tree.at)
        group, power = self._part(tree.group, skipped), self._part(tree.power, skipped)
        return replace(tree, group=group, power=power)

    def _stands_bare(self, tree: Applied) -> bool:
        """Does the function itself stand, without an argument, in what it is applied to?"""
        if tree.power is not None or len(tree.group.items) != 1:
            return False
        heads = {id(n.head) for n in walk(tree.group) if isinstance(n, Applied)}
        same = (n for n in walk(tree.group) if isinstance(n, Sym) and n.name == tree.head.name and not n.subs)
        return any(id(n) not in heads for n in same)

    # ------------------------------------------------------------ derivatives

    def _primed(self, tree: Applied, skipped: set[int]) -> Tree:
        """Return f'(u) as the derivative of a name for f(u), for u or a name for it."""
        if len(tree.group.items) != 1:
            return tree
        argument = unwrap(self._part(tree.group.items[0], skipped))
        if not (isinstance(argument, Sym) and not argument.bold):
            argument = self._named(argument, "argument", tree.at)
        head = replace(tree.head, primes=0)
        known = self.know.functions.get(self._name(head))
        # the derivative of a function of numbers works on every entry of an array, as the function does
        sign = "d" if known is not None and known.subs else "prime"
        call: Tree = Applied(head, Paren((argument,), tree.at), None, (), tree.at)
        if self._name(head) not in self.know.functions:
            call = Func(head.name, (argument,), tree.at)
        of: Tree = self._named(call, "value", tree.at)
        for _ in range(tree.head.primes):
            of = Derivative(of, argument, tree.at, sign)
        return of if tree.power is None else Mul((("", Power(of, tree.power, tree.at)),), tree.at)

    def _derivative(self, tree: Derivative, skipped: set[int]) -> Tree:
        of, by = flattened(tree)
        of = unwrap(of)
        known = self._function(of)
        if isinstance(of, Sym) and known is not None:
            of = self._named(
                Applied(of, Paren(self._arguments_of(known, by), of.at), None, (), of.at), "value", tree.at
            )
        elif isinstance(of, Applied) and not of.head.primes and self._is_quantity(of):
            of = of.head
        elif not isinstance(of, Sym) or of.primes:
            of = self._named(self._tree(of, skipped), "value", tree.at)
        for variable in by:
            of = Derivative(of, variable, tree.at, tree.sign)
        return of

    def _is_quantity(self, tree: Applied) -> bool:
        """Is `L(w)` the page's quantity L, written with what it depends on?"""
        name = self._name(tree.head)
        items = [unwrap(x) for x in tree.group.items]
        plain = all(isinstance(x, Sym) and not x.subs for x in items)
        known = self.know.functions.get(name)
        if known is None:
            return plain and name in self.places
        same = [p.name for p in known.params] == [getattr(x, "name", "") for x in items]
        return plain and same and self._function(tree.head) is None

    def _named(self, value: Tree, wish: str, at: At) -> Sym:
        """Return a name for a value, over its free indices."""
        if isinstance(value, Sym):
            return value
        names = [s.left.name for s in self.added if isinstance(s.left, Sym)]
        fresh = next(n for n in [wish, *(f"{wish}{k}" for k in range(2, 1000))] if not self._is_taken(n, names))
        symbol = Sym(fresh, False, free_letters(self.know, value), "", 0, at)
        self.added.append(Statement("=", symbol, value, value.at))
        return symbol

    def _is_taken(self, name: str, names: list[str]) -> bool:
        return name in names or name in {ascii_name(n) for n in (*self.places, *self.know.shapes, *self.know.variables)}


__all__ = ["Rewriting"]

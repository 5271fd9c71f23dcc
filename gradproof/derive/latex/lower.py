"""LaTeX tree -> syntax tree: matrix notation becomes indices, sizes are inferred, functions are told from products."""

from __future__ import annotations

from collections.abc import Mapping

from gradproof.derive import syntax
from gradproof.derive.latex import algebra, apply, brackets, reduce
from gradproof.derive.latex.complaints import check_counting, check_numbered, check_one_word, rank_error
from gradproof.derive.latex.constants import constant
from gradproof.derive.latex.counts import Counts
from gradproof.derive.latex.doubtful import check_customary
from gradproof.derive.latex.gradient import Leads, derivative
from gradproof.derive.latex.knowledge import Knowledge
from gradproof.derive.latex.letters import first_free
from gradproof.derive.latex.ones import is_ones, ones
from gradproof.derive.latex.ranks import Claim, axes_text, base_name, is_upper, slot_count
from gradproof.derive.latex.sizes import Sizes
from gradproof.derive.latex.slots import Ix, index_as_number, slot
from gradproof.derive.latex.source import Source
from gradproof.derive.latex.stated import values as stated
from gradproof.derive.latex.stated.values import Stating
from gradproof.derive.latex.tree import (
    Add,
    Applied,
    At,
    Big,
    Cases,
    Derivative,
    Frac,
    Func,
    Indicator,
    Inner,
    Member,
    Mul,
    Norm,
    Num,
    Paren,
    Power,
    Relation,
    Sym,
    Transpose,
    Tree,
)
from gradproof.derive.latex.values import Indices, Value, number
from gradproof.errors import InputError, NotYet, Span


class Lowering:
    """The state while the equations of one system are lowered: sizes, ranks, inputs in order of appearance.

    Attributes:
        scope: index letters in force.
        parameters: inside a function's body, its parameters' values.
        stated: the numbers that index letters count from, where the equation's range says so.
        counted: (tensor, axis) -> the number that its index counts from, and where.
        leads: the gradients that are derived; others come in.
        stating: what a claim collects; None for the page's equations.
    """

    def __init__(
        self,
        source: Source,
        know: Knowledge,
        ranks: Mapping[str, Claim],
        taken: frozenset[str],
        leads: Leads = frozenset(),
    ) -> None:
        self.source, self.know, self.ranks, self.taken, self.leads = source, know, ranks, taken | know.sizes, leads
        self.sizes = Sizes()
        self.counts = Counts()
        self.axes: dict[str, tuple[int, ...]] = {}
        self.counted: dict[tuple[str, int], tuple[int, At]] = {}
        self.inputs: dict[str, At] = {}
        self.computed: dict[str, Claim] = {}
        self.whole: set[str] = set()
        self.functions: dict[str, Span] = {}
        self.size_uses: dict[str, Span] = {}
        self.notes: list[str] = []
        self.scope: dict[str, Ix] = {}
        self.parameters: dict[str, Value] = {}
        self.bare: set[str] = set()
        self.fresh: set[str] = set()
        self.used: set[str] = set()
        self.inlining: tuple[str, ...] = ()
        self.updating = False
        self.stating: Stating | None = None
        self.stated: dict[str, int] = {}
        self.inlined = 0

    # ------------------------------------------------------------ small helpers

    def span(self, at: At) -> Span:
        return self.source.span(*at)

    def error(self, message: str, at: At, *, expected: str = "", hint: str = "") -> InputError:
        return InputError(message, where=self.span(at), expected=expected, hint=hint)

    def not_yet(self, message: str, at: At, *, hint: str = "") -> NotYet:
        return NotYet(message, where=self.span(at), hint=hint)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def is_size(self, name: str) -> bool:
        return self.know.name(name) in self.know.sizes and self.know.name(name) not in self.know.shapes

    def is_variable(self, name: str) -> bool:
        """Does the name stand for a value somewhere on the page, so that it is no function?"""
        known = name in self.know.variables or name in self.know.shapes
        return known or name in self.parameters or self.is_size(name)

    def letter(self, wanted: str) -> str:
        """Return a free index letter: the wanted one if no tensor, size or index in force has it."""
        return first_free(wanted, {ix.name for ix in self.scope.values()} | self.taken | self.fresh)

    def fresh_letter(self, wanted: str) -> str:
        """Return a letter for an index that the page does not write; it is used once in an equation."""
        live = {ix.name for ix in self.scope.values()} | self.taken | self.fresh | self.used
        found = first_free(wanted, live)
        self.fresh.add(found)
        return found

    # ------------------------------------------------------------ expressions

    def value(self, tree: Tree) -> Value:  # noqa: C901, PLR0912  (one line for each kind of tree)
        """Return the value of a tree."""
        match tree:
            case Num():
                return number(syntax.Number(tree.text, self.span(tree.at)))
            case Sym():
                return self.symbol(tree)
            case Paren():
                return self._paren(tree)
            case Add():
                return algebra.add(self, tree)
            case Mul():
                return algebra.multiply(self, tree)
            case Frac():
                return algebra.fraction(self, tree)
            case Power():
                return algebra.power(self, tree)
            case Transpose():
                return algebra.transpose(self, tree)
            case Applied():
                return apply.applied(self, tree)
            case Func():
                return apply.function(self, tree)
            case Big():
                return reduce.big(self, tree)
            case Norm():
                return reduce.norm(self, tree)
            case Inner():
                return reduce.inner(self, tree)
            case Indicator():
                return brackets.indicator(self, tree)
            case Cases():
                return brackets.cases(self, tree)
            case Derivative():
                return derivative(self, tree)
            case Relation() | Member():
                raise self.error("a comparison is no number", tree.at, expected="an indicator in brackets, [z > 0]")
        raise TypeError(tree)

    def scalar(self, tree: Tree, what: str) -> syntax.Node:
        """Return the node of a tree that must be a number."""
        value = self.value(tree)
        if value.rank:
            raise self.error(f"{what} has {axes_text(value.rank)}", tree.at, expected="a number")
        return value.at(())

    def _paren(self, tree: Paren) -> Value:
        if len(tree.items) != 1:
            raise self.error("a list in parentheses is no value", tree.at, expected="one expression")
        return self.value(tree.items[0])

    # ------------------------------------------------------------ symbols

    def symbol(self, tree: Sym, *, whole: bool = False) -> Value:
        """Return the value of a symbol: an index as a number, a parameter, a size, a constant, or a tensor.

        Args:
            tree: the symbol.
            whole: a bare letter may stand for the whole array here (inside a norm, a transpose, an update).
        """
        if tree.primes:
            raise self.not_yet(f"{tree.name} with a prime is not read", tree.at, hint="give it a name of its own")
        if is_ones(tree):
            return ones(self, tree)
        if tree.name in self.parameters and not tree.paren:
            return self._entries(tree, self.parameters[tree.name])
        if self.stating is not None and (sign := stated.sign(self, tree)) is not None:
            return sign
        bare = slot_count(self.know, tree) == 0
        if bare and tree.name in self.scope:
            return number(index_as_number(self, tree))
        name = self.know.name(base_name(self.know, tree))
        if bare and self.is_size(name) and not tree.bold:
            return self._size(tree, name)
        known = constant(name, self.span(tree.at)) if bare and not self.is_tensor(name) else None
        if known is not None:
            return number(known)
        return self._tensor(tree, name, whole)

    def is_tensor(self, name: str) -> bool:
        return name in self.know.shapes or name in self.ranks or name in self.know.defined

    def _size(self, tree: Sym, name: str) -> Value:
        if name in self.ranks or name in self.know.defined:
            raise self.error(
                f"{name} is the size of an axis and a tensor", tree.at, expected="different names for the two"
            )
        self.size_uses.setdefault(name, self.span(tree.at))
        return number(syntax.Name(name, self.span(tree.at)))

    def _tensor(self, tree: Sym, name: str, whole: bool) -> Value:
        check_numbered(self, tree, name)
        check_one_word(self, tree, name)
        check_customary(self, tree, name)
        rank = self.rank(name, tree)
        remaining = rank - slot_count(self.know, tree)
        if remaining < 0:
            raise rank_error(self, name, tree, rank)
        if remaining and not (
            whole
            or self.stating is not None
            or tree.bold
            or name in self.know.shapes
            or name in self.whole
            or (name in self.ranks and self.ranks[name].whole)
        ):
            raise rank_error(self, name, tree, rank)
        if name not in self.computed:
            self.inputs.setdefault(name, tree.at)
        axes = self.axes_of(name, rank)
        letters = tuple(self.know.letters.get((tree.name, j), "") for j in range(rank))
        array = Value(axes, letters, lambda indices: self.item(name, indices, tree.at))
        return self._entries(tree, array, name)

    def rank(self, name: str, tree: Sym) -> int:
        """Return the number of axes of a tensor: as declared, as computed, or as written elsewhere."""
        if name in self.know.shapes:
            return len(self.know.shapes[name].sizes)
        if name in self.computed:
            return self.computed[name].rank
        if name in self.ranks:
            return self.ranks[name].rank
        if tree.bold or (is_upper(name) and name not in self.know.defined):
            raise self.error(
                f"is {name} a number, a vector or a matrix? the page does not say",
                tree.at,
                expected=f"a declaration, such as: where {name} in R^{{m x n}}",
                hint=f"add to the notes: where {name} in R^{{m x n}} (a matrix), in R^n (a vector) or in R (a number)",
            )
        return 0

    def axes_of(self, name: str, rank: int) -> tuple[int, ...]:
        """Return the size variables of a tensor's axes."""
        if name not in self.axes:
            self.axes[name] = tuple(self.sizes.new() for _ in range(rank))
            shape = self.know.shapes.get(name)
            if shape is not None:
                for v, node in zip(self.axes[name], shape.sizes, strict=True):
                    self.sizes.bind(v, node, shape.declared.span, f"an axis of {name}")
        return self.axes[name]

    def item(self, name: str, indices: Indices, at: At) -> syntax.Node:
        """Return `name[indices]`; an index that stands alone is remembered, for its range is then known."""
        self.bare.update(i.name for i in indices if isinstance(i, syntax.Name))
        return syntax.Item(name, indices, self.span(at)) if indices else syntax.Name(name, self.span(at))

    def _entries(self, tree: Sym, array: Value, name: str = "") -> Value:
        """Put a symbol's own subscripts into the first axes of an array (of the tensor `name`, if it is one)."""
        slots: list[syntax.Node] = []
        above = [Sym(tree.paren, False, (), "", 0, tree.at)] if tree.paren and tree.paren in self.know.binders else []
        subs = (*above, *tree.subs)
        if len(subs) > array.rank:
            raise self.error(
                f"{tree.name} has {axes_text(array.rank)}, but {len(subs)} indices",
                tree.at,
                expected="one index for each axis",
            )
        for axis, sub in enumerate(subs):
            node, ix = slot(self, sub)
            if name:
                check_counting(self, name, axis, sub)
            if ix is not None:
                self.sizes.join(ix.size, array.axes[axis], self.span(sub.at), f"axis {axis + 1} of {tree.name}")
            slots.append(node)
        if not slots:
            return array
        fixed, rest = tuple(slots), array.axes[len(slots) :]
        if not rest:
            return number(array.at(fixed))
        return Value(rest, array.letters[len(slots) :], lambda indices: array.at((*fixed, *indices)))

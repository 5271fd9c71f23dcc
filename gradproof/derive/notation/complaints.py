"""The errors about names and ranges: what was expected, what came, and the line to add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from gradproof.derive import syntax
from gradproof.derive.notation.declared import Declarations
from gradproof.derive.syntax import Apply, Define, Item, Name, Reduction
from gradproof.errors import InputError


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return "did you mean x?" for a near name, else ""."""
    known = sorted(set(known))
    near = [k for k in known if sorted(k) == sorted(name)] or get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""


def _hints(*hints: str) -> str:
    """Return the hints that there are, as one text: a question first, then what else can be done."""
    return " ".join(h if h.endswith("?") else f"{h};" for h in hints if h).removesuffix(";")


def undefined_name(node: Name, declared: Declarations, scope: Mapping[str, str]) -> InputError:
    """A bare name that is no index here, no tensor and no size."""
    near = did_you_mean(node.name, [*declared.known(), *scope])
    if node.name in declared.functions:
        return InputError(f"{node.name} is a function", where=node.span, expected=f"its argument: {node.name}(...)")
    left = ", ".join(scope) if scope else "none"
    return InputError(
        f"{node.name} is not declared, and no index of that name is bound here",
        where=node.span,
        expected=f"an index (here: {left}), a tensor or a size",
        hint=_hints(near, f"declare it: given {node.name}", f"or bind it: sum[{node.name}] ..."),
    )


def undefined_tensor(node: Item, declared: Declarations, scope: Mapping[str, str]) -> InputError:
    """`T[i,j]` where nothing declares or computes T."""
    if node.name in declared.sizes or node.name in scope:
        kind = "a size" if node.name in declared.sizes else "an index"
        return InputError(f"{node.name} is {kind}, not a tensor", where=node.span, expected="a tensor before [")
    axes = f"[{', '.join(_axis(i) for i in node.indices)}]" if node.indices else ""
    return InputError(
        f"{node.name} is not declared",
        where=node.span,
        expected="a tensor that is given, a parameter, or computed by an equation",
        hint=_hints(did_you_mean(node.name, declared.known()), f"declare it: given {node.name}{axes}"),
    )


def _axis(index: syntax.Node) -> str:
    """A size to propose for an axis: the index's capital letter."""
    return index.name.upper() if isinstance(index, Name) and index.name.upper() != index.name else "n"


def undefined_function(node: Apply, declared: Declarations, known: Iterable[str]) -> InputError:
    """`f(x)` where f is neither elementwise nor declared as unknown."""
    if declared.is_tensor(node.name) or node.name in declared.sizes:
        return InputError(
            f"{node.name} is {'a tensor' if declared.is_tensor(node.name) else 'a size'}, not a function",
            where=node.span,
            expected=f"{node.name}*(...) for a product, {node.name}[...] for an element",
        )
    base = node.name.rstrip("'")
    return InputError(
        f"{node.name} is not a known function",
        where=node.span,
        expected="one of " + ", ".join(sorted(known)),
        hint=_hints(did_you_mean(base, [*known, *declared.functions]), f"or declare it: given function {base}"),
    )


def wrong_arity(node: Apply, wanted: int) -> InputError:
    """A known function with too few or too many arguments."""
    return InputError(
        f"{node.name} is given {len(node.arguments)} argument{'s' * (len(node.arguments) != 1)}",
        where=node.span,
        expected=f"{wanted}",
    )


def wrong_rank(node: Item, declared: Declarations) -> InputError:
    """A tensor with too few or too many indices; both places are shown."""
    wanted, place = declared.rank(node.name), declared.place(node.name)
    axes = "no index: it is a scalar" if wanted == 0 else f"{wanted} ind{'ices' if wanted > 1 else 'ex'}"
    return InputError(
        f"{node.name} has {wanted} ax{'es' if wanted != 1 else 'is'} (line {place.line}), but {len(node.indices)} "
        f"ind{'ices' if len(node.indices) != 1 else 'ex'} stand{'s' * (len(node.indices) == 1)} here",
        where=node.span,
        expected=axes,
    )


def repeated_index(node: Name, statement: Define) -> InputError:
    """`y[i,i] = ...`."""
    return InputError(
        f"the index {node.name} stands twice at the left",
        where=node.span,
        expected="a different index for each axis",
        hint=f"for a diagonal write {statement.target.name}[i,j] = [i == j]*...",
    )


def bound_twice(node: Name) -> InputError:
    """An index bound inside the reach of another one of the same name."""
    return InputError(
        f"the index {node.name} is already bound here", where=node.span, expected="another letter for one of the two"
    )


def index_named_like(node: Name, declared: Declarations) -> InputError:
    """An index that has the name of a tensor or size."""
    kind = "tensor" if declared.is_tensor(node.name) else "size"
    return InputError(
        f"the index {node.name} has the name of a {kind}", where=node.span, expected="another letter for the index"
    )


def which_binds(new: list[Name], node: Reduction) -> InputError:
    """`sum[j<=i]` where neither is known."""
    names = " and ".join(n.name for n in new)
    return InputError(
        f"both {names} are new here: which of them does {node.op}[...] bind?",
        where=new[-1].span,
        expected=f"the bound indices first, as in {node.op}[{', '.join(n.name for n in new)}, ...]",
        hint=f"if {new[-1].name} is a size, declare it: given size {new[-1].name}",
    )

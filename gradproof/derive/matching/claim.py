"""A claim about a system, `left = right` for all its free indices: both sides as tensors of one system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Expr

from gradproof.derive import syntax
from gradproof.derive.derivation import derive
from gradproof.derive.index import Index
from gradproof.derive.matching.merge import Merged, Pair
from gradproof.derive.model import Assumption, Equation, Role, System, Tensor
from gradproof.derive.nodes import Element, free_indices
from gradproof.derive.notation import format_system, parse_syntax, parse_system
from gradproof.derive.notation.declared import walk
from gradproof.derive.request import names as listed
from gradproof.errors import InputError

#: No text can hold these names.
LEFT, RIGHT = "left side", "right side"


def claimed(system: System, text: str, of: str | Sequence[str] | None = None, without: Sequence[str] = ()) -> Merged:
    """Return the claim as two systems that are to be the same; where it reads `d_x`, that gradient is derived.

    Args:
        system: what the claim is about.
        text: `left = right` in the notation, over the system's tensors and their gradients `d_x`.
        of: the outputs whose gradients are derived (default: the system's outputs).
        without: assumptions that the derivation must not use.

    Raises:
        InputError: the text is no claim, or speaks of what the system does not have.
    """
    plain = replace(system, equations=system.definitions)
    read = _names(text)
    wrt = [t.name for t in plain.tensors if f"d_{t.name}" in read and f"d_{t.name}" not in plain.by_name]
    joint = plain
    assumed: tuple[str, ...] = ()
    if wrt:
        outputs = listed(of, "of") or plain.outputs
        derivation = derive(plain, outputs, [w for w in wrt if w not in outputs] or None, without=without)
        joint, assumed = derivation.joint, derivation.assumptions_used
    stated = parse_system(f"{format_system(joint)}\nassume {text}", "<claim>", adjoints=True).assumptions[-1]
    return _sides(joint, stated, assumed)


def _names(text: str) -> set[str]:
    """Return the names that a claim reads.

    Raises:
        InputError: it is not of the form `left = right`.
    """
    statements = parse_syntax(f"assume {text}", "<claim>").statements
    if len(statements) != 1:
        raise InputError(f"{text!r} is not one claim", expected="left = right, as in sum[d] v[d]*d_v[d] = 0")
    return {n.name for n in walk(statements) if isinstance(n, syntax.Item | syntax.Name)}


def _sides(system: System, stated: Assumption, assumed: tuple[str, ...]) -> Merged:
    own = [i for i in stated.left.indices if isinstance(i, Index)] if isinstance(stated.left, Element) else []
    indices = tuple(dict.fromkeys((*own, *_in_order(stated.left), *_in_order(stated.right))))
    number = max((e.number for e in system.equations), default=0) + 1
    first = _tensor_at_the_left(stated, indices, system)
    left = Equation(number, Element(LEFT, *indices), stated.left)
    right = Equation(number + 1, Element(RIGHT, *indices), stated.right)
    added = (right,) if first else (left, right)
    tensors = [Tensor(e.name, tuple(i.size for i in indices), Role.OUTPUT) for e in added]
    whole = replace(system, tensors=(*system.tensors, *tensors), equations=(*system.definitions, *added))
    pair = Pair("the claim", first or LEFT, RIGHT)
    return Merged(whole, (pair,), (pair,), {RIGHT: (right,)}, assumed=assumed)


def _in_order(e: Expr) -> list[Index]:
    return sorted(free_indices(e), key=lambda i: i.name)


def _tensor_at_the_left(stated: Assumption, indices: tuple[Index, ...], system: System) -> str:
    """Return the tensor that the claim gives in closed form, if its left side is just that; "" else."""
    left = stated.left
    if not isinstance(left, Element) or not system.equations_of(left.name):
        return ""
    over_all = tuple(i.size for i in left.indices if isinstance(i, Index)) == system[left.name].shape
    return left.name if over_all and left.indices == indices else ""

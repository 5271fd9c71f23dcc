"""The Gauss-Newton matrix times a direction: G v = Jᵀ H J v, by three passes that are there already.

J is the Jacobian of an output z for the parameters, H the Hessian of the loss for z: forward to J v, the Hessian of the
loss along it, and the result back through z.

Source: Schraudolph (2002), "Fast curvature matrix-vector products for second-order gradient descent".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from gradproof.derive.derivation import pullback
from gradproof.derive.forward import jvp
from gradproof.derive.mapping import renamed_elements
from gradproof.derive.model import Equation, Kind, Role, System, Tensor
from gradproof.derive.nodes import Element, names_in
from gradproof.derive.preactivations import named
from gradproof.derive.request import Request, names, understand
from gradproof.derive.second import hvp
from gradproof.derive.steps import Block, Derivation, Mode, Step
from gradproof.errors import InputError

#: The first letter of what is pulled back.
PULLED = "u"
Rename = Callable[[Equation], Equation]


def gauss_newton(
    system: System,
    through: str,
    of: str | Sequence[str] | None = None,
    wrt: str | Sequence[str] | None = None,
    *,
    without: str | Collection[str] = (),
    kinks: str = "torch",
) -> Derivation:
    r"""Return the Gauss-Newton matrix of `of` times a direction of `wrt`: for each of `wrt` the equation of `u_x`.

    G = Jᵀ H J with J the Jacobian of `through` with respect to `wrt`, and H the Hessian of `of` with respect to
    `through`. It is the Hessian where `through` is linear in `wrt`, and positive semidefinite where `of` is convex in
    `through`. The direction comes in as `v_x` for each x in `wrt`.

    Args:
        system: the equations.
        through: the computed tensor between: the output of a network, which the loss reads.
        of: the loss, a scalar; default: the system's only output.
        wrt: tensors that come in; default: the parameters.
        without: names of assumptions (or one) not to use ("all" for none of them).
        kinks: whose convention to take where there is no derivative, "torch" or "jax".

    Raises:
        InputError: for unknown names, and where `of` depends on `wrt` in other ways than through `through`.
        NotYet: for a computed tensor in `wrt`, and for what the rules do not cover.

    Example:
        >>> import gradproof as gp
        >>> net = gp.system("given x[D], r\nparam w[D]\nz = sum[d] x[d]*w[d]\nL = (z - r)**2")
        >>> str(gp.gauss_newton(net, "z").gradients["w"])
        'u_w[d] = d2_z*x[d]'
    """
    kept = names(without, "without")
    asked = understand(system, of, wrt)
    full, arguments = named(system, asked.path)
    loss = _loss(full, asked, through)
    forward = jvp(full, through, asked.wrt, without=kept, kinks=kinks)
    outer = _numbered_behind(full, hvp(loss, asked.of, through, without=kept, kinks=kinks))
    back = pullback(full, through, asked.wrt, without=kept, kinks=kinks)
    return _Joined(
        replace(system, equations=system.definitions), asked, through, arguments, (forward, outer, back)
    ).derivation()


def _loss(system: System, asked: Request, through: str) -> System:
    """Return the system in which `through` comes in.

    Raises:
        InputError: the loss is no scalar, `through` is not computed, or does not lie on every way to the loss.
    """
    if len(asked.of) != 1 or system[asked.of[0]].shape:
        raise InputError(f"the loss is {', '.join(asked.of)}", expected="one scalar output: of='L'")
    (of,) = asked.of
    between = [n for n in asked.path if n not in (of, *asked.wrt)]
    if through not in between:
        raise InputError(
            f"{through} does not lie between {', '.join(asked.wrt)} and {of}", expected=f"one of {', '.join(between)}"
        )
    equations = tuple(_needed([e for e in system.definitions if e.name != through], {of}))
    gone = {e.name for e in system.definitions} - {e.name for e in equations} - {through}
    tensors = tuple(t for t in system.tensors if t.name not in gone)
    tensors = tuple(replace(t, role=Role.GIVEN) if t.name == through else t for t in tensors)
    stated = tuple(a for a in system.assumptions if gone.isdisjoint(names_in(a.left) | names_in(a.right)))
    loss = replace(system, tensors=tensors, equations=equations, assumptions=stated)
    around = understand(loss, of, asked.wrt).path
    if len(around) > 0:
        known = ", ".join(n for n in asked.wrt if n in around) or ", ".join(asked.wrt)
        raise InputError(
            f"{of} depends on {known} besides through {through}",
            expected=f"a loss of {through} alone",
            hint="leave out a penalty: its own Hessian is added to that of the rest",
        )
    return loss


class _Joined:
    """The three passes as one derivation: (J v), (H J v), (Jᵀ H J v)."""

    def __init__(
        self,
        system: System,
        asked: Request,
        through: str,
        arguments: tuple[Equation, ...],
        parts: tuple[Derivation, Derivation, Derivation],
    ) -> None:
        self.system, self.asked, self.through, self.arguments = system, asked, through, arguments
        forward, outer, back = parts
        self.tangent = forward.gradients[through].name
        self.forward = forward
        self.outer = _renamed(outer, {outer.directions[through]: self.tangent})
        self.back = _renamed(back, self._pulled(back, outer))

    def _pulled(self, back: Derivation, outer: Derivation) -> dict[str, str]:
        """Return other names for the adjoints: the cotangent of `through` is the Hessian's result."""
        taken = {t.name for d in (self.forward, outer, back) for s in (d.system, d.backward) for t in s.tensors}
        own = [b.name for b in back.blocks] + [e.name for e in back.gradients.values()]
        seeds = [t.name for t in back.backward.inputs if t.name not in back.system.by_name]
        found = dict.fromkeys(seeds, outer.gradients[self.through].name)
        for name in dict.fromkeys(own):
            if name not in found:
                first, _, stem = name.partition("_")
                start = PULLED + first[1:] + ("t" if first.startswith("t") else "")
                found[name] = next(n for k in ("", *range(2, 100)) if (n := f"{start}{k}_{stem}") not in taken)
                taken.add(found[name])
        return found

    def derivation(self) -> Derivation:
        """Return the joined derivation."""
        parts = (self.forward, self.outer, self.back)
        gradient = _gradient(self.outer)
        return Derivation(
            self.system,
            self.asked.of,
            self.asked.wrt,
            self._system(gradient),
            self.back.gradients,
            tuple(_block(b, d is self.back) for d in parts for b in d.blocks),
            tuple(dict.fromkeys(a for d in parts for a in d.assumptions_used)),
            tuple(dict.fromkeys(k for d in parts for k in d.kinks)),
            arguments=(*self.arguments, *gradient),
            mode=Mode.GAUSS_NEWTON,
            directions=self.forward.directions,
            parts=parts,
        )

    def _system(self, gradient: Iterable[Equation]) -> System:
        parts = (self.forward.backward, self.outer.backward, self.back.backward)
        own = {(e.kind, e.name) for e in self.system.definitions if e.kind is not Kind.START}
        every = [*self.arguments, *gradient, *(e for s in parts for e in s.definitions)]
        needed = _needed(
            [e for e in every if (e.kind, e.name) not in own], {e.name for e in self.back.gradients.values()}
        )
        equations = tuple(replace(e, number=k) for k, e in enumerate(needed, 1))
        made = {t.name: t for s in (*parts, self.outer.system) for t in s.tensors if t.role is not Role.GIVEN}
        made |= {e.name: Tensor(e.name, tuple(i.size for i in e.indices), Role.OUTPUT) for e in self.arguments}
        computed = {e.name for e in equations if e.kind is not Kind.START or e.name not in self.system.by_name}
        known = {t.name: t for s in parts for t in s.tensors} | self.system.by_name
        read = {n for e in equations for n in names_in(e.value)} | {e.name for e in equations}
        tensors = [made[n] if n in computed else replace(known[n], role=Role.GIVEN) for n in sorted(read)]
        return System(
            f"{self.system.title}: Gauss-Newton" if self.system.title else "Gauss-Newton",
            tuple(tensors),
            equations,
            functions=self.system.functions,
            sizes=self.system.sizes,
            index_names=self.system.index_names,
        )


def _gradient(outer: Derivation) -> tuple[Equation, ...]:
    """Return the equations of the loss's gradient for `through`, of which the second pass is the tangent."""
    if outer.first is None:
        raise AssertionError("a second derivative without its first")
    own = {e.name for e in outer.first.backward.definitions} - set(outer.first.system.by_name)
    return tuple(e for e in outer.system.definitions if e.name in own)


def _numbered_behind(system: System, outer: Derivation) -> Derivation:
    """Return the second derivation with the numbers of its gradient's equations behind those of the whole system."""
    first = {e.number for e in outer.first.system.equations} if outer.first else set()
    by = max(e.number for e in system.equations) - max(first)

    def number(n: int) -> int:
        return n if n in first else n + by

    equations = tuple(replace(e, number=number(e.number)) for e in outer.system.equations)
    blocks = tuple(
        replace(b, steps=tuple(replace(s, uses=tuple(map(number, s.uses))) for s in b.steps)) for b in outer.blocks
    )
    return replace(outer, system=replace(outer.system, equations=equations), blocks=blocks)


def _needed(equations: Sequence[Equation], names: Collection[str]) -> list[Equation]:
    """Return, each once, those equations that the names depend on."""
    wanted, before = set(names), -1
    while len(wanted) != before:
        before = len(wanted)
        wanted |= {n for e in equations if e.name in wanted for n in names_in(e.value)}
    found = {(e.kind, e.target): e for e in equations if e.name in wanted}
    return list(found.values())


def _renamed(d: Derivation, found: Mapping[str, str]) -> Derivation:
    """Return a derivation whose tensors have other names."""
    changed = {old: new for old, new in found.items() if old != new}

    def put(e: Equation) -> Equation:
        target = Element(changed.get(e.name, e.name), *e.target.indices)
        return replace(e, target=target, value=renamed_elements(e.value, changed))

    def step(s: Step) -> Step:
        rule = " ".join(changed.get(w, w) for w in s.rule.split(" "))
        return replace(s, rule=rule, before=s.before and put(s.before), after=put(s.after))

    backward = replace(
        d.backward,
        tensors=tuple(replace(t, name=changed.get(t.name, t.name)) for t in d.backward.tensors),
        equations=tuple(put(e) for e in d.backward.equations),
    )
    return replace(
        d,
        backward=backward,
        gradients={w: put(e) for w, e in d.gradients.items()},
        blocks=tuple(
            replace(b, name=changed.get(b.name, b.name), steps=tuple(step(s) for s in b.steps)) for b in d.blocks
        ),
        directions={w: changed.get(v, v) for w, v in d.directions.items()},
    )


def _block(block: Block, pulled: bool) -> Block:
    return replace(block, heading=f"pulled back to {block.of}") if pulled else block

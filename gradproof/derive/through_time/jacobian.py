r"""∂h[T-1]/∂h[t] as the product of the Jacobians of the steps between, and what bounds its norm.

J[t] = ∂h[t]/∂h[t-1] by forward mode along all unit vectors; then P[t] = P[t+1] J[t+1] and P[T-1] = I.

Source: Bengio, Simard and Frasconi (1994), "Learning long-term dependencies with gradient descent is difficult";
Pascanu, Mikolov and Bengio (2013), "On the difficulty of training recurrent neural networks".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sympy import Expr, Pow, S

from gradproof.derive.conditions import Condition, at_least_zero, equals_zero
from gradproof.derive.directions import Directions
from gradproof.derive.forward import Pass, run
from gradproof.derive.index import Index, fresh
from gradproof.derive.ledger import Ledger
from gradproof.derive.model import Equation, Kind, Role, System, Tensor
from gradproof.derive.naming import pick_letter
from gradproof.derive.nodes import Call, Element, Iverson, Reduce, elements, free, names_in
from gradproof.derive.preactivations import named
from gradproof.derive.request import known_convention, names, understand
from gradproof.derive.steps import Block, Derivation, Mode, Step
from gradproof.derive.through_time.path import GateBound, NormBound, Path, gate_bound, norm_bound
from gradproof.derive.through_time.recurrence import Recurrence, recurrence_of
from gradproof.derive.through_time.step import cut, old_name, put_back

STEP, PRODUCT = "J", "P"


def through_time(
    system: System, state: str, *, without: str | Collection[str] = (), kinks: str = "torch"
) -> Derivation:
    """Return how the last row of a state depends on each row of it: the product of the steps' Jacobians.

    `d.gradients["h"]` is the equation of P[t,k,j] = ∂h[T-1,k]/∂h[t,j], written with the Jacobian of one step,
    J[t,k,j] = ∂h[t,k]/∂h[t-1,j]; `d.path` says what bounds its norm. Axes that do not meet in a step, like that of a
    batch, are shared by the two. Where a step reads other states too, they are held constant: it is the path of this
    state alone.

    Args:
        system: the equations.
        state: the tensor, computed by a recurrence.
        without: names of assumptions (or one) not to use ("all" for none of them).
        kinks: whose convention to take where there is no derivative, "torch" or "jax".

    Raises:
        InputError: the tensor is no recurrence.
        NotYet: for a recurrence that reads more than the row before, and for what the rules do not cover.

    Example:
        >>> import gradproof as gp
        >>> d = gp.through_time(gp.load("rnn"), "h")
        >>> str(d.backward.definitions[-2])
        'J[t,n,k,j] = U[j,k]*(1 - h[t,n,k]**2)'
    """
    known_convention(kinks)
    (state,) = understand(system, state, state).of
    working, arguments = named(system, (state, *recurrence_of(system, state).moving))
    recurrence = recurrence_of(working, state)
    done = _Steps(working, recurrence, names(without, "without"), kinks)
    return done.derivation(system, arguments)


@dataclass
class _Names:
    """Names and indices: the state's own, and one more for each row that is a column of the Jacobian."""

    step: str
    product: str
    own: tuple[Index, ...]
    columns: tuple[Index, ...]
    inner: tuple[Index, ...]


class _Steps:
    """The work on one recurrence."""

    def __init__(self, system: System, recurrence: Recurrence, without: Collection[str], kinks: str) -> None:
        self.system, self.recurrence = system, recurrence
        self.names = _names(system, recurrence)
        self.directions = self._directions()
        self.state = self._forward(without, kinks)
        self.ledgers = {n: self._put_back(x) for n, x in self.state.ledgers.items()}

    def _directions(self) -> Directions:
        """Return all unit vectors of the old state."""
        across = self.recurrence.across

        def entry(slots: tuple[Expr, ...]) -> Expr:
            pairs = zip((slots[a] for a in across), self.names.columns, strict=True)
            return Iverson(*(equals_zero(slot - column) for slot, column in pairs))

        step, state = self.names.step, self.recurrence.state
        tangents = {n: step if n == state else _free(f"{step}_{n}", self.system) for n in self.recurrence.moving}
        return Directions(tangents, {old_name(state, self.recurrence.lag): entry}, self.names.columns)

    def _forward(self, without: Collection[str], kinks: str) -> Pass:
        step = cut(self.system, self.recurrence)
        state = self.recurrence.state
        request = understand(step, state, old_name(state, self.recurrence.lag))
        path = tuple(dict.fromkeys((*request.path, state)))
        return run(step, replace(request, path=path), self.directions, without=without, kinks=kinks)

    def _put_back(self, ledger: Ledger) -> list[Step]:
        axis = self.recurrence.axis

        def back(e: Equation) -> Equation:
            return replace(e, value=put_back(e.value, axis))

        return [replace(s, before=s.before and back(s.before), after=back(s.after)) for s in ledger.steps]

    # ------------------------------------------------------------ the product

    def product(self) -> Ledger:
        """Return the steps for the product: the recurrence of the chain rule, unrolled where it is entry by entry."""
        ledger, own = Ledger(), self.names.own
        number = len(self.system.equations) + len(self.ledgers) + 1
        target = Element(self.names.product, *own, *self.names.columns)
        stated = Equation(number, target, self._chain_rule())
        ledger.state("chain rule", stated, because=self._why(), detail=1)
        if not self.names.columns:
            ledger.replace("unroll the recurrence", self._unrolled(own[self.recurrence.axis]), detail=1)
            ledger.replace(f"substitute {self.names.step}", self._substituted(ledger.value), detail=1)
            ledger.replace("equal factors", self._power(own[self.recurrence.axis]), detail=1)
        return ledger

    def _chain_rule(self) -> Expr:
        n, r = self.names, self.recurrence
        time = n.own[r.axis]
        later = time - r.lag
        rows = [n.own[a] for a in r.across]
        here = Iverson(*self._at_last(time), *(equals_zero(a - b) for a, b in zip(rows, n.columns, strict=True)))
        inner = list(n.inner)
        next_own = tuple(later if a == r.axis else i for a, i in enumerate(n.own))
        at_inner = dict(zip(r.across, inner, strict=True))
        step_own = tuple(at_inner.get(a, i) for a, i in enumerate(next_own))
        body = Element(n.product, *next_own, *inner) * Element(n.step, *step_own, *n.columns)
        return here + Iverson(*self._there(later, time.size)) * (Reduce("sum", body, inner) if inner else body)

    def _at_last(self, time: Index) -> list[Condition]:
        return [equals_zero(time - (time.size - 1 if self.recurrence.lag < 0 else 0))]

    def _there(self, later: Expr, size: Expr) -> list[Condition]:
        return [at_least_zero(size - 1 - later if self.recurrence.lag < 0 else later)]

    def _why(self) -> str:
        name, later = self.recurrence.state, "t+1" if self.recurrence.lag < 0 else "t-1"
        return f"{name} at t acts through {name} at {later} alone"

    def _unrolled(self, time: Index) -> Expr:
        s = fresh(time.size)
        own = tuple(s if i == time else i for i in self.names.own)
        after = s - time - 1 if self.recurrence.lag < 0 else time - s - 1
        return Reduce("prod", Element(self.names.step, *own), [s], None, [at_least_zero(after)])

    def _substituted(self, value: Expr) -> Expr:
        from gradproof.derive.inline import inlined

        return inlined(value, self.ledgers[self.names.step][-1].after)

    def _power(self, time: Index) -> Expr:
        """Return a product of equal steps as a power."""
        product = self._substituted(self._unrolled(time))
        step = self.ledgers[self.names.step][-1].after.value
        if time in free(step):
            return product
        return Pow(step, time.size - 1 - time if self.recurrence.lag < 0 else time)

    # ------------------------------------------------------------ the derivation

    def bound(self) -> NormBound | GateBound | None:
        """Return what bounds the norm of the product."""
        step = self.ledgers[self.names.step][-1].after
        equation = self.recurrence.equation
        value = equation.value
        inner = value.arguments[0] if isinstance(value, Call) and len(value.arguments) == 1 else None
        if isinstance(inner, Element) and inner.name in self.directions.names and self.names.columns:
            (column,) = self.names.columns
            own = self.ledgers[self.directions.names[inner.name]][-1].after
            return norm_bound(equation, own.value, self.recurrence, column)
        if self.names.columns:
            return norm_bound(equation, step.value, self.recurrence, self.names.columns[0])
        return gate_bound(self.system, step.value, self.recurrence)

    def derivation(self, given: System, arguments: tuple[Equation, ...]) -> Derivation:
        """Return the derivation, of the system as it was given."""
        product, state = self.product(), self.recurrence.state
        assert product.equation is not None
        left = [self.ledgers[n][-1].after for n in self.state.left]
        blocks = [
            Block(tangent, n, f"{self._heading(n)} {n}", tuple(self.ledgers[tangent]))
            for n, tangent in self.directions.names.items()
        ]
        blocks.append(Block(self.names.product, state, f"product of the steps of {state}", tuple(product.steps)))
        read = {n for e in left for n in names_in(e.value)}
        again = [a for a in arguments if a.name in read]
        return Derivation(
            given,
            (state,),
            (state,),
            _system(self.system, [*again, *left, product.equation]),
            {state: product.equation},
            tuple(blocks),
            tuple(dict.fromkeys(a for x in self.state.ledgers.values() for a in x.assumptions)),
            tuple(self.state.kinks),
            arguments=arguments,
            mode=Mode.THROUGH_TIME,
            path=Path(
                self.recurrence,
                self.names.step,
                self.names.product,
                tuple(c.name for c in self.names.columns),
                self.bound(),
            ),
        )

    def _heading(self, name: str) -> str:
        return "Jacobian of one step of" if name == self.recurrence.state else "Jacobian of"


def _names(system: System, recurrence: Recurrence) -> _Names:
    own = recurrence.equation.indices
    used = {i.name for i in own}
    found: list[list[Index]] = []
    for _ in range(2):
        letters = []
        for a in recurrence.across:
            letters.append(Index(pick_letter(system, own[a].size, used), own[a].size))
            used.add(letters[-1].name)
        found.append(letters)
    step = _free(STEP, system)
    return _Names(step, _free(PRODUCT, system), own, tuple(found[0]), tuple(found[1]))


def _free(name: str, system: System) -> str:
    taken = {*system.by_name, *(s.name for s in system.sizes)}
    return next(n for k in (0, *range(2, 1000)) if (n := f"{name}{k or ''}") not in taken)


def _system(system: System, equations: list[Equation]) -> System:
    """Return the Jacobian and the product as a system: what they read of the states comes in."""
    targets = {e.name for e in equations}
    read = {n for e in equations for n in names_in(e.value)} - targets
    rows = [e for e in system.definitions if e.kind is Kind.START and e.name in read]
    read |= {n for e in rows for n in names_in(e.value)}
    tensors = [replace(t, role=Role.GIVEN) for t in system.tensors if t.name in read]
    for e in equations:
        again = e.name in names_in(e.value)
        shape = tuple(i.size for i in e.indices)
        tensors.append(Tensor(e.name, shape, Role.STATE if again else Role.OUTPUT))
    unknown = any(elements(e.value) or e.value is S.Zero for e in equations)
    return System(
        f"{system.title}: through time" if system.title else "through time",
        tuple(tensors),
        (*rows, *equations),
        functions=system.functions if unknown else (),
        sizes=system.sizes,
        index_names=system.index_names,
    )

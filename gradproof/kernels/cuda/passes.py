"""What the passes over launches share: they take a list of a launch's nodes, and the tensors that come with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, elements, free, substitute
from gradproof.kernels.cuda.steps import Body, Cut, Launch, Repeat, Step, leaves, under
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.tree import Loop, Place, Plan, Row

Pass = Callable[["Names", Sequence[Body]], list[Body]]


@dataclass(frozen=True, slots=True)
class Names:
    """The tensors of a plan while passes go over its launches.

    Attributes:
        storage, places: of the plan; values with names of their own are added.
        readers: how many statements of all launches read a name.
        kept: names whose arrays are read or written elsewhere: by the caller, by products, by systems.
        updated: parameters whose new values may be written over them.
    """

    storage: dict[str, Storage]
    places: dict[str, Place]
    readers: Counter[str]
    kept: frozenset[str]
    updated: frozenset[str]

    def another(self, name: str) -> str:
        """Return the name of the same value, computed once more."""
        stem = name.split("~again", maxsplit=1)[0]
        numbered = (f"{stem}~again{k if k > 1 else ''}" for k in range(1, 1000))
        found = next(n for n in numbered if n not in self.storage)
        self.storage[found] = self.storage[name]
        self.places[found] = Place("scalar", ())
        return found


def passed(plan: Plan, steps: tuple[Step, ...], passes: Sequence[Pass]) -> tuple[Plan, tuple[Step, ...]]:
    """Return the plan and the steps after some passes over the nodes of each launch."""
    storage, places = dict(plan.storage), dict(plan.places)
    updated = frozenset(old for _, old in plan.program.updated)
    for one in passes:
        names = Names(storage, places, _readers(steps), _kept(plan, steps), updated)
        steps = tuple(_step(s, one, names) for s in steps)
    return replace(plan, storage=storage, places=places), steps


def _step(step: Step, one: Pass, names: Names) -> Step:
    if isinstance(step, Repeat | Cut):
        return replace(step, body=tuple(_step(s, one, names) for s in step.body))
    if isinstance(step, Launch) and not step.flat:
        return replace(step, nodes=tuple(_nodes(step.nodes, one, names)))
    return step


def _nodes(nodes: Sequence[Body], one: Pass, names: Names) -> list[Body]:
    inner = [
        replace(n, body=tuple(_nodes(n.body, one, names))) if isinstance(n, Loop) else n  # type: ignore[arg-type]
        for n in nodes
    ]
    return one(names, inner)


def _readers(steps: tuple[Step, ...]) -> Counter[str]:
    found: Counter[str] = Counter()
    for leaf, _ in leaves(steps):
        if isinstance(leaf, Launch):
            found.update(n for s in leaf.statements for n in dict.fromkeys(e.name for e in reads(s)))
    return found


def _kept(plan: Plan, steps: tuple[Step, ...]) -> frozenset[str]:
    from gradproof.kernels.cuda.homes import touched_by

    others = [leaf for leaf, _ in leaves(steps) if not isinstance(leaf, Launch)]
    found = {n for leaf in others for n, _ in touched_by(leaf)}
    return frozenset(found) | {*plan.program.inputs, *plan.program.outputs}


# ---------------------------------------------------------------- values in the rows that read them


def reading_rows(value: Statement, nodes: Sequence[Body], index: Index) -> list[int] | None:
    """Return which nodes are rows over the index that read a value; None where it is read in another way."""
    found = []
    for at, node in enumerate(nodes):
        here = [s for s in statements(node) if reads_name(s, value.name)]
        if not here:
            continue
        if not isinstance(node, Row) or node.index != index or not all(_is_plain(s, value.target) for s in here):
            return None
        found.append(at)
    return found


def statements(node: Body) -> list[Statement]:
    """Return the statements under a node."""
    return list(under(node))


def reads_name(s: Statement, name: str) -> bool:
    """Does a statement read a tensor?"""
    return any(e.name == name for e in reads(s))


def _is_plain(s: Statement, target: Element) -> bool:
    """Does a statement read the element as it is, and not in an index?"""
    placed = {e.name for i in s.target.indices for e in elements(i)}
    return target.name not in placed and all(e == target for e in reads(s) if e.name == target.name)


def with_values(row: Row, values: Sequence[Statement], names: Names) -> Row:
    """Return the row in which values that its statements read are computed first, under names of their own."""
    own: dict[Element, Element] = {}
    made: list[Statement] = []
    for value in values:  # each after those that it reads
        target = Element(names.another(value.name), *value.target.indices)
        made.append(with_names(replace(value, target=target), own))
        own[value.target] = target
    return replace(row, statements=(*made, *(with_names(s, own) for s in row.statements)))


def with_names(s: Statement, own: dict[Element, Element]) -> Statement:
    """Return the statement with other elements in place of some that it reads."""
    if not any(e in own for e in reads(s)):
        return s
    return replace(
        s,
        expr=substitute(s.expr, own),
        conditions=tuple(substitute(c, own) for c in s.conditions),
        guards=tuple(substitute(c, own) for c in s.guards),
    )


def along(e: Element, index: Index) -> bool:
    """Does an element move with an index?"""
    return index in free(e)

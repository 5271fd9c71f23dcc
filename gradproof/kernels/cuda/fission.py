"""Regions to launches: a product is a launch of its own, and loops around products run on the host or in its batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from gradproof.derive.index import Index, Size
from gradproof.errors import NotYet
from gradproof.kernels.cuda.parallel import apart_if, is_parallel
from gradproof.kernels.cuda.segments import only_placed, placed_by_labels, segment_steps, separated, without_zeros
from gradproof.kernels.cuda.steps import Body, Cut, Launch, Owned, Product, Repeat, Serial, Step, Wide
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.tree import Dot, Loop, Nest, Node, Plan, Region, Row, Strip
from gradproof.kernels.planner.walk import products, statements


def steps_of(plan: Plan, divisors: frozenset[Size]) -> tuple[Step, ...]:
    """Return what the host does for a plan."""
    placed = placed_by_labels(plan)
    steps = [s for r in plan.regions for s in Fission(r, divisors, plan.storage, placed).steps(r.body, ())]
    return without_zeros(tuple(steps))


class Fission:
    """Cuts one region."""

    def __init__(
        self, region: Region, divisors: frozenset[Size], storage: dict[str, Storage], placed: frozenset[Statement]
    ) -> None:
        self.region, self.shared, self.divisors = region, region.index, divisors
        self.storage, self.placed = storage, placed

    def steps(self, nodes: Sequence[Node], batch: tuple[Index, ...]) -> list[Step]:
        """Return the steps for nodes that run at every place of the batch."""
        found: list[Step] = []
        for whole, run in groupby(nodes, key=self._is_whole):
            if whole:
                found += [s for node in run for s in self._whole(node, batch)]
            else:
                found += self._launches(list(run), batch)
        return found

    def _is_whole(self, node: Node) -> bool:
        """Are there steps under the node that cannot be part of a larger launch?"""
        return isinstance(node, Nest) or any(products(node)) or self._has_placed(node)

    def _has_placed(self, node: Node) -> bool:
        """Are there terms that labels place, which can be sorted all at once?"""
        if only_placed(node, self.placed):
            return True
        if isinstance(node, Loop) and self._is_parallel(node):
            return any(self._has_placed(inner) for inner in node.body)
        return isinstance(node, Row) and any(s in self.placed for s in node.statements)

    def _hosted(self) -> Fission:
        """Return what cuts the body of a loop that the host runs: there, places are not sorted."""
        return Fission(self.region, self.divisors, self.storage, frozenset())

    def _is_parallel(self, loop: Loop) -> bool:
        return loop.direction > 0 and is_parallel(loop.index, loop.body)

    def _whole(self, node: Node, batch: tuple[Index, ...]) -> Iterable[Step]:
        if isinstance(node, Dot):
            return [_batched(node, batch)]
        if only_placed(node, self.placed):
            found = dict.fromkeys(statements(node))
            return [step for s in found for step in segment_steps(s, self.storage[s.name])]
        if isinstance(node, Row):
            return [s for part in separated(node, self.placed) for s in self.steps([part], batch)]
        if isinstance(node, Strip):
            return [Cut(node, tuple(self._hosted().steps(node.body, batch)))]
        if isinstance(node, Loop):
            if self._is_parallel(node):
                return self.steps(node.body, (*batch, node.index))
            return [Repeat(node.index, tuple(self._hosted().steps(node.body, batch)), node.direction)]
        assert isinstance(node, Nest)
        if batch:
            raise NotYet(
                f"equation ({node.block.equations[0].number}): a linear system for each step of a loop, on CUDA"
            )
        return [Serial(node.block)]

    # ---------------------------------------------------------------- launches

    def _launches(self, nodes: list[Node], batch: tuple[Index, ...]) -> list[Launch]:
        """Return launches for nodes without products: loops whose steps are apart each have their own."""
        groups: list[list[Node]] = []
        joined = False
        for node in nodes:
            alone = isinstance(node, Loop) and self._is_parallel(node)
            if alone or not joined:
                groups.append([])
            groups[-1].append(node)
            joined = not alone
        return [self._launch(g, batch) for g in groups]

    def _launch(self, nodes: list[Node], grid: tuple[Index, ...]) -> Launch:
        inner: Sequence[Node] = nodes
        first = True
        while len(inner) == 1 and isinstance(inner[0], Loop) and self._spreads(inner[0], first=first):
            grid, inner, first = (*grid, inner[0].index), inner[0].body, False
        owned = _owned(inner[0]) if grid and len(inner) == 1 else None
        if owned is not None:
            return Launch((*grid, *owned.indices), (owned,), flat=True)
        if len(inner) == 1 and isinstance(inner[0], Row) and self._is_flat(inner[0], grid):
            return Launch((*grid, inner[0].index), tuple(inner), flat=True)
        if not grid and self.shared is not None and self._opens(inner) and not _finds_place(self.shared, inner):
            return Launch((self.shared,), tuple(inner), stretch=True)
        return Launch(grid, tuple(self._wide(n) for n in inner))

    def _spreads(self, node: Loop, *, first: bool) -> bool:
        """May blocks share the loop? What an inner loop adds up is better added within a block."""
        adds = any(node.index in s.reduced for s in statements(*node.body))
        if _finds_place(node.index, node.body):
            return False
        return node.direction > 0 and (first or not adds) and is_parallel(node.index, node.body)

    def _is_flat(self, row: Row, grid: tuple[Index, ...]) -> bool:
        """Has every thread places of its own, whatever the others do?"""
        indices = (*grid, row.index)
        return is_parallel(row.index, [row]) and all(self._is_free(s, indices) for s in row.statements)

    def _is_free(self, s: Statement, indices: tuple[Index, ...]) -> bool:
        if s.kind == "add":
            return apart_if(s, indices, self.divisors) == frozenset()
        return s.kind == "map" or (s.kind in ("sum", "max", "min") and not s.free and set(s.reduced) <= set(indices))

    def _opens(self, nodes: Sequence[Node]) -> bool:
        """Do all nodes open the region's index themselves?"""
        return all(self.shared in (*s.free, *s.reduced) for s in statements(*nodes))

    def _wide(self, node: Node) -> Body:
        """Return the node with loops around a row run together with it where the threads may share them all."""
        if not isinstance(node, Loop):
            return node
        if (owned := _owned(node)) is not None:
            return owned
        chain, row = _chain(node)
        if row is not None and self._are_apart(chain, row):
            return Wide(chain, row.statements)
        return Loop(node.index, tuple(self._wide(n) for n in node.body), node.direction)  # type: ignore[misc]

    def _are_apart(self, chain: tuple[Index, ...], row: Row) -> bool:
        """May threads share the places of all indices of the row and of the loops around it?"""
        adds = [s for s in row.statements if s.kind == "add"]
        others = tuple(s for s in row.statements if s.kind != "add")
        made = {s.name for s in adds}
        return (
            all(apart_if(s, chain, self.divisors) is not None for s in adds)
            and not any(e.name in made for s in others for e in reads(s))
            and all(set(chain) <= set(s.free) or _adds_up(s, chain, others) for s in others)
            and all(is_parallel(i, [Row(row.index, others)]) for i in chain)
        )


def _adds_up(s: Statement, chain: tuple[Index, ...], others: Sequence[Statement]) -> bool:
    """Is it a reduction over all of the places together, which nothing among them reads?"""
    over_all = s.kind in ("sum", "max", "min") and set(chain) <= set(s.reduced)
    return over_all and not any(e.name == s.name for o in others for e in reads(o))


def _finds_place(index: Index, nodes: Sequence[Node]) -> bool:
    """Is a position among the places of the index looked for? Blocks would each find one of their own."""
    return any(s.kind.startswith("arg") and index in s.reduced for s in statements(*nodes))


def _batched(dot: Dot, batch: tuple[Index, ...]) -> Step:
    """Return a product for all places of a batch; the host runs the loops over more indices than a launch takes."""
    own = [i for i in batch if i in dot.statement.free]
    repeats = [i for i in batch if i in dot.statement.reduced]
    hosted = (*own[:-2], *repeats[:-1])
    step: Step = Product(dot, tuple(i for i in batch if i not in hosted))
    for index in reversed(hosted):
        step = Repeat(index, (step,))
    return step


def _chain(node: Loop) -> tuple[tuple[Index, ...], Row | None]:
    """Return the indices of loops that hold one another and nothing else, and the row in them."""
    chain: list[Index] = []
    inner: Node = node
    while isinstance(inner, Loop) and inner.direction > 0 and len(inner.body) == 1:
        chain.append(inner.index)
        inner = inner.body[0]
    return (*chain, inner.index) if isinstance(inner, Row) else (), inner if isinstance(inner, Row) else None


def _owned(node: Node) -> Owned | None:
    """Return loops over a window around rows the other way round: each thread has places, and runs the window there."""
    chain, row = _chain(node) if isinstance(node, Loop) else ((), None)
    if row is None:
        return None
    first = row.statements[0]
    loops = tuple(i for i in chain if i in first.reduced)
    places = tuple(i for i in chain if i not in loops)
    made = {s.name for s in row.statements}
    whole = all(
        s.kind not in ("map", "add")
        and set(s.reduced) == set(loops)
        and set(places) <= set(s.free)
        and not any(e.name in made for e in reads(s))
        for s in row.statements
    )
    return Owned(places, loops, row.statements) if loops and places and whole else None

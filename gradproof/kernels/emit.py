"""Plan to Python: the loops of one kernel as the body of a numba function."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element
from gradproof.kernels.equations import equation_text
from gradproof.kernels.expressions import Writer
from gradproof.kernels.plan import Block, For, LoopNest, Node, Pass, Point, Statement, Work
from gradproof.kernels.scope import Scope

_INDENT = "    "
_START = {"sum": "0.0", "prod": "1.0", "max": "real(-np.inf)", "min": "real(np.inf)"}


@dataclass(frozen=True, slots=True)
class Body:
    """The text of a kernel's loops.

    Attributes:
        lines: the statements, without the indentation of the function around them.
        forms: names of the helpers and library functions that they call.
        unknown: names of the unknown functions that they call, sorted.
    """

    lines: tuple[str, ...]
    forms: frozenset[str]
    unknown: tuple[str, ...]


def emit(nest: LoopNest, scope: Scope) -> Body:
    """Return the loops of a plan as Python source."""
    emitter = _Emitter(nest, scope)
    for block in nest.blocks:
        emitter.block(block)
    return Body(tuple(emitter.lines), frozenset(emitter.writer.used), tuple(sorted(emitter.writer.unknown)))


class _Emitter:
    def __init__(self, nest: LoopNest, scope: Scope) -> None:
        self.nest, self.scope = nest, scope
        self.writer = Writer(nest.program.system, nest.storage, scope)
        self.lines: list[str] = []
        self.depth = 0
        self.facts: tuple[Expr, ...] = ()

    def put(self, line: str) -> None:
        self.lines.append(_INDENT * self.depth + line)

    def block(self, block: Block) -> None:
        """Write a block under its equations: `# (3) p[i,c] = ...`."""
        for equation in block.equations:
            self.put(f"# ({equation.number}) {equation_text(equation, self.nest.program.system)}")
        for node in block.nodes:
            self.node(node)

    def _order_by(self, statement: Statement) -> None:
        """Factors are written in the order of the left side's indices."""
        left = [i for i in statement.target.indices if isinstance(i, Index)]
        self.writer.position = {i: k for k, i in enumerate([*left, *statement.free, *statement.reduced])}

    def node(self, node: Node) -> None:
        if isinstance(node, For):
            self._loop(node)
        elif isinstance(node, Pass):
            self._pass(node)
        elif isinstance(node, Work):
            self._work(node)
        else:
            self._point(node)

    def _loop(self, node: For) -> None:
        size = self.writer.integer(node.index.size)
        with self.scope.loop(node.index) as name:
            steps = f"range({size})" if node.direction > 0 else f"range({size} - 1, -1, -1)"
            self.put(f"for {name} in {steps}:")
            self.depth += 1
            for inner in node.body:
                self.node(inner)
            self.depth -= 1

    def _work(self, node: Work) -> None:
        """Call a helper on arrays at the open indices; right sides that are vectors are handed over as columns."""
        self.writer.used.add(node.helper)
        at = [self.scope.index(i) for i in node.fixed]
        arrays = []
        for name in node.arrays:
            open_axes = len(self.nest.storage[name].shape) - len(at)
            text = self.scope.tensor(name) + (f"[{', '.join(at)}]" if at else "")
            columns = "1" if open_axes == 1 else "-1"
            arrays.append(text if open_axes == 2 else f"{text}.reshape({self._rows(name, len(at))}, {columns})")
        call = f"{node.helper}({', '.join(arrays)})"
        if node.statement is None:
            self.put(call)
        else:
            self._store(node.statement, call if self._keeps(node.statement) else f"real({call})")

    def _rows(self, name: str, axis: int) -> str:
        return self.writer.integer(self.nest.storage[name].shape[axis])

    def _keeps(self, statement: Statement) -> bool:
        """Is the value stored in an array, which rounds it?"""
        return not self._is_scalar(statement)

    # ---------------------------------------------------------------- reductions

    def _pass(self, node: Pass) -> None:
        statement = node.statement
        name = self._accumulator(statement)
        if statement.kind.startswith("arg"):
            self.put(f"{name} = -1")
            self.put(f"{self._best(statement)} = {_START[statement.kind[3:]]}")
        else:
            self.put(f"{name} = {_START[statement.kind]}")
        outer = self.facts
        if statement.guards:
            test, self.facts = self.writer.condition(statement.guards, outer)
            self.put(f"if {test}:")
            self.depth += 1
        for inner in node.body:
            self.node(inner)
        self.depth -= bool(statement.guards)
        self.facts = outer
        self._finish(statement, name)

    def _finish(self, statement: Statement, name: str) -> None:
        """Store the accumulator, or round it to the module's type where it stays a local scalar."""
        if not self._is_scalar(statement):
            self._store(statement, name)
        elif statement.kind in ("sum", "prod") and not self.nest.storage[statement.name].wide:
            self.put(f"{name} = real({name})")

    def _accumulate(self, node: Point) -> None:
        statement = node.statement
        facts = self.facts
        if statement.conditions:
            test, facts = self.writer.condition(statement.conditions, facts)
            self.put(f"if {test}:")
            self.depth += 1
        self._term(statement, self._accumulator(statement), facts)
        self.depth -= bool(statement.conditions)

    def _term(self, statement: Statement, name: str, facts: tuple[Expr, ...]) -> None:
        self.writer.wide = self.nest.storage[statement.name].wide
        value = self.writer.real(statement.expr, facts)
        self.writer.wide = False
        if statement.kind in ("sum", "prod"):
            self.put(f"{name} {'+' if statement.kind == 'sum' else '*'}= {value}")
            return
        best = self._best(statement) if statement.kind.startswith("arg") else name
        beats = ">" if statement.kind.endswith("max") else "<"
        self.put(f"value = {value}")
        if best == name:
            # A nan stays: no value beats it.
            self.put(f"if value {beats} {name} or value != value:")
            self.put(f"{_INDENT}{name} = value")
            return
        self.put(f"if {name} < 0 or value {beats} {best} or (value != value and {best} == {best}):")
        self.put(f"{_INDENT}{best} = value")
        self.put(f"{_INDENT}{name} = {self._flat(statement.reduced)}")

    def _flat(self, reduced: tuple[Index, ...]) -> str:
        """Return the position among the reduced indices, counted row by row."""
        flat: Expr = reduced[0]
        for index in reduced[1:]:
            flat = flat * index.size + index
        return self.writer.integer(flat.expand())

    def _best(self, statement: Statement) -> str:
        return self.scope.names.name(("best", statement.name), f"{self.scope.tensor(statement.name)}_best")

    def _accumulator(self, statement: Statement) -> str:
        if self._is_scalar(statement):
            return self.scope.tensor(statement.name)
        return "total" if statement.kind in ("sum", "prod") else "position" if "arg" in statement.kind else "best"

    # ---------------------------------------------------------------- assignments

    def _point(self, node: Point) -> None:
        self._order_by(node.statement)
        if node.statement.kind == "map":
            value = self.writer.real(node.statement.expr, self.facts)
            self._store(node.statement, value)
        else:
            self._accumulate(node)

    def _store(self, statement: Statement, value: str) -> None:
        name = self.scope.tensor(statement.name)
        if self._is_scalar(statement):
            self.put(f"{name} = {value}")
            return
        rows = self._rows_that_may_be_missing(statement.target)
        if rows:
            self.put(f"if {' and '.join(rows)}:")
        self.put(f"{_INDENT if rows else ''}{name}[{', '.join(self._slots(statement.target))}] = {value}")

    def _rows_that_may_be_missing(self, target: Element) -> list[str]:
        """A start row at 0 or after lies inside the array, which may be empty."""
        shape = self.nest.storage[target.name].shape
        fixed = [(i, n) for i, n in zip(target.indices, shape, strict=True) if i.is_Integer and i >= 0]
        return [f"{i} < {self.writer.integer(n)}" for i, n in fixed]

    def _slots(self, target: Element) -> list[str]:
        low = self.nest.storage[target.name].low
        return [self.writer.integer(i + n) for i, n in zip(target.indices, low, strict=True)]

    def _is_scalar(self, statement: Statement) -> bool:
        return self.nest.storage[statement.name].local or not statement.target.indices

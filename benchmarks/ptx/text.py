"""PTX text as instructions, stretches between branches, and loops."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_LABEL = re.compile(r"(\$\w+):")
_OPENED = re.compile(r"\.(?:entry|func)\b[^{;]*\{")
_INSTRUCTION = re.compile(r"(?:@(!?%\w+)\s+)?([a-z][\w.:]*)\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Instruction:
    """Attributes:
    operation: as `ld.global.f32`.
    operands: as text.
    guarded: does it run under a predicate?
    """

    operation: str
    operands: str
    guarded: bool

    @property
    def width(self) -> int:
        """How many numbers it moves: `ld.global.v4.f32` moves four."""
        found = re.search(r"\.v([248])\b", self.operation)
        return int(found[1]) if found else 1


@dataclass(frozen=True)
class Function:
    """A function's instructions, as blocks without branches inside.

    Attributes:
        blocks: the instructions of each.
        labels: {label: its block}.
    """

    blocks: tuple[tuple[Instruction, ...], ...]
    labels: dict[str, int]

    @cached_property
    def next(self) -> tuple[tuple[int, ...], ...]:
        """The blocks that may run after each."""
        return tuple(tuple(self._after(k)) for k in range(len(self.blocks)))

    def _after(self, k: int) -> Iterator[int]:
        last = self.blocks[k][-1] if self.blocks[k] else None
        kind = last.operation.split(".")[0] if last else ""
        if last and kind == "bra":
            yield self.labels[last.operands.strip()]
        if last and kind == "brx":
            yield from self.labels.values()  # a table of targets: any of them
        ends = last is not None and not last.guarded and kind in {"bra", "brx", "ret", "exit", "trap"}
        if not ends and k + 1 < len(self.blocks):
            yield k + 1

    @cached_property
    def loops(self) -> tuple[frozenset[int], ...]:
        """The blocks of each loop that has no loop inside, in the order of the text."""
        found: dict[int, frozenset[int]] = {}
        dominators = self._dominators()
        for k, after in enumerate(self.next):
            for head in after:
                if dominators[k] >> head & 1:
                    found[head] = found.get(head, frozenset()) | self._around(head, k)
        innermost = [h for h, body in found.items() if not any(o != h and o in body for o in found)]
        return tuple(found[h] for h in sorted(innermost))

    def _dominators(self) -> list[int]:
        """Return which blocks every way to a block goes through, as bits."""
        count = len(self.blocks)
        before: list[list[int]] = [[] for _ in range(count)]
        for k, after in enumerate(self.next):
            for n in after:
                before[n].append(k)
        every = (1 << count) - 1
        found = [1] + [every] * (count - 1)
        changed = True
        while changed:
            changed = False
            for k in range(1, count):
                new = every
                for b in before[k]:
                    new &= found[b]
                new |= 1 << k
                changed |= new != found[k]
                found[k] = new
        return found

    def _around(self, head: int, last: int) -> frozenset[int]:
        """Return the loop that goes from its last block back to its head."""
        body, rest = {head, last}, [last]
        while rest:
            k = rest.pop()
            if k == head:
                continue
            for b, after in enumerate(self.next):
                if k in after and b not in body:
                    body.add(b)
                    rest.append(b)
        return frozenset(body)


def functions(text: str) -> tuple[Function, ...]:
    """Return the functions of a module's text that have a body."""
    text = re.sub(r"//[^\n]*", "", text)
    found = []
    for opened in _OPENED.finditer(text):
        end, depth = opened.end(), 1
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        found.append(_function(text[opened.end() : end - 1]))
    return tuple(found)


def _function(body: str) -> Function:
    blocks: list[list[Instruction]] = [[]]
    labels: dict[str, int] = {}
    for statement in re.split(r"[;{}]", body):
        rest = statement.strip()
        while label := _LABEL.match(rest):
            if blocks[-1]:
                blocks.append([])
            labels[label[1]] = len(blocks) - 1
            rest = rest[label.end() :].strip()
        if not rest or rest.startswith("."):
            continue
        said = _INSTRUCTION.fullmatch(rest)
        if said is None:
            continue
        blocks[-1].append(Instruction(said[2], said[3].strip(), said[1] is not None))
        if said[2].split(".")[0] in {"bra", "brx", "ret", "exit", "trap"}:
            blocks.append([])
    return Function(tuple(map(tuple, blocks)), labels)

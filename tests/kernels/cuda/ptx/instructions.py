"""Instructions as functions of which threads run them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tests.kernels.cuda.ptx import scalar
from tests.kernels.cuda.ptx.lanes import WARP, Lanes
from tests.kernels.cuda.ptx.memory import FIRST, LOCAL, SHARED, Fault, Global, Space
from tests.kernels.cuda.ptx.operands import Operands
from tests.kernels.cuda.ptx.reader import Instruction, Program
from tests.kernels.cuda.ptx.scalar import KINDS

Step = Callable[[Any], Any]


def prepared(program: Program, memory: Global, lanes: Lanes, values: Sequence[Any]) -> list[Step]:
    """Return a function for each instruction, which takes the numbers of the threads that run it; None is all."""
    return _Prepared(program, memory, lanes, values).steps()


class _Prepared(Operands):
    """Makes the functions."""

    def steps(self) -> list[Step]:
        found = []
        for instruction in self.program.code:
            step = self._step(instruction)
            found.append(step if instruction.condition is None else self._conditional(instruction, step))
        return found

    def _conditional(self, instruction: Instruction, step: Step) -> Step:
        assert instruction.condition is not None
        name, negated = instruction.condition
        register, bends = self.registers[name], instruction.name[0] in {"bra", "ret", "exit"}

        def run(some: Any) -> Any:
            holds = register if some is None else register[some]
            holds = ~holds if negated else holds
            if bends:
                return holds.copy()
            if holds.any():
                step(np.flatnonzero(holds) if some is None else some[holds])
            return None

        return run

    def _step(self, i: Instruction) -> Step:
        name = i.name[0]
        special = {
            "ld": self._load, "st": self._store, "mov": self._move, "cvta": self._generic, "setp": self._compare,
            "selp": self._select, "cvt": self._convert, "shfl": self._shuffle, "bra": self._all, "ret": self._all,
            "exit": self._all, "bar": self._all, "barrier": self._all,
        }  # fmt: skip
        return special[name](i) if name in special else self._arithmetic(i)

    # ------------------------------------------------------------ instructions

    def _all(self, _: Instruction) -> Step:
        count = self.lanes.count
        return lambda some: np.ones(count if some is None else len(some), bool)

    def _arithmetic(self, i: Instruction) -> Step:
        if "cc" in i.name or i.name[0] in {"addc", "subc", "madc"}:
            return self._carried(i)
        name, kind = ".".join(p for p in i.name[:-1] if p not in {"rn", "ftz", "sat", "uni"}), i.name[-1]
        if name in {"membar", "fence"}:
            return lambda some: None
        table = scalar.PREDICATES if kind == "pred" else scalar.NUMBERS if kind[0] == "f" else scalar.INTEGERS
        if name == "rcp.approx" and kind == "f64":
            function: Callable[..., Any] = scalar.rough_reciprocal
        elif name in table:
            function = table[name]
        else:
            raise NotImplementedError(str(i))
        kinds = [KINDS[kind]] * (len(i.operands) - 1)
        if name in {"shl", "shr"}:
            kinds[1] = KINDS["u32"]
        if name in {"bfi", "bfe"}:
            kinds[-2:] = [KINDS["u32"]] * 2
        if name == "mad.wide":
            kinds[2] = KINDS[f"{kind[0]}{2 * int(kind[1:])}"]
        reads = [self._read(o, k) for o, k in zip(i.operands[1:], kinds, strict=True)]
        write, flush = self._write(i.operands[0]), "ftz" in i.name and kind == "f32"
        saturates = "sat" in i.name

        def run(some: Any) -> None:
            values = [r(some) for r in reads]
            found = function(*map(scalar.flushed, values) if flush else values)
            found = np.clip(np.where(np.isnan(found), 0, found), 0, 1).astype(found.dtype) if saturates else found
            write(some, scalar.flushed(found) if flush else found)

        return run

    def _carried(self, i: Instruction) -> Step:
        """Integers of 32 bits that carry on to the next instruction."""
        name, part, comes = scalar.CARRIED[".".join(p for p in i.name[:-1] if p != "cc")]
        kind, keeps, carry = KINDS[i.name[-1]], "cc" in i.name, self.carry
        if kind.itemsize != KINDS["u32"].itemsize:
            raise NotImplementedError(str(i))
        reads, write = [self._read(o, kind) for o in i.operands[1:]], self._write(i.operands[0])

        def run(some: Any) -> None:
            chosen = slice(None) if some is None else some
            here = carry[chosen].astype(np.uint64) if comes else np.uint64(0)
            found, carries = scalar.carried(name, part, here, *(r(some) for r in reads))
            write(some, found)
            if keeps:
                carry[chosen] = carries

        return run

    def _compare(self, i: Instruction) -> Step:
        how, *joins, kind = (p for p in i.name[1:] if p != "ftz")
        first, second = (self._read(o, KINDS[kind]) for o in i.operands[1:3])
        names = i.operands[0].split("|")
        writes = [self._write(n.strip()) for n in names]
        join = scalar.PREDICATES[joins[0]] if joins else None
        third = self._predicate(i.operands[3]) if joins else None

        def run(some: Any) -> None:
            found = scalar.compared(how, first(some), second(some))
            for write, value in zip(writes, (found, ~found), strict=False):
                write(some, value if join is None or third is None else join(value, third(some)))

        return run

    def _select(self, i: Instruction) -> Step:
        kind = KINDS[i.name[-1]]
        one, other, holds = (*(self._read(o, kind) for o in i.operands[1:3]), self._predicate(i.operands[3]))
        write = self._write(i.operands[0])
        return lambda some: write(some, np.where(holds(some), one(some), other(some)))

    def _convert(self, i: Instruction) -> Step:
        *how, to, kind = i.name[1:]
        read, write = self._read(i.operands[1], KINDS[kind]), self._write(i.operands[0])
        return lambda some: write(some, scalar.converted(tuple(how), KINDS[to], read(some)))

    def _move(self, i: Instruction) -> Step:
        target, source = i.operands
        kind = KINDS[i.name[-1]]
        if source.startswith("{"):
            parts = source.strip("{}").split(",")
            unit = KINDS[f"u{8 * kind.itemsize // len(parts)}"]
            reads, write = [self._read(p, unit) for p in parts], self._write(target)
            return lambda some: write(some, np.stack([r(some) for r in reads], -1).view(kind)[:, 0])
        if target.startswith("{"):
            writes = [self._write(p.strip()) for p in target.strip("{}").split(",")]
            unit, read = KINDS[f"u{8 * kind.itemsize // len(writes)}"], self._read(source, kind)

            def run(some: Any) -> None:
                parts = np.ascontiguousarray(read(some)).view(unit).reshape(-1, len(writes))
                for k, write in enumerate(writes):
                    write(some, parts[:, k])

            return run
        read, write = self._read(source, kind), self._write(target)
        return lambda some: write(some, read(some))

    def _generic(self, i: Instruction) -> Step:
        """Addresses of a space as generic ones, or back."""
        space = next(p for p in i.name if p in {"global", "shared", "local", "const"})
        base = np.uint64({"shared": SHARED, "local": LOCAL}.get(space, 0))
        read, write = self._read(i.operands[1], KINDS["u64"]), self._write(i.operands[0])
        back = "to" in i.name
        return lambda some: write(some, read(some) - base if back else read(some) + base)

    # ------------------------------------------------------------ memory

    def _place(self, i: Instruction, text: str) -> Callable[[Any], tuple[Space, Any]]:
        """Return a function that gives the space of an operand in brackets, and the places in it."""
        base, _, more = text.strip("[]").replace(" ", "").partition("+")
        read, offset = self._read(base, KINDS["u64"]), np.int64(int(more or "0"))
        named = next((p for p in i.name if p in {"global", "shared", "local", "const"}), "")
        lanes = self.lanes

        def place(some: Any) -> tuple[Space, Any]:
            address = read(some).astype(np.int64) + offset
            space = named
            if not space:
                kinds = np.where(address >= LOCAL, 2, np.where(address >= SHARED, 1, 0))
                if kinds.min() != kinds.max():
                    raise NotImplementedError("threads that read in different spaces at once")
                space = ("global", "shared", "local")[int(kinds[0])]
                address = address - (0, SHARED, LOCAL)[int(kinds[0])]
            if space in {"global", "const"}:
                return self.memory, address - FIRST
            owner, size = (lanes.block, lanes.shared_size) if space == "shared" else (None, lanes.local_size)
            if ((address < 0) | (address >= size)).any():
                raise Fault(f"{i}: {space} memory has {size} bytes")
            if owner is None:
                owner = np.arange(lanes.count)
            return getattr(lanes, space), address + size * (owner if some is None else owner[some])

        return place

    def _load(self, i: Instruction) -> Step:
        kind = KINDS[i.name[-1]]
        if "param" in i.name:
            name = i.operands[1].strip("[] ").removesuffix("+0")
            if name in self.registers:  # of a call
                return self._move(Instruction(("mov", i.name[-1]), (i.operands[0], name)))
            value, write = self.params[name].astype(kind), self._write(i.operands[0])
            return lambda some: write(some, np.full(self.lanes.count if some is None else len(some), value))
        names = i.operands[0].strip("{}").split(",")
        writes, place = [self._write(n.strip()) for n in names], self._place(i, i.operands[1])

        def run(some: Any) -> None:
            space, at = place(some)
            for write, value in zip(writes, self._told(i, space.load, at, kind, len(writes), some), strict=True):
                write(some, value)

        return run

    def _store(self, i: Instruction) -> Step:
        kind = KINDS[i.name[-1]]
        if "param" in i.name:
            name = i.operands[0].strip("[] ").removesuffix("+0")
            return self._move(Instruction(("mov", i.name[-1]), (name, i.operands[1])))
        reads = [self._read(n, kind) for n in i.operands[1].strip("{}").split(",")]
        place = self._place(i, i.operands[0])

        def run(some: Any) -> None:
            space, at = place(some)
            self._told(i, space.store, at, [r(some) for r in reads], some)

        return run

    def _told(self, i: Instruction, act: Callable[..., Any], *given: Any) -> Any:
        """Read or write, and name the instruction where memory refuses."""
        *given_, some = given
        try:
            return act(*given_, self.lanes.who(some))
        except Fault as fault:
            raise Fault(f"{self.program.name}: {i}: {fault}") from None

    def _shuffle(self, i: Instruction) -> Step:
        how = i.name[2]
        target, _, valid = (p.strip() for p in i.operands[0].partition("|"))
        value, by, bounds = (self._read(o, KINDS["u32"]) for o in i.operands[1:4])
        write, flag = self._write(target), self._write(valid or "_")
        lanes = self.lanes
        warps, lane = np.arange(lanes.count) // WARP, np.arange(lanes.count) % WARP

        def run(some: Any) -> None:
            chosen = np.arange(lanes.count) if some is None else some
            if len(chosen) % WARP or (np.bincount(warps[chosen], minlength=1)[warps[chosen]] != WARP).any():
                raise Fault(f"{self.program.name}: {i}: a shuffle without all threads of a warp")
            mine, apart = lane[chosen], by(some).astype(np.int64)
            last = (bounds(some) & np.uint32(31)).astype(np.int64)
            source = {"down": mine + apart, "up": mine - apart, "bfly": mine ^ apart, "idx": apart}[how]
            inside = source >= last if how == "up" else source <= last
            whole = np.zeros(lanes.count, np.uint32)
            whole[chosen] = value(some)
            write(some, whole[np.where(inside, source, mine) + warps[chosen] * WARP])
            flag(some, inside)

        return run

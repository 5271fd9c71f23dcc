"""What instructions read and write: registers, numbers, parameters, addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tests.kernels.cuda.ptx.lanes import Lanes
from tests.kernels.cuda.ptx.memory import Global
from tests.kernels.cuda.ptx.reader import BYTES, Program
from tests.kernels.cuda.ptx.scalar import KINDS


class Operands:
    """Registers, parameters and addresses of a program, for the threads of some blocks."""

    def __init__(self, program: Program, memory: Global, lanes: Lanes, values: Sequence[Any]) -> None:
        self.program, self.memory, self.lanes = program, memory, lanes
        self.registers = {
            name: np.zeros(lanes.count, bool if kind == "pred" else KINDS[f"u{8 * BYTES[kind]}"])
            for name, kind in program.registers.items()
        }
        self.params = {n: _number(v, KINDS[k]) for (n, k), v in zip(program.params.items(), values, strict=True)}
        self.carry = np.zeros(lanes.count, bool)
        self.addresses: dict[str, int] = {}
        self._lay_out()

    def _lay_out(self) -> None:
        """Give each variable its address."""
        sizes = {"shared": 0, "local": 0}
        for v in self.program.variables:
            if v.space in sizes:
                at = sizes[v.space] + -sizes[v.space] % v.align
                self.addresses[v.name], sizes[v.space] = at, at + v.size
            else:
                self.addresses[v.name] = self.memory.take(v.size)
                self.memory.put(self.addresses[v.name], v.values or bytes(v.size))
        self.lanes.shared_size, self.lanes.local_size = (n + -n % 16 for n in sizes.values())

    def _read(self, text: str, kind: Any) -> Callable[[Any], Any]:
        """Return a function that gives an operand's values."""
        text = text.strip()
        if text in self.registers:
            register = self._seen(text, kind)
            return lambda some: register if some is None else register[some]
        if (special := self.lanes.special(text)) is not None:
            return lambda some: (special() if some is None else special()[some]).astype(kind)
        number = np.full(self.lanes.count, self._number(text, kind))
        return lambda some: number if some is None else number[some]

    def _seen(self, name: str, kind: Any) -> Any:
        """Return a register as numbers of a type; of a wider one the lower part."""
        register = self.registers[name]
        if register.dtype == bool or register.dtype.itemsize == kind.itemsize:
            return register.view(kind)
        if register.dtype.itemsize < kind.itemsize:
            raise NotImplementedError(f"{name} read as {kind}")
        return register.view(kind)[:: register.dtype.itemsize // kind.itemsize]

    def _number(self, text: str, kind: Any) -> Any:
        if found := re.fullmatch(r"0[fFdD]([0-9A-Fa-f]+)", text):
            data = np.array(int(found[1], 16), np.uint32 if len(found[1]) == 8 else np.uint64)
            return data.view(np.float32 if data.dtype == np.uint32 else np.float64).astype(kind)
        if text in self.addresses:
            return np.array(self.addresses[text]).astype(kind)
        if np.dtype(kind).kind == "f":
            raise NotImplementedError(f"{text} as a floating-point number")
        return _number(int(text, 0), kind)

    def _write(self, name: str) -> Callable[[Any, Any], None]:
        """Return a function that puts values into a register, which may be wider than they are."""
        if name == "_":
            return lambda some, values: None
        register = self.registers[name]

        def write(some: Any, values: Any) -> None:
            if values.dtype != register.dtype:
                if values.dtype.itemsize != register.dtype.itemsize:
                    signed = values.dtype.kind == "i"
                    values = values.astype(np.dtype(f"{'i' if signed else 'u'}{register.dtype.itemsize}"))
                values = values.view(register.dtype)
            register[slice(None) if some is None else some] = values

        return write

    def _predicate(self, text: str) -> Callable[[Any], Any]:
        read = self._read(text.removeprefix("!"), KINDS["pred"])
        return (lambda some: ~read(some)) if text.startswith("!") else read


def _number(value: Any, kind: Any) -> Any:
    """Return a number of a type; of an integer its lower bits."""
    if kind.kind in "fb":
        return np.array(value, kind)
    bits = 8 * kind.itemsize
    return np.array(int(value) % (1 << bits), f"u{kind.itemsize}").view(kind)

"""What is counted in the PTX of a kernel.

- **loads, stores**: instructions on global memory in the whole text, each copy that the compiler made of a loop among
  them; an address whose kind the compiler does not know counts as global.
- **a place**: what the innermost loops load and store for one place of their index, "3+2" for three loads and two
  stores. numba's loops test once for each place whether there are more to come (`setp.gt.s64 COUNT, 0`), so that the
  number of these tests in a loop's body says how many places the compiler put into one pass. Where it does not divide
  the loads and stores, the body is not recognisable and shows as `?`. A body with branches shows what all of them have.
  A loop over pieces of a row, whose values threads keep in registers, shows what a piece loads and stores: 16 places,
  or 8 of two arrays; loads of what is there from the time before run in the other pieces alone.
  Loops that touch no global memory are left out, and figures that repeat one after the other (the loop for what is left
  over after groups of four) are said once.
- **shared**: loads and stores of shared memory, and its bytes. **local**: instructions on local memory, and bytes of
  it: arrays of a thread's own, or what did not fit in registers.
- **barriers**, **shuffles**, **calls**, **atomics**: instructions.
- **declared**: registers of the text by type. They are not what runs: `ptxas` shares them out, and says how many a
  thread has and how many bytes it spills.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from benchmarks.ptx.text import Function, Instruction, functions

#: The columns, in order.
COLUMNS = ("loads", "stores", "a place", "shared", "local", "barriers", "shuffles", "calls", "atomics", "declared")
_SPACES = ("param", "shared", "local", "const")
_DECLARED = re.compile(r"\.reg\s+\.(\w+)\s+%\w+<(\d+)>")
_BYTES = r"\.{space}\s+\.align\s+\d+\s+\.b8\s+[\w$]+\[(\d+)\]"


def figures(text: str) -> dict[str, str]:
    """Return what is counted of a module's text, by column."""
    found = functions(text)
    every = [i for f in found for block in f.blocks for i in block]
    return {
        "loads": str(_moves(every, "ld", "global")),
        "stores": str(_moves(every, "st", "global")),
        "a place": " ".join(_places(found)) or "-",
        "shared": _memory(every, text, "shared"),
        "local": _memory(every, text, "local"),
        "barriers": _count(every, ("bar", "barrier")),
        "shuffles": _count(every, ("shfl",)),
        "calls": _count(every, ("call",)),
        "atomics": _count(every, ("atom", "red")),
        "declared": ", ".join(f"{n} {kind}" for kind, n in sorted(_registers(text).items())),
    }


def _registers(text: str) -> dict[str, int]:
    """Return the registers by type; `%r<27>` declares 26 of them, from 1."""
    found: dict[str, int] = {}
    for kind, count in _DECLARED.findall(text):
        found[kind] = found.get(kind, 0) + int(count) - 1
    return found


def _space(i: Instruction) -> str:
    """Return the memory that a load or store touches."""
    return next((s for s in _SPACES if f".{s}" in i.operation), "global")


def _moves(instructions: Iterable[Instruction], kind: str, space: str) -> int:
    """Return how many numbers are loaded or stored."""
    return sum(i.width for i in instructions if i.operation.split(".")[0] == kind and _space(i) == space)


def _count(instructions: Iterable[Instruction], kinds: tuple[str, ...]) -> str:
    return str(sum(i.operation.split(".")[0] in kinds for i in instructions))


def _memory(every: list[Instruction], text: str, space: str) -> str:
    size = sum(map(int, re.findall(_BYTES.format(space=space), text)))
    counts = [_moves(every, kind, space) for kind in ("ld", "st")]
    return f"{counts[0]}+{counts[1]}, {size} B" if size or any(counts) else "0"


def _places(found: Iterable[Function]) -> list[str]:
    said = [f for function in found for loop in function.loops if (f := _place(function, loop))]
    return [text for text, _ in groupby(said)]


def _place(function: Function, loop: frozenset[int]) -> str:
    """Return what a loop loads and stores for one place; nothing where it touches no global memory."""
    body = [i for k in sorted(loop) for i in function.blocks[k]]
    moves = [_moves(body, kind, "global") for kind in ("ld", "st")]
    if not any(moves):
        return ""
    copies = sum(i.operation == "setp.gt.s64" and i.operands.endswith(", 0") for i in body)
    if not copies or any(m % copies for m in moves):
        return "?"
    return f"{moves[0] // copies}+{moves[1] // copies}"

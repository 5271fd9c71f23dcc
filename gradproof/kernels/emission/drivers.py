"""How a region is run: its function, which shares its work among threads, and the lines that call it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr

from gradproof.derive.index import Index
from gradproof.kernels.emission.addresses import MANY, Shaped, by_address, shape_text
from gradproof.kernels.emission.frame import words_in
from gradproof.kernels.emission.heads import buffers
from gradproof.kernels.emission.kit import Kit
from gradproof.kernels.emission.reductions import part_axes, part_name
from gradproof.kernels.emission.regions import RegionEmitter, Written
from gradproof.kernels.emission.work import region_work
from gradproof.kernels.emission.writing import RegionWriter
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Plan, Region
from gradproof.kernels.planner.walk import products, statements

_JOIN = {"sum": "", "max": ", np.maximum", "min": ", np.minimum"}
_EMPTY = {"sum": "np.zeros({shape})", "max": "np.full({shape}, -np.inf, real)", "min": "np.full({shape}, np.inf, real)"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One region in the function that the caller sees.

    Attributes:
        lines: what stands there; they name arrays, sizes and numbers as the function does.
        threads: do they need the number of threads?
        returned: names of the tensors that are single numbers.
    """

    lines: tuple[str, ...]
    threads: bool
    returned: tuple[str, ...]


def stages(kit: Kit, plan: Plan, writer: RegionWriter) -> tuple[Stage, ...]:
    """Write the functions of all regions, and return how they are called in turn."""
    return tuple(_Stage(kit, region, writer).stage() for region in _joined(plan.regions))


def _joined(regions: tuple[Region, ...]) -> list[Region]:
    """Return the regions, neighbours that one thread runs put together."""
    out: list[Region] = []
    for region in map(_undivided, regions):
        if out and region.index is None and out[-1].index is None:
            out[-1] = replace(out[-1], body=(*out[-1].body, *region.body))
        else:
            out.append(region)
    return out


def _undivided(region: Region) -> Region:
    """Return a region that one thread runs where the position of a maximum over all stretches is looked for."""
    whole = any(s.kind.startswith("arg") and region.index in s.reduced for s in _statements(region))
    return replace(region, index=None, beside=None) if whole else region


class _Stage:
    def __init__(self, kit: Kit, region: Region, writer: RegionWriter) -> None:
        self.kit, self.region, self.writer, self.scope = kit, region, writer, kit.scope
        self.written: Written = RegionEmitter(kit, region, writer).write()
        self.parts = [(s, part_name(self.scope, kit.places.array(s.name))) for s in self.written.parts]

    def stage(self) -> Stage:
        """Return the lines that run the region."""
        if self.region.index is None:
            return self._alone()
        name, taken, arguments = self._rows(self.region.index)
        sums = f", sums={len(self.parts)}" if self.parts else ""
        lines = [f"parts = parts_for({self._size(self.region.index)}, {self._work()}, threads{sums})"]
        lines += [f"{part} = {self._empty(s)}" for s, part in self.parts]
        lines += taken
        lines.append(f"shared_out({', '.join([name, 'parts', *arguments])})")
        lines += [self._join(s, part) for s, part in self.parts]
        return Stage(tuple(lines), True, tuple(s.name for s, _ in self.parts if not s.free))

    # ---------------------------------------------------------------- one thread

    def _alone(self) -> Stage:
        names = [self.kit.places.array(n) for n in self.written.returned]
        lines = [*self.written.lines, *([f"return {', '.join(names)}"] if names else [])]
        arguments = self._known(lines)
        decorator = self.kit.decorator(arguments, sums=self.written.sums)
        helper = self.kit.add(self.kit.function_name(self._name("steps")), arguments, tuple(lines), decorator)
        call = f"{helper.name}({', '.join(arguments)})"
        rounded = [n for n in self.written.returned if not self.kit.places.plan.storage[n].wide]
        out = [f"{', '.join(names)} = {call}" if names else call]
        # numba gives a float back: what a later function gets keeps its type.
        out += [f"{self.kit.places.array(n)} = real({self.kit.places.array(n)})" for n in rounded]
        return Stage(tuple(out), False, self.written.returned)

    def _name(self, wish: str) -> str:
        return f"{self.kit.name}_{wish}"

    def _known(self, lines: list[str]) -> tuple[str, ...]:
        """Return what the lines name that stands in the caller's function too, as they appear; sizes come last."""
        fixed = (self.scope.fixed | {name for _, name in self.parts}) - self.written.made - self._locals()
        sizes = {self.scope.names[s] for s in self.kit.places.plan.program.system.sizes}
        return tuple(sorted((w for w in words_in(lines) if w in fixed), key=sizes.__contains__))

    def _locals(self) -> set[str]:
        """Return the names of tensors that are kept in local names alone."""
        places, storage = self.kit.places, self.kit.places.plan.storage
        alone = {n for n, s in storage.items() if s.local or (s.shape and places.is_scalar(n))}
        return {places.array(n) for n in alone | set(buffers(self.region, places))}

    # ---------------------------------------------------------------- threads

    def _rows(self, index: Index) -> tuple[str, list[str], tuple[str, ...]]:
        """Write the function that does one part of the work, or all on threads.

        Returns its name, the lines that a call needs before it, and its arguments.
        """
        n = self.writer.tight_integer(self._extent(index))
        lines = [f"lo, hi = {n}*part//parts, {n}*(part + 1)//parts"]
        lines += [f"{part} = cut({part}, part)" for s, part in self.parts if s.free]
        lines += [f"clear({part})" for s, part in self.parts if self._of_products(s)]
        lines += self.written.lines
        lines += [f"{part}[part] = {self.kit.places.array(s.name)}" for s, part in self.parts if not s.free]
        arguments, taken = self._known(lines), list[str]()
        shaped = self._shaped()
        arrays = {a: shaped[a] for a in arguments if a in shaped}
        if len(arrays) >= MANY:
            taken, made = by_address(arrays)
            lines = [*made, *lines]
            arguments = ("addresses", *(a for a in self._known(lines) if a not in arrays))
        name = self.kit.function_name(self._name(f"{self._what()}_rows"))
        decorator = self.kit.decorator(arguments, sums=self.written.sums)
        lines = ["if part < 0:", "    everywhere(part, parts)", "    return", *lines]
        self.kit.add(name, (*arguments, "part", "parts"), tuple(lines), decorator)
        return name, taken, arguments

    def _shaped(self) -> dict[str, Shaped]:
        """Return how all arrays look that a function may get."""
        places, storage = self.kit.places, self.kit.places.plan.storage
        found = {}
        for name in (n for n, s in storage.items() if s.shape and not s.local and not places.is_scalar(n)):
            number = "np.int64" if storage[name].integer else "np.float64" if storage[name].wide else "real"
            if not places.plan.places[name].strips:
                shape = shape_text(map(self.writer.integer, places.extents(name)))
                found[places.array(name)] = Shaped(shape, number)
        for s, part in self.parts:
            shape = shape_text(("parts", *(self.writer.integer(i.size) for i in part_axes(s))))
            found[part] = Shaped(shape, "real" if "real" in self._empty(s) else "np.float64")
        return found

    def _what(self) -> str:
        names = dict.fromkeys(self.scope.tensor(s.name) for s in _statements(self.region))
        return "_".join(list(names)[:2]) or "rows"

    def _size(self, index: Index) -> str:
        return self.writer.integer(self._extent(index))

    def _extent(self, index: Index) -> Expr:
        """Return how many places threads share: those of the index, or pairs of it and another."""
        beside = self.region.beside
        return index.size if beside is None else index.size * beside.size

    def _work(self) -> str:
        terms = [f"{cost:.2g}*{self.writer.tight_integer(times)}" for cost, times in region_work(self.region)]
        return " + ".join(t.removeprefix("1*") for t in terms) or "0"

    # ---------------------------------------------------------------- parts

    def _of_products(self, s: Statement) -> bool:
        """Is it an array of matrix products? Parts are of the module's type; a thread clears its own."""
        return bool(s.free) and any(d.statement is s for node in self.region.body for d in products(node))

    def _empty(self, s: Statement) -> str:
        """Return the parts before anything is in them."""
        shape = self._part_shape(s)
        return f"empty({shape}, real)" if self._of_products(s) else _EMPTY[s.kind].format(shape=shape)

    def _part_shape(self, s: Statement) -> str:
        sizes = [self.writer.integer(i.size) for i in part_axes(s)]
        return f"({', '.join(['parts', *sizes])})" if sizes else "parts"

    def _join(self, s: Statement, part: str) -> str:
        name, wide = self.kit.places.array(s.name), self.kit.places.plan.storage[s.name].wide
        joined = f"join({part}{_JOIN[s.kind]}{', kind=np.float64' if wide else ''})"
        if not s.free:
            return f"{name} = {joined}"
        access = self.kit.places.access(s.target)
        cuts = []
        for slot, place in zip(access.slots, access.indices, strict=True):
            first = slot - place
            if not isinstance(place, Index):
                cuts.append(self.writer.integer(slot))
            elif first == 0:
                cuts.append(f":{self.writer.integer(place.size)}")
            else:
                cuts.append(f"{first}:{self.writer.integer(first + place.size)}")
        whole = access.slots == access.indices == part_axes(s)
        if whole and not wide and self._of_products(s):
            return f"join_products({part}, {name})"
        return f"{name}[{'...' if whole else ', '.join(cuts)}] = {joined}"


def _statements(region: Region) -> list[Statement]:
    return [s for node in region.body for s in (*statements(node), *(d.statement for d in products(node)))]

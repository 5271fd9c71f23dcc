"""How a region is run: its function, the driver that shares it among threads, and the lines that call them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr

from gradproof.derive.index import Index
from gradproof.kernels.emission.frame import words_in
from gradproof.kernels.emission.kit import PARALLEL, UNCACHED, Kit
from gradproof.kernels.emission.reductions import part_axes, part_name
from gradproof.kernels.emission.regions import RegionEmitter, Written, buffers
from gradproof.kernels.emission.sums import products, statements
from gradproof.kernels.emission.work import region_work
from gradproof.kernels.emission.writing import RegionWriter
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Plan, Region, Row

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
        multiplies = any(True for node in self.region.body for _ in products(node))
        driver, arguments, whole = self._driver(self.region.index, multiplies)
        call = f"({', '.join([*arguments, 'parts'])})"
        least = ", WAKE" if multiplies else ""
        lines = [f"parts = parts_for({self._size(self.region.index)}, {self._work()}, threads{least})"]
        lines += [f"{name} = {self._empty(s)}" for s, name in self.parts]
        if not whole:
            lines.append(f"{driver if multiplies else f'on({driver}, parts)'}{call}")
        else:
            lines += ["if parts == 1:", f"    {whole}", "else:", f"    {driver}{call}"]
        lines += [self._join(s, name) for s, name in self.parts]
        return Stage(tuple(lines), True, tuple(s.name for s, _ in self.parts if not s.free))

    # ---------------------------------------------------------------- one thread

    def _alone(self) -> Stage:
        names = [self.kit.places.array(n) for n in self.written.returned]
        lines = [*self.written.lines, *([f"return {', '.join(names)}"] if names else [])]
        arguments = self._known(lines)
        helper = self.kit.helper(self._name("steps"), arguments, tuple(lines), sums=self.written.sums)
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

    def _driver(self, index: Index, multiplies: bool) -> tuple[str, tuple[str, ...], str]:
        """Write the driver and the function of a stretch, where that is more than a call; return the driver, its
        arguments, and the call that does all of the work on one thread, where that is a call by itself.

        The driver of a region that multiplies matrices is plain Python: threads are woken in a time that is nothing
        beside the products, and numba would take seconds to compile it.
        """
        n = self.writer.tight_integer(self._extent(index))
        stretch = f"{n}*part//parts", f"{n}*(part + 1)//parts"
        numbers = [(self.kit.places.array(s.name), name) for s, name in self.parts if not s.free]
        arrays = [name for s, name in self.parts if s.free]
        if len(self.written.lines) == 1 and isinstance(self.region.body[0], Row):
            lines = [f"lo, hi = {', '.join(stretch)}", *self.written.lines]
            lines += [f"{sums}[part] = {name}" for name, sums in numbers]
        else:
            lines = [self._stretch_call(numbers, arrays, stretch)]
        whole = "" if self.parts or multiplies else _unshared(lines, stretch, n)
        if multiplies:
            lines = ["def stretch(part):", *[f"    {line}" for line in lines], "on_threads(stretch, parts)"]
        else:
            lines = ["for thread in prange(parts):", "    part = np.int64(thread)", *[f"    {line}" for line in lines]]
        arguments = self._known(lines)
        name = self.kit.function_name(self._name(f"{self._what()}_threads"))
        decorator = UNCACHED if self.scope.functions & set(arguments) else PARALLEL
        self.kit.add(name, (*arguments, "parts"), tuple(lines), "" if multiplies else decorator)
        return name, arguments, whole

    def _what(self) -> str:
        names = dict.fromkeys(self.scope.tensor(s.name) for s in _statements(self.region))
        return "_".join(list(names)[:2]) or "rows"

    def _stretch_call(self, numbers: list[tuple[str, str]], arrays: list[str], stretch: tuple[str, str]) -> str:
        names = [name for name, _ in numbers]
        lines = [*self.written.lines, *([f"return {', '.join(names)}"] if names else [])]
        arguments = (*self._known(lines), "lo", "hi")
        name = self.kit.function_name(self._name(f"{self._what()}_rows"))
        decorator = self.kit.decorator(arguments, sums=self.written.sums)
        self.kit.add(name, arguments, tuple(lines), decorator)
        given = [f"{a}[part]" if a in arrays else a for a in arguments[:-2]]
        call = f"{name}({', '.join([*given, *stretch])})"
        return f"{', '.join(f'{sums}[part]' for _, sums in numbers)} = {call}" if numbers else call

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

    def _empty(self, s: Statement) -> str:
        """Return the parts before anything is in them; sums of matrix products run in the module's type."""
        text = _EMPTY[s.kind].format(shape=self._part_shape(s))
        by_products = any(d.statement is s for node in self.region.body for d in products(node))
        return f"{text[:-1]}, real)" if by_products else text

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
        return f"{name}[{'...' if whole else ', '.join(cuts)}] = {joined}"


def _unshared(lines: list[str], stretch: tuple[str, str], n: str) -> str:
    """Return the call for the whole instead of a stretch; "" where the lines are more than one call."""
    *before, call = lines
    if len(before) > 1 or not call.endswith(")") or "=" in call:
        return ""
    text = call.replace("[lo:hi]", f"[:{n}]") if before else call.replace(", ".join(stretch), f"0, {n}")
    return "" if {"lo", "hi", "part"} & set(words_in([text])) else text


def _statements(region: Region) -> list[Statement]:
    return [s for node in region.body for s in (*statements(node), *(d.statement for d in products(node)))]

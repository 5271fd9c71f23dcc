"""The function that a caller sees: it checks, makes the arrays, and runs region after region."""

from __future__ import annotations

from gradproof.kernels.breaking import broken, wrapped
from gradproof.kernels.emission.docstrings import documented
from gradproof.kernels.emission.drivers import Stage, stages
from gradproof.kernels.emission.inplace import in_place, strips_in_place
from gradproof.kernels.emission.kit import Kit
from gradproof.kernels.emission.places import Places
from gradproof.kernels.emission.sums import made_lengths, strip_lengths
from gradproof.kernels.emission.writing import RegionWriter
from gradproof.kernels.emit import Body
from gradproof.kernels.planner.tree import Plan
from gradproof.kernels.wrapper import Wrapper, Wrapping


class KernelText(Wrapping):
    """The text of one kernel: the functions of its regions, and the function around them."""

    def __init__(self, plan: Plan, name: str, kit: Kit, stages: tuple[Stage, ...], body: Body) -> None:
        super().__init__(plan, name, kit.scope, body)
        self.kit, self.stages, self.places = kit, stages, kit.places
        arrays = (n for n in self.made if plan.places[n].kind == "array" and not kit.places.is_scalar(n))
        self.made = tuple(n for n in arrays if n not in kit.places.instead)

    def _check_out(self, results: tuple[str, ...]) -> list[str]:
        arrays = [r for r, n in zip(results, self.program.outputs, strict=True) if self.nest.storage[n].shape]
        names = ", ".join(f'"{r}"' for r in arrays)
        inputs = ", ".join(f'"{t.name}": {self.scope.tensor(t.name)}' for t in self.inputs if t.shape)
        check = f"check_out(out, ({names}{',' if len(arrays) == 1 else ''}), {{{inputs}}})"
        return ["if out is not None:", *broken([f"    {check}"])]

    def _key(self, name: str) -> str:
        """Return the name by which the caller knows a result."""
        return dict(self.program.updated).get(name, name)

    def _returned(self, name: str) -> str:
        """Return the text of a result."""
        return self.places.array(name) if name in self.places.instead else super()._returned(name)

    def _is_direct(self, name: str) -> bool:
        """Is a result computed in the array that the caller may give?"""
        storage = self.nest.storage[name]
        rows = any(storage.low) or any(storage.high)
        updated = name in dict(self.program.updated)  # its array may be the old value's, which is still read
        return name in self.program.outputs and not rows and not updated and not storage.integer and not storage.wide

    def _makes(self) -> list[str]:
        """Return the lines that make the arrays: outputs, and what regions hand on, of the axes that are kept."""
        lines = []
        for name in self.made:
            storage, extents = self.nest.storage[name], self.places.extents(name)
            shape = f"({self._axis_names(extents)}{',' if len(extents) == 1 else ''})"
            kind = "np.int64" if storage.integer else "np.float64" if storage.wide else "real"
            rows = any(storage.low) or any(storage.high)
            made = f"unknown({shape})" if rows else f"empty({shape}, {kind})"
            if self._is_direct(name):
                made = f'output(out, "{self._key(name)}", {shape})'
            lines.append(f"{self.scope.tensor(name)} = {made}")
        return lines + [
            f'{self.scope.tensor(old)} = updated(out, "{self._key(new)}", {self.scope.tensor(old)})'
            for new, old in self.places.instead.items()
            if new in dict(self.program.updated)
        ]

    def compiled(self) -> str:
        """Return the functions of the regions."""
        return "\n\n\n".join(documented(self.kit.helpers, self.program))

    def function(self, results: tuple[str, ...]) -> str:
        """Return the function that checks, makes arrays, and runs region after region."""
        star = [] if "*" in self._arguments() else ["*"]
        lines = wrapped(f"def {self.name}(", [*self._arguments(), *star, "out=None", "threads=None"], "):")
        body = [*self._docstring(results), *self._check_out(results), *self._conversions(), *self._sizes()]
        body += [*self._checks(), *self._reads(), *broken(self._makes())]
        body += broken(line for stage in self.stages for line in stage.lines)
        returned = [f'"{key}": {self._returned(n)}' for key, n in zip(results, self.program.outputs, strict=True)]
        body += wrapped("results = {", returned, "}")
        body.append("return results if out is None else handed(out, results)")
        return "\n".join([*lines, *[f"    {line}".rstrip() for line in body]])


def write_kernel(plan: Plan, name: str) -> tuple[Body, Wrapper]:
    """Return the functions of a kernel: those of its regions, and the one around them."""
    from gradproof.kernels.scope import Scope

    scope = Scope(plan)
    lengths = strip_lengths(plan)
    scope.own = frozenset(scope.names.name(n, "strip_rows") for n in made_lengths(plan))
    kit = Kit(name, Places(plan, scope, in_place(plan) | strips_in_place(plan), lengths=lengths))
    writer = RegionWriter(kit.places)
    made = stages(kit, plan, writer)
    body = Body((), frozenset(writer.used), tuple(sorted(writer.unknown)))
    return body, KernelText(plan, name, kit, made, body).wrapper()

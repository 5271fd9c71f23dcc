"""The function that a caller sees: it checks, makes the arrays, and runs region after region."""

from __future__ import annotations

from gradproof.kernels.emission.drivers import Stage, stages
from gradproof.kernels.emission.kit import Kit
from gradproof.kernels.emission.places import Places
from gradproof.kernels.emission.sums import strip_lengths
from gradproof.kernels.emission.writing import RegionWriter
from gradproof.kernels.emit import Body
from gradproof.kernels.planner.tree import Plan
from gradproof.kernels.wrapper import Wrapper, Wrapping, broken, wrapped


class FastWrapping(Wrapping):
    """The text of one kernel: the functions of its regions, and the function around them."""

    def __init__(self, plan: Plan, name: str, kit: Kit, stages: tuple[Stage, ...], body: Body) -> None:
        super().__init__(plan, name, kit.scope, body)
        self.kit, self.stages, self.places = kit, stages, kit.places
        self.made = tuple(n for n in self.made if plan.places[n].kind == "array" and not kit.places.is_scalar(n))

    def _makes(self) -> list[str]:
        """Return the lines that make the arrays: outputs, and what regions hand on, of the axes that are kept."""
        lines = []
        for name in self.made:
            storage, extents = self.nest.storage[name], self.places.extents(name)
            shape = f"({self._axis_names(extents)}{',' if len(extents) == 1 else ''})"
            kind = "np.int64" if storage.integer else "np.float64" if storage.wide else "real"
            rows = any(storage.low) or any(storage.high)
            made = f"np.full({shape}, np.nan, real)" if rows else f"np.empty({shape}, {kind})"
            lines.append(f"{self.scope.tensor(name)} = {made}")
        return lines

    def _loops(self) -> str:
        return "\n\n\n".join(h.text for h in self.kit.helpers)

    def _function(self, results: tuple[str, ...]) -> str:
        star = [] if "*" in self._arguments() else ["*"]
        lines = wrapped(f"def {self.name}(", [*self._arguments(), *star, "threads=None"], "):")
        body = [*self._docstring(results), *self._conversions(), *self._sizes(), *self._checks(), *self._reads()]
        body += self._makes()
        body += broken(line for stage in self.stages for line in stage.lines)
        returned = [f'"{key}": {self._returned(n)}' for key, n in zip(results, self.program.outputs, strict=True)]
        body += wrapped("return {", returned, "}")
        return "\n".join([*lines, *[f"    {line}".rstrip() for line in body]])


def write_kernel(plan: Plan, name: str) -> tuple[Body, Wrapper]:
    """Return the functions of a kernel: those of its regions, and the one around them."""
    from gradproof.kernels.scope import Scope

    scope = Scope(plan)
    kit = Kit(name, Places(plan, scope, {}, lengths=strip_lengths(plan)))
    writer = RegionWriter(kit.places)
    made = stages(kit, plan, writer)
    body = Body((), frozenset(writer.used), tuple(sorted(writer.unknown)))
    return body, FastWrapping(plan, name, kit, made, body).wrapper()

"""The function that a caller sees."""

from __future__ import annotations

from gradproof.derive.divisors import divisors
from gradproof.derive.model import Tensor
from gradproof.errors import NotYet
from gradproof.kernels.breaking import broken, wrapped
from gradproof.kernels.cuda.assembly import Assembly, kind_of
from gradproof.kernels.cuda.device_writer import DeviceWriter
from gradproof.kernels.cuda.fission import steps_of
from gradproof.kernels.cuda.flattened import flattened
from gradproof.kernels.cuda.half import HELD, halved, multiplied_with_others
from gradproof.kernels.cuda.homes import Homes, homes
from gradproof.kernels.cuda.host import Host
from gradproof.kernels.cuda.kernels import Kernel
from gradproof.kernels.cuda.lengths import bounded, with_lengths
from gradproof.kernels.cuda.online import online
from gradproof.kernels.cuda.passes import passed
from gradproof.kernels.cuda.products import operand_name
from gradproof.kernels.cuda.recomputed import recomputed, tidied
from gradproof.kernels.cuda.walks import walked
from gradproof.kernels.emission.inplace import in_place
from gradproof.kernels.emission.places import Places
from gradproof.kernels.emission.sums import strip_lengths
from gradproof.kernels.emit import Body
from gradproof.kernels.planner.tree import Plan
from gradproof.kernels.scope import Scope
from gradproof.kernels.wrapper import Wrapper, Wrapping

_OPTIONS = {
    "out": "    out: {name: array} on the device for results that are to stand in arrays of the caller's",
    "threads": "    stream: where everything is queued (numba's, PyTorch's, CuPy's, a handle); nothing waits for it",
}
_EMPTY = "    empty: makes all new arrays, as cupy.empty does: empty(shape, dtype); else they are numba's"


class CudaText(Wrapping):
    """The text of one kernel for a device: those of its launches, and the function around them."""

    def __init__(self, plan: Plan, name: str, host: Host, found: Homes, given: frozenset[str]) -> None:
        body = Body((), frozenset(host.writer.used), ())
        super().__init__(plan, name, host.places.scope, body)
        self.host, self.half, self.given = host, host.writer.half, given
        self.instead = in_place(plan)
        self.mixed = multiplied_with_others(host.steps, self.half)
        self.made = tuple(
            n for n, p in plan.places.items()
            if p.kind == "array" and n not in self.program.inputs and n not in found.own | found.local
        )  # fmt: skip

    def compiled(self) -> str:
        """Return the kernels of the launches."""
        return "\n\n\n".join(k.text for k in self.host.kernels)

    def function(self, results: tuple[str, ...]) -> str:
        """Return the function that checks, makes arrays, and launches kernel after kernel."""
        star = [] if "*" in self._arguments() else ["*"]
        options = ["out=None", "stream=0", "empty=None"]
        lines = wrapped(f"def {self.name}(", [*self._arguments(), *star, *options], "):")
        body = [*self._docstring(results), *self._conversions(), *self._sizes(), *self._options(results)]
        body += [*self._checks(), *self._reads(), *self.host.strip_lines(), *self._makes(), *broken(self.host.lines)]
        returned = [f'"{key}": {self._returned(n)}' for key, n in zip(results, self.program.outputs, strict=True)]
        body += wrapped("return {", [*returned, "**(out or {})"], "}")
        return "\n".join([*lines, *[f"    {line}".rstrip() for line in body]])

    def _docstring(self, results: tuple[str, ...]) -> list[str]:
        lines = [_OPTIONS.get(line.split(":", 1)[0].strip(), line) for line in super()._docstring(results)]
        lines.insert(lines.index(_OPTIONS["threads"]) + 1, _EMPTY)
        return lines

    def _options(self, results: tuple[str, ...]) -> list[str]:
        """Return the lines that look at what the caller says of results and memory."""
        keys = ", ".join(f'"{r}"' for r in results)
        arrays = [(t.name, self.scope.tensor(t.name)) for t in self.inputs if t.shape]
        named = [f"{n}={text}" for n, text in arrays if n == text]
        others = ", ".join(f'"{n}": {text}' for n, text in arrays if n != text)
        inputs = [*named, *([f"**{{{others}}}"] if others else [])]
        check = f"check_out({', '.join(['out', f'({keys},)' if len(results) == 1 else f'({keys})', *inputs])})"
        return ["if out is not None:", *broken([f"    {check}"]), "new = maker(empty, stream)"]

    def _conversions(self) -> list[str]:
        lines = ["stream = as_stream(stream)"]
        for t in self.inputs:
            n, axes = self.scope.tensor(t.name), self._axis_names(t.shape)
            if t.bound is not None and not t.shape:
                lines.append(f'{n} = as_label("{t.name}", {n})')
            elif t.bound is not None:
                lines.append(f'{n} = on_device("{t.name}", {n}, "{axes}", (np.int32, np.int64))')
            elif t.shape:
                kinds = ", (half,)" if t.name in self.given else ""
                lines.append(f'{n} = on_device("{t.name}", {n}, "{axes}"{kinds})')
            else:
                lines.append(f'{n} = as_number("{t.name}", {n})')
        return lines

    def _kind(self, t: Tensor) -> str:
        what = super()._kind(t)
        if t.shape:
            return f"{what} (others give nan)" if t.bound is not None else what
        return what.replace("number", "number of the host") + (" (others give nan)" if t.bound is not None else "")

    def _checks(self) -> list[str]:
        lines = [line for line in super()._checks() if not _is_of_host(line)]
        for t in self.inputs:
            storage, name = self.nest.storage[t.name], self.scope.tensor(t.name)
            if t.name in self.given - self.half:
                lines.append(f"{name} = widened({name}, new, stream)")
            if t.name in self.mixed:
                lines.append(f"{operand_name(self.host.places, t.name)} = operand({name}, new, stream)")
            if any(storage.low[1:]) or any(storage.high[1:]):
                raise NotYet(f"{t.name} with start rows in an inner axis, as an input on CUDA")
            if any(storage.low) or any(storage.high):
                lines.append(f"{name} = with_rows({name}, {storage.low[0]}, {storage.high[0]}, new, stream)")
        return lines

    def _makes(self) -> list[str]:
        """Return the lines that make the arrays: outputs, and what launches hand on."""
        lines = []
        for name in self.made:
            storage, extents = self.nest.storage[name], self.host.places.extents(name)
            shape = f"({self._axis_names(extents)}{',' if len(extents) == 1 else ''})"
            kind = "half" if name in self.half else kind_of(storage)
            text = f"new({shape}{'' if kind == 'real' else f', {kind}'})"
            if self._is_direct(name):
                text = f'output(out, "{self._key(name)}", {shape}, new{"" if kind == "real" else f", {kind}"})'
            lines.append(f"{self.scope.tensor(name)} = {text}")
            if any(storage.low) or any(storage.high):
                lines.append(f"fill({self.scope.tensor(name)}, real(np.nan), stream)")
        return lines

    def _is_direct(self, name: str) -> bool:
        """Is a result computed in the array that the caller may give?"""
        storage = self.nest.storage[name]
        rows = any(storage.low) or any(storage.high)
        updated = name in dict(self.program.updated)  # its array may be the old value's
        kept = name in self.half or name not in self.given
        return name in self.program.outputs and not rows and kept and (not updated or name in self.instead)

    def _key(self, name: str) -> str:
        """Return the name by which the caller knows a result."""
        return dict(self.program.updated).get(name, name)

    def _returned(self, name: str) -> str:
        """Return the text of a result; those with start rows, and new parameters, are copied into the caller's."""
        text, storage = self.scope.tensor(name), self.nest.storage[name]
        if name in self.program.inputs and name in self.given - self.half:
            return f'narrowed(out, "{name}", {text}, new, stream)'
        if name in self.program.inputs:
            shape = f"{text}.shape, new, {text}.dtype.type"
            return f'copied(output(out, "{name}", {shape}), {text}, stream)'
        if self._is_direct(name):
            return text
        cuts = []
        for n, low, high in zip(storage.shape, storage.low, storage.high, strict=True):
            cuts.append(f"{low or ''}:{self.writer.integer(n + low) if high else ''}")
        while cuts and cuts[-1] == ":":
            cuts.pop()
        if len(cuts) > 1:
            raise NotYet(f"the result {name} with start rows in an inner axis, on CUDA")
        # numba-cuda gives what it cuts from an array without entries another shape
        shape = ", ".join(self.writer.integer(n) for n in storage.shape) + ("," if len(storage.shape) == 1 else "")
        cut = f"[{cuts[0]}].reshape(({shape}))" if cuts else ""
        if name in self.given:
            return f'narrowed(out, "{self._key(name)}", {text}{cut}, new, stream)'
        return f'handed(out, "{self._key(name)}", {text}{cut}, stream)'


def _is_of_host(line: str) -> bool:
    """Does a line look at the values of an array, or copy it?"""
    return line.startswith("check_labels") or "np.pad(" in line or line.endswith(".item()")


def write_cuda(plan: Plan, name: str, dtype: str, *, simulated: bool) -> tuple[Body, Wrapper, tuple[Kernel, ...]]:
    """Return the functions of a kernel: those of its launches, and the one around them."""
    plan = with_lengths(plan, simulated=simulated)
    program = plan.program
    steps = steps_of(plan, frozenset(divisors(e.value for e in program.system.definitions)))
    plan, steps = passed(plan, steps, (flattened, online, recomputed, tidied, walked))
    found = homes(plan, steps)
    given, half = frozenset[str](), frozenset[str]()
    if dtype in HELD:
        given, half = halved(plan, steps)
    scope = Scope(found.plan)
    strips = bounded(found.plan, steps, strip_lengths(plan))
    places = Places(found.plan, scope, {}, lengths=strips.lengths)
    writer = DeviceWriter(places, found, half)
    host = Host(places, writer, Assembly(name, places, found, writer), steps, strips)
    host.write()
    if writer.unknown:
        name = min(writer.unknown)
        raise NotYet(f"no CUDA kernel takes a function yet, and {name} is one", hint=f"write {name} out as an equation")
    text = CudaText(found.plan, name, host, found, given)
    return text.body, text.wrapper(), tuple(host.kernels)

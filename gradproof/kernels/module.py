"""A generated module: header, helpers, and for each kernel its loops and the function that a caller sees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from gradproof.derive.bare_exponentials import bare_exponentials
from gradproof.kernels.emission.term_blocks import BLOCK_OF_TERMS
from gradproof.kernels.emit import Body
from gradproof.kernels.equations import numbered_equations, ranges
from gradproof.kernels.mathematics import bounds_text
from gradproof.kernels.plan import Storage
from gradproof.kernels.planner.show import summary
from gradproof.kernels.planner.tree import Plan
from gradproof.kernels.wrapper import Wrapper

#: log of the largest number.
_LARGEST_EXPONENT = {"float32": "88.7", "float64": "709.7"}
_CUDA_BOUNDS = "Errors of CUDA's functions, by a copy of NVIDIA's table (not measured), in units in the last place: {}."
_FAST_BOUNDS = (
    "Fast functions, with errors by copies of NVIDIA's guide (not measured); denormal numbers may count as 0 there:",
    "{}.",
)
_CudaErrors = tuple[str, str, tuple[str, ...]]
#: What is held how, in half precision.
_HALF = {
    dtype: (
        f"Arrays are {dtype}{how}:",
        "widened where they are read, results rounded once, to nearest even.",
        "Numbers without axes, sums and what kernels hand on are float32 or wider.",
    )
    for dtype, how in (("float16", " (`half`)"), ("bfloat16", ", as uint16 with its bits (x.view(torch.uint16))"))
}
_SIMULATED = (
    "`gradproof verify` checks gradients against exact derivatives in balls;",
    "kernels for CUDA are compared with the equations in numba's simulator, and as PTX",
    "that a machine without a GPU runs.",
)
_VERIFIED = (
    "`gradproof verify` checks gradients against exact derivatives in balls, and kernels against the "
    "equations, to rounding."
)


@dataclass(frozen=True)
class Unit:
    """One kernel's part of a module.

    Attributes:
        nest: its plan.
        name: the function's name.
        body: its loops.
        wrapper: the function around them.
    """

    nest: Plan
    name: str
    body: Body
    wrapper: Wrapper

    @property
    def functions(self) -> tuple[tuple[str, str], ...]:
        """Unknown functions: (name, parameter)."""
        return self.wrapper.functions

    @property
    def outline(self) -> tuple[str, ...]:
        """How the work is done, in a few lines."""
        return tuple(summary(self.nest))

    @property
    def parameters(self) -> dict[str, str]:
        """The parameter for each name of the system: {"ŷ": "y_hat"}."""
        return dict(self.wrapper.parameters)


def calls(text: str, name: str) -> bool:
    """Does the text call the function?"""
    return re.search(rf"(?<![\w.]){name}\(", text) is not None


_CPU = "numba on the CPU. This file needs numpy and numba (0.62 or newer) alone."
NEEDS_LITTLE = "This file needs numpy and numba-cuda alone."
_CUDA = f"numba on CUDA.\n{NEEDS_LITTLE}"
_LAUNCHES = (
    "`kernel[blocks, THREADS, stream](...)` queues a launch of so many blocks of THREADS threads, and does not wait:",
    "blocks share places (`stretch` tells each its own), threads share what stands at them, as each kernel says.",
)


def header_text(units: tuple[Unit, ...], dtype: str, title: str, cuda: _CudaErrors | None = None) -> str:
    """Return the module's docstring; `cuda` are bounds of CUDA's functions, of its fast ones and of their sums."""
    from gradproof import __version__

    titles = list(dict.fromkeys(u.nest.program.title for u in units if u.nest.program.title))
    memory, dtype = dtype, "float32" if dtype in _HALF else dtype
    heading = title or (titles[0] if len(titles) == 1 else _nameless(units))
    lines = [
        heading if heading.rstrip().endswith((".", "!", "?")) else f"{heading}.",
        "",
        f"Written by gradproof {__version__}: {memory}, {_CPU if cuda is None else _CUDA}",
        _arithmetic(units, dtype),
        *_HALF.get(memory, ()),
    ]
    if dtype == "float32" and any(_is_squares(n, s) for u in units for n, s in u.nest.storage.items()):
        lines.append("Squares under a root are kept in float64 until the root is taken.")
    if any(u.functions for u in units):
        lines += [
            "Unknown functions are arguments, compiled with numba.njit: phi, and phi_prime for its derivative.",
        ]
    lines += _bounds(units, dtype) if cuda is None else _cuda_bounds(*cuda)
    lines += [*_overflows(units, dtype), *([_VERIFIED] if cuda is None else (*_LAUNCHES, *_SIMULATED))]
    for _, group in groupby(units, key=lambda u: u.nest.program.title):
        lines += ["", *_contents(tuple(group), titled=len(titles) > 1)]
    text = "\n".join(lines).replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{text}\n"""'


def _bounds(units: tuple[Unit, ...], dtype: str) -> list[str]:
    bounds = bounds_text(frozenset[str]().union(*[u.body.forms for u in units]), dtype)
    return [f"Errors of functions, at most, in units in the last place: {bounds}."] if bounds else []


def _cuda_bounds(precise: str, fast: str, sums: tuple[str, ...]) -> list[str]:
    lines = [_CUDA_BOUNDS.format(precise)] if precise else []
    return [*lines, *(line.format(fast) for line in _FAST_BOUNDS if fast), *sums]


def _arithmetic(units: tuple[Unit, ...], dtype: str) -> str:
    own = (
        ("gather", "each 16 rows of those down columns"),
        ("gemm", "those of matrix products"),
        ("window_place", "those over the places of a window"),
    )
    found = [what for name, what in own if any(calls(u.wrapper.loops, name) for u in units)]
    short = dtype == "float32" and any("TERMS" in u.wrapper.loops for u in units)
    found += [f"each {BLOCK_OF_TERMS} exponentials along a row"] if short else []
    found += ["those of matrix products"] if any(calls(u.wrapper.function, "product") for u in units) else []
    but = f", but {' and '.join(found)} in `real`" if found else ""
    return f"Arithmetic is in `real`; sums are accumulated in float64 and rounded once{but}."


def _is_squares(name: str, storage: Storage) -> bool:
    """Is it a sum of squares that is kept in float64, and not a part of a sum, which always is?"""
    return storage.wide and "~" in name and "~row" not in name


def _overflows(units: tuple[Unit, ...], dtype: str) -> list[str]:
    """Return the line that says which exponentials of which equations overflow, and where; none if none does."""
    places: dict[str, list[int]] = {}
    for title, group in groupby(units, key=lambda u: u.nest.program.title):
        of = f" of {title.rstrip('.')}" if title and len({u.nest.program.title for u in units}) > 1 else ""
        bare = {found for u in group for found in bare_exponentials(u.nest.program.system, u.nest.program.equations)}
        for number, name in sorted(bare):
            places.setdefault(f"{name}(...) in {{}}{of}", []).append(number)
    limit = _LARGEST_EXPONENT[dtype]
    return [f"{what.format(ranges(numbers))} overflows above {limit}." for what, numbers in places.items()]


def _nameless(units: tuple[Unit, ...]) -> str:
    return f"{len(units)} kernels" if len(units) > 1 else f"Kernel of {', '.join(units[0].wrapper.results)}"


def _contents(units: tuple[Unit, ...], *, titled: bool) -> list[str]:
    """Return the equations that the kernels of one system share, and for each kernel what it computes by which."""
    texts = dict.fromkeys(t for u in units for t in numbered_equations(u.nest.program.shown, u.nest.program.source))
    sizes = dict.fromkeys(s.name for u in units for s in u.wrapper.sizes)
    lines = [f"    {t}" for t in sorted(texts, key=lambda t: int(t[1 : t.index(")")]))]
    lines += [f"    sizes: {', '.join(sizes)}"] if sizes else []
    lines += [line for u in units for line in (_signature(u, several=len(units) > 1), *_saved(u), *_plan(u))]
    title = units[0].nest.program.title
    return [title, *lines] if titled and title else lines


def _signature(unit: Unit, *, several: bool) -> str:
    head = f"{unit.name}({', '.join(unit.wrapper.arguments)}) -> {', '.join(unit.wrapper.results)}"
    numbers = sorted({e.number for e in unit.nest.program.shown})
    return f"  {head}" + (f"  by {ranges(numbers)}" if several and numbers else "")


def _saved(unit: Unit) -> list[str]:
    """Return the line that says which values of the forward pass a kernel takes."""
    program = unit.nest.program
    computed = {e.name for e in program.source.definitions}
    parameters = unit.parameters
    saved = [parameters[n] for n in program.inputs if n in computed]
    return [f"    saved from the forward pass: {', '.join(saved)}"] if saved else []


def _plan(unit: Unit) -> list[str]:
    return [f"    {line}" for line in unit.outline]

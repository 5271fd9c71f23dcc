"""Points at which kernels for CUDA are compared, and how near they must be.

- `bounds`, `one`: random points with sizes from 2 to 4, and with a size of 1; the equations are evaluated over balls,
  and an error beyond twice the running bound on rounding errors is a mistake (`gradproof.verify.ulps`).
- `edge`: a length of an input is one past what a block or a tile of a product takes, or where the work is small all
  blocks at once; one length after the other, three at most.
- `zero`: a length of an input is 0; three in turn.
- a number: all sizes are about so large.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradproof.derive.index import Size
from gradproof.derive.interpret.binding import all_sizes
from gradproof.derive.interpret.fields import Float64
from gradproof.derive.interpret.run import run
from gradproof.derive.model import System
from gradproof.derive.nodes import names_in
from gradproof.derive.steps import Derivation
from gradproof.errors import InputError
from gradproof.kernels.cuda.module import is_simulated
from gradproof.kernels.cuda.prolog import DEVICE_SIZES, SIMULATED_SIZES
from gradproof.verify import ulps
from gradproof.verify.draw import Point, draw_point, draw_sizes
from gradproof.verify.extremes import _axes, _work
from tests.kernels.planner.test_plans import _point
from tests.kernels.support import FUNCTIONS, assert_close, draw, reference

KINDS = ("bounds", "one", "edge", "zero")
Call = Callable[..., Mapping[str, Any]]
#: Entries that the equations compute at the far edge: with more, a simulator takes too long.
_WORK = 1500
#: Units of roundoff of the largest entry.
_UNITS = 2000
#: How many points are drawn before the numbers are made smaller, and how many after that.
_ATTEMPTS, _SMALL = 8, 4


def edges() -> tuple[int, int]:
    """Return the size one past a block and a tile, and one past what the blocks take at once."""
    threads, blocks, tile, _, _ = SIMULATED_SIZES if is_simulated() else DEVICE_SIZES
    return max(threads, tile) + 1, min(threads * blocks, 4 * threads) + 1


def compare(d: Derivation, call: Call, dtype: str, kind: str, outputs: Mapping[str, str]) -> str:
    """Return "ok", or what is wrong with the results of a kernel.

    Args:
        d: what it is made of.
        call: takes all inputs and sizes by name, gives the results of `outputs`.
        dtype: of the kernel.
        kind: which points.
        outputs: {result: the equation that it is}.
    """
    if kind in {"bounds", "one"}:
        return _bounded(d, call, dtype, kind, outputs)
    if kind in {"edge", "zero"}:
        return _at_lengths(d, call, dtype, kind, outputs)
    given = _sized(d, int(kind), dtype) if kind else _named(_point(d.joint), dtype)
    _agree(d, call, given, outputs, 60 if kind else _UNITS)
    return "ok"


def _bounded(d: Derivation, call: Call, dtype: str, kind: str, outputs: Mapping[str, str]) -> str:
    """Compare at a random point by a running bound on rounding errors."""
    task = ulps._Task(d.joint, tuple(outputs.values()), _renamed(call, outputs), dtype, None)
    errors = ulps._at_a_point(task, np.random.default_rng([8, KINDS.index(kind)]), kind == "one", 4)
    if isinstance(errors, str):
        return errors
    wrong = [f"{n} at {e.where}: {e.worst}" for n, e in errors.items() if not e.share <= 1]
    return wrong[0] if wrong else "ok"


def _renamed(call: Call, outputs: Mapping[str, str]) -> Call:
    """Return what the joint system has of a kernel's results; updates of parameters are compared by themselves."""
    return lambda **named: {outputs[n]: v for n, v in call(**named).items() if n in outputs}


def _at_lengths(d: Derivation, call: Call, dtype: str, kind: str, outputs: Mapping[str, str]) -> str:
    """Compare where one size after the other is 0, or one past an edge."""
    seen = 0
    for point in _empty(d.joint) if kind == "zero" else _edges(d.joint, dtype):
        try:
            _agree(d, call, _named(point, dtype), outputs, 60 if kind == "zero" else _UNITS)
        except InputError as refused:
            if "reads" not in refused.message and "an integer from 0" not in str(refused):
                raise
            continue  # the interpreter reads past an edge there, as the equations do; or nothing is there for a label
        except AssertionError as wrong:
            return f"at {point}: {wrong}"
        seen += 1
    return "ok" if seen or kind == "zero" else "no point was found"


def _chosen(system: System) -> list[Size]:
    """Return the first, the middle and the last of the sizes that are lengths of inputs."""
    sizes = _axes(system)
    return [sizes[k] for k in sorted({0, len(sizes) // 2, len(sizes) - 1})] if sizes else []


def _empty(system: System) -> Iterator[Point]:
    for k, size in enumerate(_chosen(system)):
        if point := _with(system, size, 0, k):
            yield point


def _edges(system: System, dtype: str) -> Iterator[Point]:
    near, far = edges()
    for k, size in enumerate(_chosen(system)):
        if point := _with(system, size, far, k, dtype, most=_WORK) or _with(system, size, near, k, dtype):
            yield point


def _with(
    system: System, size: Size, length: int, seed: int, dtype: str = "float64", *, most: float = np.inf
) -> Point | None:
    """Return a point with that length of a size, and 2 or 3 elsewhere; None where there is none.

    Unless the length is 0, read plainly in the type the equations have values there that are as near to those in
    float64 as is asked of a kernel. (Where sums of many products saturate a softmax, its gradients are what is left of
    large numbers; where 1 - tanh(z)**2 is 0 in float32 alone, its root has no derivative.) The work is `most` entries.
    """
    for attempt in range(_ATTEMPTS + _SMALL):
        rng = np.random.default_rng([9, seed, attempt])
        sizes = {**draw_sizes(system, rng, with_one=False, most=3), size: length}
        point = draw_point(system, sizes, rng, attempt % _ATTEMPTS)
        if point is None or _work(system, {s: point.sizes[s.name] for s in all_sizes(system)}) > most:
            continue
        if attempt >= _ATTEMPTS:
            point = _smaller(system, size, length, point)
        if not length or _is_plain(system, point, dtype):
            return point
    return None


def _smaller(system: System, size: Size, length: int, point: Point) -> Point:
    """Return the point with smaller numbers along the long axis, so that sums of their products are about 1."""
    assumed = {name for a in system.assumptions for name in names_in(a.left) | names_in(a.right)}
    long = [t.name for t in system.inputs if size in t.shape and t.bound is None and t.name not in assumed]
    return replace(point, inputs={n: v / np.sqrt(length) if n in long else v for n, v in point.inputs.items()})


def _is_plain(system: System, point: Point, dtype: str) -> bool:
    given = _named(point, dtype)
    try:
        expected = reference(system, given)
        found = run(system, given, _Float32() if dtype == "float32" else Float64(), functions=FUNCTIONS)
    except InputError:
        return True  # whoever compares there says what becomes of it
    return all(not np.isnan(value).any() and _near(found[name], value) for name, value in expected.items())


def _near(found: np.ndarray, expected: np.ndarray) -> bool:
    try:
        assert_close(found, expected, str(found.dtype), "", ulps=_UNITS)
    except AssertionError:
        return False
    return True


@dataclass(frozen=True)
class _Float32(Float64):
    """IEEE single precision."""

    dtype: Any = np.float32

    def lift(self, values: Any) -> Any:
        return np.asarray(values, np.float32)

    def rational(self, numerator: int, denominator: int) -> Any:
        return self.lift(numerator / denominator)

    def pi(self) -> Any:
        return self.lift(np.pi)

    def unknown(self, call: Any, slope: Any, arguments: Any) -> Any:
        return self.lift(call(*arguments))


def _sized(d: Derivation, size: int, dtype: str) -> dict[str, Any]:
    sizes = {s.name: max(0, size - k) for k, s in enumerate(d.joint.sizes)}
    return draw(d.joint, sizes, dtype, seed=size)


def _named(point: Point, dtype: str) -> dict[str, Any]:
    return point.in_type(dtype).named()


def _agree(d: Derivation, call: Call, given: Mapping[str, Any], outputs: Mapping[str, str], units: float) -> None:
    """Compare with the interpreter in float64, to so many units of roundoff of the largest entry."""
    expected = reference(d.joint, given)
    with np.errstate(all="ignore"):
        found = call(**{**{n: expected[n] for n in d.system.by_name if n in expected}, **given})
    for output, name in outputs.items():
        assert_close(found[output], expected[name], str(found[output].dtype), output, ulps=units)

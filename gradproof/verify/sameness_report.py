"""What became of a comparison of two systems, as data and as text."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flint import arb

from gradproof.derive.interpret.fields import Array
from gradproof.derive.matching import Induction

Same = Literal["proved", "certified", "refuted", "undecided"]
#: The first of these that a pair has is the verdict on the whole.
_WORST: tuple[Same, ...] = ("refuted", "undecided", "certified", "proved")


@dataclass(frozen=True, slots=True)
class Compared:
    """One output: its name in the first system and in the second, and the verdict on it.

    `assumptions` are those that the proof used; `reason` says where it was refuted, or why it is undecided;
    `induction` is the proof where it goes by induction over the rows of a recurrence.
    """

    name: str
    second: str
    verdict: Same
    assumptions: tuple[str, ...] = ()
    reason: str = ""
    induction: Induction | None = None


@dataclass(frozen=True, slots=True)
class Sides:
    """The first equations that differ, in notation: of the first system and of the second."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A point at which the two certainly differ.

    Attributes:
        name: the output.
        index: the entry that differs most; () for a number.
        first: its value in the first system, 15 digits.
        second: its value in the second.
        sizes: the sizes.
        inputs: the inputs, as nested lists.
        equations: the first equations, in the second system's order, whose values differ there.
        factor: what the second is to be divided by to get the first, if one number does it: "m = 3"; else "".
    """

    name: str
    index: tuple[int, ...]
    first: str
    second: str
    sizes: Mapping[str, int]
    inputs: Mapping[str, Any]
    equations: Sides
    factor: str = ""


@dataclass(frozen=True, slots=True)
class Sameness:
    """The verdict on two systems.

    Attributes:
        titles: of the two.
        pairs: the outputs that were compared.
        points: the sizes at which they were compared in ball arithmetic.
        agreeing: at how many of the points all outputs agree.
        counterexample: where they differ, if they do.
        missing: outputs of the first system that the second does not compute.
        claim: what was claimed of one system, `left = right`; "" where two systems were compared.
        stopped: whether one of the two holds a `stop(...)`: equal values may then have different derivatives.
    """

    titles: tuple[str, str]
    pairs: tuple[Compared, ...]
    points: tuple[str, ...]
    agreeing: int = 0
    counterexample: Counterexample | None = None
    missing: tuple[str, ...] = ()
    claim: str = ""
    stopped: bool = False

    @property
    def verdict(self) -> Same:
        """`proved` (for all sizes), `certified` (at the points), `refuted` or `undecided`: the worst of the pairs."""
        met = {p.verdict for p in self.pairs}
        return next(v for v in _WORST if v in met)

    def text(self, names: tuple[str, str] = ("the first", "the second"), width: int = 80) -> str:
        """Return the report as plain text."""
        return _text(self, names, width)

    def __str__(self) -> str:
        return self.text()

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        found = self.counterexample
        return {
            "format": "gradproof-comparison",
            "version": 1,
            "titles": list(self.titles),
            "verdict": self.verdict,
            "claim": self.claim,
            "pairs": [_pair_record(p) for p in self.pairs],
            "points": list(self.points),
            "agreeing": self.agreeing,
            "missing": list(self.missing),
            "stopped": self.stopped,
            "counterexample": None if found is None else _record(found),
        }


def _pair_record(p: Compared) -> dict[str, Any]:
    lines = p.induction.lines if p.induction is not None else ()
    return {
        "name": p.name,
        "second": p.second,
        "verdict": p.verdict,
        "assumptions": list(p.assumptions),
        "reason": p.reason,
        "induction": [{"rows": x.rows, "left": x.left, "right": x.right} for x in lines],
    }


def _record(c: Counterexample) -> dict[str, Any]:
    return {
        "name": c.name,
        "index": list(c.index),
        "first": c.first,
        "second": c.second,
        "sizes": dict(c.sizes),
        "inputs": dict(c.inputs),
        "equations": {"first": c.equations.first, "second": c.equations.second},
        "factor": c.factor,
    }


def factor_between(first: Array, second: Array, sizes: Mapping[str, int]) -> str:
    """Return the number by which the second is too large everywhere, if it is a size, 2 or -1 or one over them."""
    known = [("-1", arb(-1)), ("2", arb(2)), ("1/2", arb(1) / 2)]
    for name, n in sorted(sizes.items()):
        if n > 1:
            known += [(f"{name} = {n}", arb(n)), (f"1/{name} = 1/{n}", arb(1) / n)]
    if all(x.contains(0) for x in first.flat):
        return ""
    for text, c in known:
        if all((x * c).overlaps(y) for x, y in zip(first.flat, second.flat, strict=True)):
            return text
    return ""


_HEADLINES: Mapping[Same, str] = {
    "proved": "The same: proved for all sizes.",
    "certified": "The same at every point tried: certified in ball arithmetic, to 40 digits; not proved for all sizes.",
    "refuted": "Not the same: refuted by a counterexample.",
    "undecided": "Undecided.",
}


def _text(s: Sameness, names: tuple[str, str], width: int) -> str:
    headline = _HEADLINES[s.verdict]
    lines = [headline.replace("The same", "It holds").replace("Not the same", "It does not hold"), ""]
    lines = lines if s.claim else [headline, ""]
    column = max(len(s.claim or _label(p)) for p in s.pairs)
    for p in s.pairs:
        lines.append(f"  {(s.claim or _label(p)).ljust(column)}  {p.verdict}{_because(p)}")
        lines += [] if p.induction is None else _steps(p.induction, 4 if s.claim else column + 4, width)
    if any(p.verdict == "certified" for p in s.pairs):
        points = "; ".join(s.points) if any("=" in p for p in s.points) else f"{len(s.points)} random ones"
        lines += ["", *_wrapped(f"Points: {points}.", width)]
    if s.missing:
        lines += ["", *_wrapped(f"{names[1]} does not compute {', '.join(s.missing)}.", width)]
    if s.stopped:
        lines += ["", *_wrapped("stop(...) stands in one of the two: it changes derivatives, not these values.", width)]
    if s.counterexample is not None:
        names = ("left", "right") if s.claim else names
        lines += ["", *_values(s.counterexample, names, width)]
        lines += [] if s.claim else ["", *_equations(s.counterexample, names)]
        lines += ["", *_inputs(s.counterexample, width)]
        if s.agreeing:
            lines += ["", *_wrapped(f"They agree at {s.agreeing} of the {len(s.points)} points tried.", width)]
    return "\n".join(lines) + "\n"


def _label(p: Compared) -> str:
    return p.name if p.name == p.second else f"{p.name} ({p.second})"


def _steps(proof: Induction, margin: int, width: int) -> list[str]:
    """Return the first rows and the step, each as an equation that holds."""
    room = max(len(x.rows) for x in proof.lines)
    lines = []
    for x in proof.lines:
        head = f"{' ' * margin}{x.rows.ljust(room)}  "
        whole = f"{head}{x.left} = {x.right}"
        lines += [whole] if len(whole) <= width else [f"{head}{x.left}", f"{' ' * len(head)}= {x.right}"]
    return lines


def _because(p: Compared) -> str:
    how = "" if p.induction is None else f" by induction on {p.induction.index}"
    if p.assumptions:
        return f"{how}, assuming {', '.join(p.assumptions)}"
    if how:
        return how
    return f", {p.reason}" if p.reason and p.verdict == "refuted" else f": {p.reason}" if p.reason else ""


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 40), break_on_hyphens=False)


def _values(c: Counterexample, names: tuple[str, str], width: int) -> list[str]:
    entry = c.name + (f"[{','.join(map(str, c.index))}]" if c.index else "")
    sizes = ", ".join(f"{n} = {v}" for n, v in sorted(c.sizes.items()))
    room = max(len(n) for n in names)
    lines = [f"{entry}{' with ' + sizes if sizes else ''} is"]
    lines += [f"  {n.ljust(room)}  {v}" for n, v in zip(names, (c.first, c.second), strict=True)]
    if c.factor:
        lines += _wrapped(f"Every entry of {names[1]} is that of {names[0]} times {c.factor}.", width)
    return lines


def _equations(c: Counterexample, names: tuple[str, str]) -> list[str]:
    room = max(len(n) for n in names)
    sides = zip(names, (c.equations.first, c.equations.second), strict=True)
    return ["The first equation that differs is", *(f"  {n.ljust(room)}  {e}" for n, e in sides)]


def _inputs(c: Counterexample, width: int) -> list[str]:
    lines = ["Inputs:"]
    for name, value in c.inputs.items():
        lines += textwrap.wrap(
            f"{name} = {value}", max(width, 40), initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
        )
    return lines

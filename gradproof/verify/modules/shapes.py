"""Shapes that a docstring or an annotation states plainly, and arrays made of them.

Plainly is: one shape, of sizes that are names, numbers or products of these. A line that says more (one-hot, a shape
with an ellipsis, two shapes) is not read: the values would be a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

SIZES = (3, 4, 5, 2, 6, 7)
"""What the sizes are, in the order in which they are first met: all different, so that a transpose is seen."""

_SIZE = r"[A-Za-z0-9_*+\- ]+"
_TUPLE = rf"\(\s*(?:{_SIZE},\s*)*(?:{_SIZE})?\)"
_SHAPE = (
    re.compile(rf"\bshape\b\s*[:=]?\s*(?:is\s+)?`*(?P<shape>{_TUPLE})`*"),
    re.compile(rf"(?P<shape>{_TUPLE})\s*(?:nd)?(?:array|matrix|tensor|vector)\b", re.IGNORECASE),
    re.compile(rf"(?<![\w\]])(?P<shape>\[\s*(?:{_SIZE},\s*)*{_SIZE}\])"),
)
_SCALAR = re.compile(r"\b(scalar|float)\b", re.IGNORECASE)
_UNCLEAR = re.compile(
    r"one.?hot|probabilit|mask|positive|binary|boolean|0 or 1|\{0, ?1\}|orthogonal|symmetric|sorted|\.\.\.|…|definite"
    r"|unit norm",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"\b(labels?|int|ints|integers?|ind(?:ex|ices)|class(?:es)?|tokens?|ids?)\b", re.IGNORECASE)
_BOUND = (
    re.compile(r"0\s*<=\s*\w+(?:\[[^\]]*\])?\s*<\s*(?P<bound>\w+)"),
    re.compile(r"\bin\s*\[0,\s*(?P<bound>\w+)\s*\)"),
    re.compile(r"\brange\((?P<bound>\w+)\)"),
    re.compile(r"\b0\s*(?:,\s*)?\.\.\.?\s*,?\s*(?P<bound>\w+)\s*-\s*1"),
)
_FACTOR = re.compile(r"\d+|[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Stated:
    """What is stated of a parameter: its sizes as texts; for whole numbers what they stay below, "" for real ones."""

    sizes: tuple[str, ...]
    below: str = ""


def stated(name: str, docstring: str, annotation: object = None) -> Stated | None:
    """Return what a parameter's annotation or its line in the docstring states plainly; None for nothing.

    >>> stated("w", "- w: weights, of shape (D, M)")
    Stated(sizes=('D', 'M'), below='')
    >>> stated("y", "y: labels, of shape (N,) where 0 <= y[i] < C").below
    'C'
    >>> stated("y", "y: one-hot labels, shape (N, C)") is None
    True
    """
    found = _of_annotation(annotation)
    return found if found is not None else _of_text(_about(name, docstring))


def _of_annotation(annotation: object) -> Stated | None:
    if annotation in (float, "float", np.floating):
        return Stated(())
    dims = getattr(annotation, "dim_str", None)  # jaxtyping: Float[Array, "m D"]
    text = annotation if isinstance(annotation, str) else ""
    quoted = re.search(r"""Float\d*\[[^,\]]+,\s*['"](?P<dims>[^'"]*)['"]\]""", text)
    words = dims if isinstance(dims, str) else quoted["dims"] if quoted else None
    if words is not None:
        sizes = tuple(words.split())
        return Stated(sizes) if all(re.fullmatch(r"\w+", s) for s in sizes) else None
    notes = [m for m in getattr(annotation, "__metadata__", ()) if isinstance(m, str | tuple)]
    if len(notes) == 1:
        parts = notes[0].replace(",", " ").strip("()[] ").split() if isinstance(notes[0], str) else map(str, notes[0])
        return Stated(tuple(parts))
    bare = text.strip().strip("\"'")
    return _of_text(bare) if bare.startswith(("[", "(")) else None


def _about(name: str, docstring: str) -> str:
    """Return the lines of a docstring that are about a parameter, "" for none."""
    word = rf"[`*]*{re.escape(name)}[`*]*"
    begins = re.compile(rf"^(?P<indent>\s*)[-*•]?\s*(?:(?::param|@param)\s+)?{word}\s*(?::|\(|\s-\s|--)")
    lines = docstring.splitlines()
    for k, line in enumerate(lines):
        found = begins.match(line)
        if found:
            rest = line[found.end("indent") + 1 :]
            return " ".join([rest, *_continued(lines[k + 1 :], len(found["indent"]))])
    inline = re.search(rf"(?:^|[\s,;(]){re.escape(name)}:?\s*(?P<shape>\[[^\]]*\])", docstring)
    return inline["shape"] if inline else ""


def _continued(lines: list[str], indent: int) -> list[str]:
    found = []
    for line in lines:
        if not line.strip() or len(line) - len(line.lstrip()) <= indent:
            break
        found.append(line.strip())
    return found


def _of_text(text: str) -> Stated | None:
    if not text or _UNCLEAR.search(text):
        return None
    shapes = {re.sub(r"\s", "", m["shape"]) for pattern in _SHAPE for m in pattern.finditer(text)}
    bounds = {m["bound"] for pattern in _BOUND for m in pattern.finditer(text)}
    if len(shapes) > 1 or len(bounds) > 1 or bool(bounds) != bool(_WHOLE.search(text)):
        return None
    below = next(iter(bounds), "")
    if shapes:
        sizes = tuple(s for s in next(iter(shapes))[1:-1].split(",") if s)
        return Stated(sizes, below) if all(_readable(s) for s in sizes) else None
    return Stated((), below) if _SCALAR.search(text) else None


def _readable(size: str) -> bool:
    return re.fullmatch(r"\d*[A-Za-z_]\w*|[1-9]\d*|(\d+|[A-Za-z_]\w*)\*(\d+|[A-Za-z_]\w*)", size) is not None


class Sizes:
    """The sizes of one pair's inputs: bound by the arrays that are declared, else taken in turn."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def bind(self, found: Stated, shape: tuple[int, ...]) -> None:
        """Take over the sizes of an array that is there, where it has the axes that are stated."""
        if len(found.sizes) == len(shape):
            for size, value in zip(found.sizes, shape, strict=True):
                if size.isidentifier():
                    self.known.setdefault(size, value)

    def made(self, found: Stated, rng: np.random.Generator) -> Any:
        """Return an array with the stated shape: normal numbers, or whole ones below the bound."""
        shape = tuple(self._number(size) for size in found.sizes)
        if found.below:
            return rng.integers(0, self._number(found.below), shape)
        drawn = rng.normal(size=shape)
        return drawn if shape else float(drawn)

    def _number(self, size: str) -> int:
        spelled = re.sub(r"^(\d+)([A-Za-z_])", r"\1*\2", size)
        value = 1
        for factor in _FACTOR.findall(spelled):
            value *= int(factor) if factor.isdigit() else self._size(factor)
        return value

    def _size(self, name: str) -> int:
        if name not in self.known:
            free = [n for n in SIZES if n not in self.known.values()]
            self.known[name] = free[0] if free else len(self.known) + 2
        return self.known[name]


def shapes_of(parameters: Mapping[str, object], docstring: str) -> dict[str, Stated]:
    """Return what is stated, for each parameter (with its annotation) of which something is."""
    found = {name: stated(name, docstring, annotation) for name, annotation in parameters.items()}
    return {name: one for name, one in found.items() if one is not None}

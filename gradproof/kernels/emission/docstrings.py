"""Docstrings of the functions of regions: which equations they compute, and what that gives, with shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from gradproof.kernels.breaking import paragraph
from gradproof.kernels.emission.frame import words_in
from gradproof.kernels.emission.kit import Helper
from gradproof.kernels.equations import ranges
from gradproof.kernels.prepare import Program

_COMMENT = re.compile(r"# \((\d+)\)")
_HEAD = re.compile(r"^def .*?\):\n", re.MULTILINE | re.DOTALL)
#: So many names stand in a line.
_MOST = 6


def documented(helpers: Iterable[Helper], program: Program) -> list[str]:
    """Return the texts of the functions, each with a line that says what it computes."""
    numbers: dict[str, set[int]] = {}
    texts = []
    for helper in helpers:
        lines = helper.text.splitlines()
        own = {int(n) for n in _COMMENT.findall(helper.text)}
        numbers[helper.name] = own.union(*[numbers[w] for w in words_in(lines) if w in numbers])
        line = _line(helper, numbers[helper.name], program)
        said = "".join(f"    {part}\n" for part in paragraph(f'"""{line}"""'))
        texts.append(_HEAD.sub(lambda head, said=said: head[0] + said, helper.text, count=1))  # type: ignore[misc]
    return texts


def _line(helper: Helper, numbers: set[int], program: Program) -> str:
    results = f"{ranges(numbers)}: {_results(numbers, program)}"
    if helper.arguments[-2:] == ("part", "parts"):
        return f"{results}; one of the parts, or all of them among threads."
    return f"{results}." if helper.name.endswith("_steps") else f"A row of {results}."


def _results(numbers: set[int], program: Program) -> str:
    """Return the tensors of the equations, those of one shape together: `i, f [T, N, H], L`."""
    names = dict.fromkeys(e.name for e in program.source.definitions if e.number in numbers)
    shapes = [(n, ", ".join(map(str, program.source[n].shape))) for n in names]
    more = f" and {len(shapes) - _MOST} more" if len(shapes) > _MOST else ""
    groups = groupby(shapes[:_MOST], key=lambda pair: pair[1])
    parts = [", ".join(n for n, _ in group) + (f" [{shape}]" if shape else "") for shape, group in groups]
    return ", ".join(parts) + more

"""`gradproof bench`: a kernel of ours beside those of other libraries, on the machine at hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from gradproof import catalogue
from gradproof.commands.outcome import RIGHT, UNDECIDED, WRONG
from gradproof.commands.output import Output
from gradproof.commands.progress import progress
from gradproof.commands.subject import Subject, find
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.bench.case import Case
    from gradproof.bench.row import Row

#: What is measured against where nothing is said.
DEFAULT_PEERS = {"cpu": ("numpy", "torch", "jax"), "cuda": ("torch", "cupy")}
FORMATS = ("terminal", "plain", "markdown", "json")


@dataclass(frozen=True, slots=True)
class Options:
    """Attributes:
    sizes: texts as "T=64,B=32".
    against: libraries.
    dtype: "float32" or "float64".
    threads: how many all may use.
    quick: fewer and shorter turns.
    target: "cpu", or "cuda": all runs on a GPU.
    """

    sizes: tuple[str, ...] = ()
    against: tuple[str, ...] = DEFAULT_PEERS["cpu"]
    dtype: str = "float32"
    threads: int = 2
    quick: bool = False
    target: str = "cpu"


def bench(argument: str, options: Options, asked: str | None, output: Output) -> int:
    """Measure, print the table, and return the exit status: wrong where our results are, undecided without a time."""
    from gradproof.bench.measure import Pace
    from gradproof.bench.measure import bench as workers_for
    from gradproof.bench.row import Row

    output.check(Path(argument))
    kinds = kinds_of(options.against, options.target)
    check_device(options.target)
    form = output.form(asked, FORMATS)
    case = case_of(find(argument), options)
    row = Row(case.kernel, " ".join(f"{n}={s}" for n, s in case.sizes.items()), case.dtype)
    pace = Pace(3, 0.05, threads=options.threads) if options.quick else Pace(threads=options.threads)
    with progress("measuring what the machine can do") as doing, workers_for(["ours", *kinds], pace, doing) as workers:
        workers.row(case, row)
    output.put(text_of(row, kinds, options, form, output))
    return status_of_row(row)


def check_device(target: str) -> None:
    """Refuse to measure on a GPU where there is none.

    Raises:
        InputError: what is missing.
    """
    from gradproof.bench.device import lacking

    if target == "cuda" and (what := lacking()):
        raise InputError(f"--target cuda: {what}")


def kinds_of(against: Sequence[str], target: str = "cpu") -> list[str]:
    """Return the peers of the libraries named.

    Raises:
        InputError: a library that is not known.
    """
    from gradproof.bench.peers import FAMILIES, ON_DEVICE

    families = FAMILIES if target == "cpu" else ON_DEVICE
    kinds: list[str] = []
    for name in against:
        if name not in families:
            near = get_close_matches(name.lower(), families, n=1)
            hint = f"did you mean {near[0]}?" if near else ""
            raise InputError(f"--against {name}: no such peer", expected=f"one of {', '.join(families)}", hint=hint)
        kinds += [k for k in families[name] if k not in kinds]
    return kinds


def case_of(subject: Subject, options: Options) -> Case:
    """Return what is measured.

    Raises:
        InputError: a page, or a size that the system does not have.
    """
    from gradproof.bench.case import Case
    from gradproof.bench.recipes import RECIPES
    from gradproof.bench.sizes import complete, parse_sizes

    if subject.system is None:
        raise InputError(f"{subject.name} is a page, and one system is measured", hint="write it as an .eqs file")
    listed = subject.path is None and subject.name in catalogue.names()
    name = subject.name if listed else ""
    sizes = complete(name, (s.name for s in subject.system.sizes), parse_sizes(options.sizes))
    text = catalogue.read(name) if listed else str(subject.system)
    recipe, wrt = RECIPES.get(name, ({}, ()))
    shown = subject.name if listed else f"{subject.name} (own)"
    return Case(shown, text, sizes, options.dtype, wrt, recipe, target=options.target)


def text_of(row: Row, kinds: list[str], options: Options, form: str, output: Output) -> str:
    """Return the table in the form asked for."""
    from gradproof.bench.beside import as_markdown, as_table, remarks, title

    about, limits = about_and_limits(options)
    headline = title(row, "on a GPU" if options.target == "cuda" else f"{options.threads} threads")
    if form == "json":
        return json.dumps({"machine": about, **row.as_json()}, indent=2, ensure_ascii=output.ascii)
    told = ", ".join(f"{k} {v}" for k, v in about.items() if k not in ("threads", "system"))
    below = [*remarks(row), told, *limits]
    if form == "markdown":
        return "\n".join([f"## {headline}", "", as_markdown(row, kinds), "", *(f"- {b}" for b in below)])
    from rich.console import Console

    console = Console(width=output.columns, no_color=form == "plain", force_terminal=form == "terminal" or None)
    with console.capture() as captured:
        console.print(as_table(row, kinds))
    text = "\n".join([headline, "", captured.get().rstrip(), "", *below])
    return text.replace("µs", "us") if output.plain_ascii else text


def about_and_limits(options: Options) -> tuple[dict[str, str], list[str]]:
    """Return what was measured on, and what was measured of it first."""
    from gradproof.bench import device, limits
    from gradproof.bench.machine import machine
    from gradproof.bench.table import copy_lines, limit_lines

    about = machine(options.threads)
    if options.target == "cuda":
        return {**device.told()["about"], **about}, copy_lines(device.device_limits())
    return about, limit_lines(limits.limits(options.threads))


def status_of_row(row: Row) -> int:
    """Return the exit status of a row."""
    if "ours" in row.reasons:
        return WRONG if "ours" in row.errors else UNDECIDED
    return RIGHT

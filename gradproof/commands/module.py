"""`gradproof verify my_layer.py`: the hand-written gradients of a module, in a table with the reports below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gradproof import catalogue
from gradproof.commands.choices import TABLE_FORMATS
from gradproof.commands.module_table import shown
from gradproof.commands.outcome import BAD_INPUT, INTERNAL, RIGHT, UNDECIDED, WRONG, worst
from gradproof.commands.output import Output
from gradproof.commands.progress import progress
from gradproof.errors import InputError
from gradproof.files import read_text
from gradproof.loading import SYSTEM_SUFFIX

if TYPE_CHECKING:
    from gradproof.verify.modules.results import Result

_STATUS = {"right": RIGHT, "wrong": WRONG, "undecided": UNDECIDED}

CONVENTIONS = (
    "loss with loss_grad, grad_loss or dloss; f_forward with f_backward; a class with forward and backward; "
    "a function that returns (loss, grads); a torch.autograd.Function; a jax.custom_vjp; or @gp.gradient_of(loss)"
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says of a module: which pairs, how long each may take, and what they are set beside.

    `seed` and `jobs` are for everything that is verified.
    """

    only: tuple[str, ...] = ()
    seed: int = 0
    timeout: float = 60.0
    budget: int | str | None = None
    against: str = ""
    jobs: int | None = None

    def refuse_elsewhere(self, argument: str) -> None:
        """Refuse options that say something of a module where none is named.

        Raises:
            InputError: one is given.
        """
        given = {"--only": self.only, "--budget": self.budget, "--against": self.against}
        for flag, value in given.items():
            if value:
                raise InputError(f"{flag} is for a Python module, and {argument} is none", expected="a .py file")


def verify_module(path: Path, options: Options, form: str | None, output: Output) -> int:
    """Judge every pair in a module, show the table and the reports, and return the exit status."""
    from gradproof.verify.meter import Meter
    from gradproof.verify.modules.results import Request
    from gradproof.verify.modules.run import judge_module

    output.check(path)
    form = output.form(form, TABLE_FORMATS)
    _check_system(options.against)
    Meter(options.budget)  # refuses a budget that is none
    read_text(path)  # refuses what is missing, too large or no text, before a process is started
    request = Request(str(path), options.only, (), options.seed, options.budget, options.timeout, options.against)
    with progress(f"reading {path.name}") as doing:
        results = judge_module(request, doing).results
    if not results:
        raise InputError(f"{path} holds no function with a gradient beside it", expected=CONVENTIONS)
    output.put(shown(path, results, request, form, output))
    if any(result.internal for result in results):
        return INTERNAL
    return worst(_status(result) for result in results if _counts(result, results, options))


def _status(result: Result) -> int:
    return BAD_INPUT if result.report is None else _STATUS[result.verdict]


def _counts(result: Result, results: Sequence[Result], options: Options) -> bool:
    """Does it bear on the exit status? What has nothing to declare does not, nor what is another system's."""
    if result.report is not None:
        return True
    others = options.against and not options.only and any(r.report is not None for r in results)
    return result.asks and not others


def _check_system(name: str) -> None:
    """Refuse a system that is not there.

    Raises:
        InputError: it is no entry of the catalogue, and no file.
    """
    if name and name not in catalogue.names() and not Path(name).is_file():
        known = f"a catalogue name or an {SYSTEM_SUFFIX} file"
        raise InputError(f"--against {name}: there is no such system", expected=known, hint=catalogue.suggest(name))

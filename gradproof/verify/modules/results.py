"""What became of each pair: checked with a report, or skipped with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradproof.verify.report import Report


LOADING = 60.0
"""Seconds that the import of a module may take at least, whatever a pair may take."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A pair that was found: its name, what it was found as, the line of its function, and other names for it."""

    name: str
    how: str
    line: int
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a pair.

    Attributes:
        pair: which.
        report: the verdict, None if it could not be judged.
        inputs: where the inputs come from, in words.
        wrt: names of the inputs that there is a gradient for.
        skipped: why there is no report; "" with one.
        expected, hint: what to do about it.
        missing: parameters that no inputs are known for.
        internal: whether a mistake of our own stopped it.
    """

    pair: Listed
    report: Report | None = None
    inputs: str = ""
    wrt: tuple[str, ...] = ()
    skipped: str = ""
    expected: str = ""
    hint: str = ""
    missing: tuple[str, ...] = ()
    internal: bool = False

    @property
    def verdict(self) -> str:
        """right, wrong, undecided, or skipped."""
        return self.report.verdict if self.report is not None else "skipped"

    @property
    def asks(self) -> bool:
        """Whether the module lacks something that it could say."""
        return bool(self.missing or self.expected or self.hint)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, as docs/json.md documents it."""
        record: dict[str, Any] = {
            "name": self.pair.name,
            "found_as": self.pair.how,
            "line": self.pair.line,
            "verdict": self.verdict,
        }
        if self.report is None:
            return {**record, "reason": self.skipped, "missing": list(self.missing)}
        return {**record, "inputs": self.inputs, "wrt": list(self.wrt), "report": self.report.to_dict()}


@dataclass(frozen=True, slots=True)
class Request:
    """What the process that runs the module is asked for.

    Attributes:
        path: the module.
        only: names of pairs; () for all.
        done: names of pairs that are through.
        seed, budget, timeout: as on the command line.
        against: a system in the catalogue, or a file; "" for none.
    """

    path: str
    only: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    seed: int = 0
    budget: int | str | None = None
    timeout: float = 60.0
    against: str = ""

    def again(self, name: str) -> str:
        """Return the command that judges one pair, with the options that the verdict depends on.

        >>> Request("layer.py", seed=3).again("affine")
        'gradproof verify layer.py --only affine --seed 3'
        """
        flags = f" --against {self.against}" if self.against else ""
        flags += f" --seed {self.seed}" if self.seed else ""
        flags += f" --budget {self.budget}" if self.budget else ""
        return f"gradproof verify {self.path} --only {name}{flags}"

"""One row of the table: what became of one gradient of one equation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gradproof.verify.exact import GradientCheck
from gradproof.verify.report import Verdict
from gradproof.verify.ulps import KernelCheck


@dataclass(frozen=True, slots=True)
class Row:
    """The verdict on one gradient: its derivation, its kernels, and both together.

    Attributes:
        equation: number of the forward equation that the derivative starts from (the output's last one).
        of: the outputs that were differentiated.
        wrt: the tensor the derivative is taken for.
        gradient: the gradient's equation, in notation.
        derivation: the exact check of the derivation.
        kernels: the checks of the kernels, one a dtype; empty where no kernel was asked for or could be made.
        verdict: wrong if any of them is; right if all are; else undecided.
        reason: what stands against "right", in words.
    """

    equation: int
    of: tuple[str, ...]
    wrt: str
    gradient: str
    derivation: GradientCheck
    kernels: tuple[KernelCheck, ...]
    verdict: Verdict
    reason: str = ""

    @property
    def name(self) -> str:
        """The gradient as a reader writes it: `d L / d z`."""
        return f"d {', '.join(self.of)} / d {self.wrt}"

    @property
    def strength(self) -> str:
        return self.derivation.strength

    @property
    def kernel_verdict(self) -> Verdict | None:
        """The kernels' verdict together; None where there is none."""
        return together(k.verdict for k in self.kernels) if self.kernels else None

    @property
    def ulps(self) -> float | None:
        """The greatest error of the kernels in units in the last place; None where there is no kernel."""
        return max(k.ulps for k in self.kernels) if self.kernels else None

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain data."""
        return {
            "equation": self.equation,
            "of": list(self.of),
            "wrt": self.wrt,
            "gradient": self.gradient,
            "derivation": self.derivation.verdict,
            "strength": self.strength,
            "points": list(self.derivation.points),
            "kernel": self.kernel_verdict,
            "kernels": {
                k.dtype: {"verdict": k.verdict, "ulps": k.ulps, "share": k.share, "beyond": list(k.beyond)}
                for k in self.kernels
            },
            "ulps": self.ulps,
            "verdict": self.verdict,
            "reason": self.reason,
        }


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Return wrong if any is wrong, right if all are right, else undecided.

    >>> together(["right", "undecided"])
    'undecided'
    """
    met = set(verdicts)
    return "wrong" if "wrong" in met else "right" if met <= {"right"} else "undecided"

"""Callables and equations in, a verdict out: right, wrong or undecided, with the reason.

Importing this package loads neither SymPy nor NumPy: each name is fetched when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradproof.verify.against import check_against
    from gradproof.verify.exact import GradientCheck, check_derivation
    from gradproof.verify.judge.judge import assert_gradient, check
    from gradproof.verify.mutate import mutants
    from gradproof.verify.report import Finding, Report
    from gradproof.verify.rows import Row
    from gradproof.verify.sameness_report import Sameness
    from gradproof.verify.steps import check_steps
    from gradproof.verify.table import verify_derivation, verify_system

_HOMES = {
    "Finding": "report",
    "GradientCheck": "exact",
    "Report": "report",
    "Row": "rows",
    "Sameness": "sameness_report",
    "assert_gradient": "judge.judge",
    "check": "judge.judge",
    "check_against": "against",
    "check_derivation": "exact",
    "check_steps": "steps",
    "mutants": "mutate",
    "verify_derivation": "table",
    "verify_system": "table",
}

__all__ = [
    "Finding",
    "GradientCheck",
    "Report",
    "Row",
    "Sameness",
    "assert_gradient",
    "check",
    "check_against",
    "check_derivation",
    "check_steps",
    "mutants",
    "verify_derivation",
    "verify_system",
]


def __getattr__(name: str) -> Any:
    """Return a public name, importing its home the first time."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gradproof.verify' has no attribute {name!r}")
    return getattr(import_module(f"gradproof.verify.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)

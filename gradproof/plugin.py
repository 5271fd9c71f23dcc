"""The pytest plugin: the fixture `assert_gradient`, the marker `gradproof`, and `--gradproof-budget`.

    def test_backward(assert_gradient):
        assert_gradient(loss, loss_grad, [w, x])

A wrong gradient fails the test with the report in place of a traceback; a right one says nothing, and leaves its
verdict, strength and seed in the JUnit file. Nothing heavy is loaded before a test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gradproof.verify import Report

MARKER = (
    "gradproof(**options): options of gradproof.check for every assert_gradient in the test, "
    "as in @pytest.mark.gradproof(seed=7, budget=2000)"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --gradproof-budget and --gradproof-seed."""
    group = parser.getgroup("gradproof")
    group.addoption(
        "--gradproof-budget",
        metavar="N",
        help="evaluations for each assert_gradient, or a time as 10s; default: as many as it takes",
    )
    group.addoption("--gradproof-seed", metavar="N", type=int, help="seed of random points and directions; default: 0")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def assert_gradient(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Callable[..., Report]:
    """Return `gradproof.assert_gradient` with the options of the command line and of the test's marker."""
    usual = _options(request)

    def assert_gradient(f: Any, grad: Any = None, inputs: Any = None, **options: Any) -> Report:
        __tracebackhide__ = True
        from gradproof.verify import check

        report = check(f, grad, inputs, **{**usual, **options})
        for name in ("verdict", "strength", "seed"):
            record_property(f"gradproof_{name}", getattr(report, name))
        if report.verdict != "right":
            pytest.fail(f"{report}\n  {_again(report)}")
        return report

    return assert_gradient


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the options that hold for a test: the command line's, then the marker's."""
    budget, seed = (request.config.getoption(f"--gradproof-{name}") for name in ("budget", "seed"))
    told: dict[str, Any] = {}
    if budget is not None:
        told["budget"] = int(budget) if str(budget).isdigit() else budget
    if seed is not None:
        told["seed"] = seed
    for marker in reversed(list(request.node.iter_markers("gradproof"))):
        told |= marker.kwargs
    return told


def _again(report: Report) -> str:
    return f"again: pytest --gradproof-seed {report.seed}"

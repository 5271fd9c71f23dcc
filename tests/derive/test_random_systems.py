"""Random systems, drawn as notation: every derived gradient against dual balls of the forward equations alone.

Hypothesis shrinks what fails to a short text. `GRADPROOF_SEED=7 pytest -m slow ...` draws other systems.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from random import Random
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from sympy import S

import gradproof as gp
from gradproof.derive import partials
from gradproof.derive.derivation import derive
from gradproof.derive.functions import FUNCTIONS
from gradproof.derive.interpret import evaluate
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.model import System
from gradproof.derive.notation import format_system, parse_system
from gradproof.derive.render import render
from gradproof.derive.steps import Derivation
from gradproof.verify.draw import draw_point, draw_sizes
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps

from .drawn.systems import Case, cases

SEED = int(os.environ.get("GRADPROOF_SEED", "20"))
#: Ties between equal entries are kinks at every point: of so many systems one may stay undecided.
DECIDED = 50
FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=100, derandomize=False, database=None, phases=[Phase.generate, Phase.shrink])


def derived(case: Case) -> Derivation:
    return derive(gp.system(case.text), case.of or None, case.wrt)


def judge(case: Case) -> str:
    """Return "right" or "undecided".

    Raises:
        AssertionError: a gradient is wrong.
    """
    checks = check_derivation(derived(case), seed=SEED)
    for check in checks:
        assert check.verdict != "wrong", f"gradient of {check.name}: {check.reason}"
        assert check.verdict == "right" or "kink" in check.reason, f"gradient of {check.name}: {check.reason}"
    return "right" if all(c.verdict == "right" for c in checks) else "undecided"


def agree(first: System, second: System) -> bool:
    """Do two systems compute the same numbers at a random point, in balls?"""
    rng = np.random.default_rng(SEED)
    functions = smooth_functions(second.functions)
    for attempt in range(8):
        point = draw_point(second, draw_sizes(second, rng, with_one=attempt == 1, most=3), rng, attempt)
        if point is not None:
            ours, theirs = (evaluate(s, point.named(), field="arb", functions=functions) for s in (first, second))
            entries = [zip(ours[n].reshape(-1), theirs[n].reshape(-1), strict=True) for n in theirs]
            return ours.keys() == theirs.keys() and all(a.overlaps(b) for pairs in entries for a, b in pairs)
    return False


def same_as_text(case: Case) -> None:
    """The system prints and parses back, and so does all that was derived; every format renders it."""
    derivation = derived(case)
    assert parse_system(format_system(derivation.system)) == derivation.system
    assert agree(parse_system(render(derivation, "eqs")), derivation.joint)
    for form in ("plain", "latex", "markdown"):
        assert render(derivation, form)


def steps_hold(case: Case) -> None:
    for check in check_steps(derived(case), seed=SEED):
        assert check.verdict != "wrong", f"{check.block}, {check.step.rule}: {check.reason}"


def say(number: int, tally: Counter[str] | None = None) -> None:
    """Print the seed, which pytest shows where the test fails (with -rP always), and what was found."""
    print(f"GRADPROOF_SEED={SEED}, seed {number}", dict(tally or {}))  # noqa: T201


@FEW
@given(cases())
def test_gradients(case: Case) -> None:
    judge(case)


@settings(FEW, max_examples=10)
@given(cases())
def test_texts(case: Case) -> None:
    same_as_text(case)


@settings(FEW, max_examples=10)
@given(cases())
def test_steps(case: Case) -> None:
    steps_hold(case)


@pytest.mark.slow
@pytest.mark.parametrize("run", range(3))
def test_gradients_of_many(run: int) -> None:
    tally: Counter[str] = Counter()

    @seed(SEED + run)
    @MANY
    @given(cases())
    def all_right(case: Case) -> None:
        tally[judge(case)] += 1

    say(SEED + run)
    all_right()
    say(SEED + run, tally)
    assert tally["undecided"] * DECIDED <= tally.total()


@pytest.mark.slow
@pytest.mark.parametrize("check", [same_as_text, steps_hold])
def test_texts_and_steps_of_many(check: object) -> None:
    @seed(SEED)
    @settings(MANY, max_examples=50)
    @given(cases())
    def holds(case: Case) -> None:
        check(case)  # type: ignore[operator]

    say(SEED)
    holds()


_RENDER = """
import json, sys
import gradproof as gp
from gradproof.derive.render import render
for text in json.load(sys.stdin):
    d = gp.derive(gp.system(text))
    print(*(render(d, form) for form in ("plain", "eqs", "latex")))
"""


@pytest.mark.slow
def test_the_derivation_is_the_same_text_under_every_hash_seed() -> None:
    texts: list[str] = []

    @seed(SEED)
    @settings(MANY, max_examples=12)
    @given(cases())
    def collect(case: Case) -> None:
        texts.append(case.text)

    collect()
    shown = {
        subprocess.run(
            [sys.executable, "-c", _RENDER],
            input=json.dumps(texts),
            env={**os.environ, "PYTHONHASHSEED": number},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for number in ("1", "2", "77")
    }
    assert len(texts) >= 12
    assert len(shown) == 1


@pytest.mark.slow
def test_a_mistake_is_found_and_shrunk_to_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The derivative of the sine without its cosine: the least system that shows it has one equation."""
    broken = replace(FUNCTIONS["sin"], partials=lambda y, a: (S.One,))
    monkeypatch.setattr(partials, "FUNCTIONS", MappingProxyType({**FUNCTIONS, "sin": broken}))

    def is_wrong(case: Case) -> bool:
        return any(c.verdict == "wrong" for c in check_derivation(derived(case)))

    least = find(cases(), is_wrong, settings=settings(MANY, max_examples=500), random=Random(SEED))
    (equation,) = [line for line in least.text.splitlines() if " = " in line and "outside" not in line]
    assert "sin(" in equation
    assert len(equation) < 30

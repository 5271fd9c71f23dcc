from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import gradproof.catalogue
from gradproof.derive.derivation import derive
from gradproof.derive.notation import parse_system
from gradproof.derive.steps import Derivation
from tests.entries import SMALL

FOLDER = Path(gradproof.catalogue.__file__).parent


@cache
def _derive(name: str) -> Derivation:
    return derive(parse_system((FOLDER / f"{name}.eqs").read_text(encoding="utf-8"), name))


@pytest.fixture(params=SMALL)
def derivation(request: pytest.FixtureRequest) -> Derivation:
    """Each entry of the catalogue, derived."""
    return _derive(request.param)


@pytest.fixture
def derived():
    """A derivation by the name of its catalogue entry, or from a text."""

    def get(text: str, **options: object) -> Derivation:
        return derive(parse_system(text), **options) if "=" in text else _derive(text)

    return get

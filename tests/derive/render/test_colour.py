from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from gradproof.derive.render import render, terminal


@pytest.mark.parametrize("width", [80, 140])
def test_the_terminal_shows_the_plain_page_in_colour(derivation, width):
    out = StringIO()
    terminal(derivation, Console(file=out, width=width, force_terminal=False), detail=3)
    assert out.getvalue().strip("\n") + "\n" == render(derivation, "plain", width=width, detail=3)


def test_what_changed_is_coloured(derived):
    assert "\x1b[1;33m" in render(derived("softmax_cross_entropy"), "terminal")


def test_a_terminal_without_colour_gets_none(derived):
    out = StringIO()
    terminal(derived("mse"), Console(file=out, width=80, force_terminal=True, no_color=True, color_system=None))
    assert "\x1b" not in out.getvalue()


def test_the_function_stays_callable_after_the_format_was_used(derived):
    render(derived("mse"), "terminal")
    from gradproof.derive import render as package

    assert callable(package.terminal)

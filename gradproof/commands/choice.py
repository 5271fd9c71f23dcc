"""An option that takes one of several words, and says what was probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import click


class Choice(click.Choice[str]):
    """A choice that says what was probably meant."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the value.

        Raises:
            BadParameter: it is none of the choices.
        """
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            near = get_close_matches(str(value).lower(), list(self.choices), 1)
            raise click.BadParameter(
                error.message + (f" Did you mean {near[0]!r}?" if near else ""), ctx, param
            ) from None

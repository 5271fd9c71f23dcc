"""What matched what, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradproof.derive.model import System
from gradproof.verify.against.layout import Layout


def table(system: System, layout: Layout, names: Sequence[str], inputs: Sequence[Any]) -> list[str]:
    """Return a line for each of the user's inputs, and one for each tensor that none holds.

    For example "`W` [7, 20] is U, W: U_i (rows 0 to 4 of columns 0 to 4), ...".
    """
    lines = []
    for place, name in enumerate(names):
        shape = list(np.shape(inputs[place]))
        mine = [h for h in layout.held if h.input == place]
        if not mine:
            lines.append(f"`{name}` {shape} matches nothing in the system")
        elif len(mine) == 1:
            how = f" ({mine[0].words})" if mine[0].words else ""
            lines.append(f"`{name}` {shape} is {_tensor(system, mine[0].tensor)}{how}")
        else:
            parts = "; ".join(f"{h.tensor}: {h.words}" for h in mine)
            lines.append(f"`{name}` {shape} holds {parts}")
    for tensor, value in layout.filled.items():
        shown = "zeros" if np.ndim(value) and not np.any(value) else f"{value!r:.40}"
        lines.append(f"{_tensor(system, tensor)} is no input: taken as {shown}")
    return lines


def _tensor(system: System, name: str) -> str:
    shape = system[name].shape
    return f"{name}[{', '.join(map(str, shape))}]" if shape else name

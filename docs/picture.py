"""Draw the README's picture, docs/terminal.svg, from a real run: `python docs/picture.py`.

`tests/test_readme.py` fails when what a run prints now is no longer what the picture shows.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).parent / "terminal.svg"
COMMAND = "gradproof derive softmax_cross_entropy --wrt z"
WIDTH = 92


def recorded() -> Console:
    """Return a console that has recorded the command's output."""
    import gradproof as gp
    from gradproof.derive.render import terminal

    console = Console(width=WIDTH, record=True, force_terminal=True, color_system="truecolor", file=io.StringIO())
    console.print(Text.assemble(("$ ", "bold green"), COMMAND))
    terminal(gp.derive(gp.load("softmax_cross_entropy"), wrt=["z"]), console)
    return console


def drawn(console: Console) -> str:
    """Return the picture: rich's, with fonts that every machine has instead of one that would be fetched."""
    svg = console.export_svg(title="gradproof", unique_id="gradproof")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace")


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(drawn(recorded()), encoding="utf-8")
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()

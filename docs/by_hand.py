"""Draw the reports of examples/by_hand as docs/by_hand_*.svg: `python docs/by_hand.py [lstm softmax ...]`.

`tests/test_examples.py` fails when a picture's verdicts are no longer those of a run. The torch example needs PyTorch.
"""

from __future__ import annotations

import io
import runpy
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
NAMES = ("lstm", "softmax", "swish", "convolution")
WIDTH = 96


def picture(name: str) -> Path:
    """Return the path of an example's picture."""
    return HERE / f"by_hand_{name}.svg"


def recorded(name: str) -> Console:
    """Return a console that has recorded the command and what it prints."""
    path = f"examples/by_hand/{name}.py"
    command = [sys.executable, "-m", "gradproof", "verify", path, "--format", "terminal", "--width", str(WIDTH)]
    ran = subprocess.run(  # noqa: S603  (our own command)
        command, cwd=HERE.parent, capture_output=True, text=True, check=False
    )
    if ran.returncode not in (0, 1):
        raise RuntimeError(ran.stderr)
    console = Console(width=WIDTH + 2, record=True, force_terminal=True, color_system="truecolor", file=io.StringIO())
    console.print(Text.assemble(("$ ", "bold green"), f"gradproof verify {path}"))
    console.print(Text.from_ansi(ran.stdout))
    return console


def main() -> None:
    """Write the pictures that are asked for, all by default."""
    drawn = runpy.run_path(str(HERE / "picture.py"))["drawn"]
    for name in sys.argv[1:] or NAMES:
        picture(name).write_text(drawn(recorded(name)), encoding="utf-8")
        print(f"wrote {picture(name)}")


if __name__ == "__main__":
    main()

"""Draw docs/wrong_line.svg, the report of a wrong line in a page of notes: `python docs/wrong_line.py`.

`tests/test_examples.py` fails when the report is no longer what the picture shows.
"""

from __future__ import annotations

import io
import runpy
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
PICTURE = HERE / "wrong_line.svg"
PAGE = "examples/wrong_line.md"
WIDTH = 100


def report() -> str:
    """Return the reports on the page's claims as a terminal shows them."""
    from gradproof.commands.claims import reports
    from gradproof.commands.output import Output
    from gradproof.derive.latex import read_page
    from gradproof.verify.claims import judge_claims

    page = read_page((HERE.parent / PAGE).read_text(encoding="utf-8"), PAGE)
    return "\n\n".join(reports(judge_claims(page.claims), "terminal", Output(width=WIDTH)))


def recorded() -> Console:
    """Return a console that has recorded the command and the reports."""
    console = Console(width=WIDTH + 2, record=True, force_terminal=True, color_system="truecolor", file=io.StringIO())
    console.print(Text.assemble(("$ ", "bold green"), f"gradproof verify {PAGE}"))
    console.print(Text("  ...", style="dim"))
    console.print(Text.from_ansi(report()))
    return console


def main() -> None:
    """Write the picture."""
    drawn = runpy.run_path(str(HERE / "picture.py"))["drawn"]
    PICTURE.write_text(drawn(recorded()), encoding="utf-8")
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()

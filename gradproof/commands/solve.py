"""`gradproof derive A --solve w`: where the gradient vanishes."""

from __future__ import annotations

import json
from pathlib import Path

from gradproof.commands.outcome import RIGHT
from gradproof.commands.output import Output
from gradproof.commands.progress import progress
from gradproof.commands.subject import find, one_system
from gradproof.commands.work import Request
from gradproof.errors import InputError

FORMATS = ("terminal", "plain", "json")


def solve(argument: str, request: Request, form: str | None, output: Output) -> int:
    """Solve for what the request takes the derivative for, show the steps, and return the exit status."""
    from gradproof.derive.stationary import solve as find_point

    output.check(Path(argument))
    form = output.form(form, FORMATS)
    if form not in FORMATS:
        raise InputError(f"a stationary point is not written as {form}", expected=f"one of {', '.join(FORMATS)}")
    if len(request.of) > 1:
        raise InputError(f"--of {','.join(request.of)}: a stationary point is of one scalar", expected="--of NAME")
    with progress("reading") as doing:
        system = one_system(find(argument), request.of)
        doing("solving")
        found = find_point(system, request.of[0] if request.of else None, request.wrt, without=request.without)
    if form == "json":
        output.put(json.dumps(found.to_dict(), indent=2, ensure_ascii=output.ascii))
    else:
        output.put(found.text(output.columns, ascii=output.plain_ascii))
    return RIGHT

"""The table of verdicts: `python -m tests.verify.corpus [--only NAME] [--right] [--wrong] [--all]`."""

import argparse
import statistics
import sys
import traceback

from gradproof.errors import GradproofError

from .everything import CASES
from .judged import Judged, judge

#: The table is to be whole, whatever a case does.
_RAISED = (ArithmeticError, AttributeError, GradproofError, LookupError, TypeError, ValueError)


def line(j: Judged) -> str:
    """Return a case in one line."""
    place = {True: "exactly", False: "NOT exactly", None: ""}[j.localised]
    cause = {True: "named", False: f"named {j.kinds or 'nothing'}, planted {j.case.mistake!r}", None: ""}[j.diagnosed]
    said = f"{j.verdict} ({j.report.strength})" if j.report.strength else j.verdict
    parts = [f"{j.fault or 'ok':12}", f"{j.case.name:58}", f"{said:20}", f"{j.report.evaluations:5}"]
    parts += [f"{j.seconds:6.2f} s", place, cause, j.report.reason if j.fault else ""]
    return "  ".join(p for p in parts if p)


def summary(found: list[Judged]) -> str:
    """Return the counts."""
    wrong = [j for j in found if not j.case.right]
    placed = [j.localised for j in wrong if j.localised is not None]
    named = [j.diagnosed for j in wrong if j.diagnosed is not None]
    faults = [j.fault for j in found]
    rows = [f"{len(found)} cases, {len(wrong)} of them wrong"]
    rows += [f"{what}: {faults.count(what)}" for what in ("false alarm", "missed", "undecided")]
    rows += [f"localised exactly: {sum(placed)} of {len(placed)}", f"diagnosed: {sum(named)} of {len(named)}"]
    rows += [f"certified: {sum(j.report.strength == 'certified' for j in found)}"]
    evaluations = statistics.median(j.report.evaluations for j in found) if found else 0
    rows += [f"evaluations (median): {evaluations:g}; {sum(j.seconds for j in found):.1f} s of the processor"]
    return "\n".join(rows)


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--right", action="store_true")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--faults", action="store_true", help="leave out lines without any fault")
    parser.add_argument("--unnamed", action="store_true", help="then those whose mistake is not named, as in known.py")
    parser.add_argument("--seed", type=int, default=0, help="of the inputs")
    options = parser.parse_args()
    both = options.right == options.wrong
    chosen = [c for c in CASES if options.only in c.name and (both or c.right == options.right)]
    found = []
    for case in chosen:
        try:
            j = judge(case, options.seed)
        except _RAISED:
            sys.stdout.write(f"RAISED        {case.name}\n{traceback.format_exc()}\n")
            continue
        found.append(j)
        if not options.faults or j.fault or j.localised is False or j.diagnosed is False:
            sys.stdout.write(line(j) + "\n")
            sys.stdout.flush()
    if options.unnamed:
        for j in found:
            if j.diagnosed is False:
                sys.stdout.write(f'    "{j.case.name}": "{", ".join(j.kinds) or "nothing"}",\n')
    sys.stdout.write("\n" + summary(found) + "\n")


if __name__ == "__main__":
    main()

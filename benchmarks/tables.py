"""The tables of the judge beside other tools, and what is to be known about them."""

from __future__ import annotations

import importlib.util
import math
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.answers import CALLS, OURS, SECONDS, Said
from benchmarks.judges import TOOLS

ABOUT = f"""# The judge beside other tools

What `python -m benchmarks.verify` printed last. How each tool is called stands in `benchmarks/judges.py`; the cases
are those of `tests/verify/corpus`.

- All tools judge the same NumPy functions and the same hand-written gradients, unchanged, through thin adapters (a
  `torch.autograd.Function`, a `jax.custom_vjp` over `pure_callback`, an autograd `primitive`), each with its defaults.
  Where a tool has no default, a choice was made that is said there: scipy's `check_grad` returns an error and no
  verdict (below 1e-5 counts as right), numdifftools returns a gradient (compared by `np.allclose`), JAX and autograd
  are asked for the first order in reverse mode.
- The corpus was made together with gradproof's judge, and what the judge got wrong on it was mended: gradproof's line
  says that it does what it was made for, not more. The random networks' seeds were not looked at singly.
- "Exactly localised" and "mistake named" count wrong gradients. Of the other tools only numdifftools gives a number
  for each entry, and none names a mistake. gradproof's time includes naming it. Calls and times are medians over the
  cases with an answer, times of the processor.
- Each tool runs in a process of its own. Other tools than gradproof are stopped after {CALLS} calls or
  {SECONDS:g} seconds of the processor for a case, and their process is ended if that does not stop them: "no verdict",
  as where a tool raises an error.
"""


def row(name: str, said: Sequence[Said]) -> str:
    """Return a tool's line of the table."""
    wrong = [s for s in said if not s.right]
    faults = [s.fault for s in said]
    good = sum(not fault for fault in faults) / len(said)
    counts = [f"{faults.count(what)}" for what in ("false alarm", "missed", "no verdict")]
    places = [f"{sum(bool(s.localised) for s in wrong)}", f"{sum(bool(s.diagnosed) for s in wrong)}"]
    calls, milliseconds = _median(s.calls for s in said), 1000 * _median(s.seconds for s in said)
    return f"| {' | '.join([name, f'{good:.1%}', *counts, *places, f'{calls:g}', f'{milliseconds:.1f}'])} |"


def _median(numbers: Iterable[float]) -> float:
    known = [x for x in numbers if math.isfinite(x)]
    return statistics.median(known) if known else math.nan


def table(answers: Mapping[str, Sequence[Said]]) -> str:
    """Return the table, for each tool what it said of each case."""
    some = next(iter(answers.values()))
    wrong = [s for s in some if not s.right]
    head = ["tool", "judged correctly", "false alarms", "missed", "no verdict", "exactly localised", "mistake named"]
    counted = f"{len(some)} cases: {len(some) - len(wrong)} right, {len(wrong)} wrong."
    lines = [
        f"{counted} {_nameable(answers.get(OURS, ()))}".rstrip(),
        "",
        f"| {' | '.join([*head, 'calls', 'ms'])} |",
        "|---|" + "---:|" * 8,
        *(row(_title(name), said) for name, said in answers.items()),
    ]
    return "\n".join(lines)


def _nameable(ours: Sequence[Said]) -> str:
    """Return how many of the wrong gradients have entries, and a mistake, to name."""
    wrong = [s for s in ours if not s.right]
    if not wrong:
        return ""
    entries, mistakes = (sum(getattr(s, a) is not None for s in wrong) for a in ("localised", "diagnosed"))
    return (
        f"Of the wrong ones {entries} have entries to name (the rest show at other points, or at ties) and\n"
        f"{mistakes} a mistake for the diagnosis to name (of the rest the verdict says it: a shape, a kink, a state)."
    )


def by_family(
    names: Sequence[str], answers: Mapping[str, Sequence[Said]], families: Mapping[str, Sequence[str]]
) -> str:
    """Return a table of the share that is judged correctly, by family: each the names of its cases."""
    titles = [_title(name) for name in answers]
    lines = [f"| {' | '.join(['family', 'cases', *titles])} |", "|---|---:|" + "---:|" * len(answers)]
    for family, members in families.items():
        places = [names.index(n) for n in members if n in names]
        if places:
            shares = [sum(not said[k].fault for k in places) / len(places) for said in answers.values()]
            lines.append(f"| {' | '.join([family, str(len(places)), *(f'{share:.0%}' for share in shares)])} |")
    return "\n".join(lines)


def _title(name: str) -> str:
    return TOOLS[name][0] if name in TOOLS else name


def machine() -> str:
    """Return what the table was made with: the versions, and the processor where the system names it."""
    packages = [n for n in ("numpy", *TOOLS) if importlib.util.find_spec(n) is not None]
    found = [f"Python {platform.python_version()}", *(f"{n} {version(n)}" for n in packages)]
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cores = f"{len(models)} cores" if models else ""
    return ", ".join([*found, platform.system(), *(models[:1] or [platform.machine()]), *([cores] if cores else [])])

"""A row of the table: inputs written once, each peer loaded in its own process, checked, and timed in turns."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from gradproof.bench import peers
from gradproof.bench.amount import amount_of
from gradproof.bench.case import Case
from gradproof.bench.device import device_limits
from gradproof.bench.inputs import inputs_of
from gradproof.bench.limits import limits
from gradproof.bench.peers import ALLOCATES
from gradproof.bench.processes import PeerError, Process
from gradproof.bench.pulse import Pulse
from gradproof.bench.row import Row
from gradproof.bench.turns import Turn, counted, spread, take_turns
from gradproof.errors import InputError

#: Between two turns: the last one's threads have stopped.
_PAUSE = 0.01
#: In whose float64 the reference is computed, the first that can.
_REFERENCES = ("torch", "jax", "numpy")
#: A difference from the reference above so many units of roundoff, over the largest entry, is a wrong result.
_UNITS = 1000
#: So many bytes of arrays may be in workers at once; above it, peers are measured a few at a time, each beside ours.
_BYTES = 1.2e9
#: The peer that compiles for seconds or minutes before its first result.
COMPILED = "torch.compile"

Tell = Callable[[str], None]
#: A worker's name: what it runs, and whether its C library keeps memory.
Key = tuple[str, bool]
#: Ours twice: results in the caller's arrays, for which no memory is needed, and in new ones.
OURS: tuple[Key, ...] = (("ours", False), (ALLOCATES, False))


@dataclass(frozen=True, slots=True)
class Pace:
    """Attributes:
    rounds: turns of each worker that must count; more are taken where they differ or were disturbed.
    seconds: of a turn; at least one call is made.
    patience: seconds that one call, the first among them, may take.
    threads: how many threads all may use.
    compiling: seconds that first calls of torch.compile may take together; rows after that are left out, and say so.
    """

    rounds: int = 7
    seconds: float = 0.15
    patience: float = 120.0
    threads: int = 2
    compiling: float = 3600.0


class Bench:
    """Workers that stay for many rows."""

    def __init__(self, kinds: Sequence[str], pace: Pace, tell: Tell) -> None:
        self.kinds = tuple(k for k in kinds if not peers.absent(k))
        self.missing = {k: f"{peers.absent(k)} is not installed" for k in kinds if peers.absent(k)}
        self.pace, self.tell = pace, tell
        self.processes: dict[Key, Process] = {}
        self.compiled = 0.0
        self.pulse = Pulse(pace.threads)

    def worker(self, key: Key) -> Process:
        """Return the worker, started if it is not running."""
        found = self.processes.get(key)
        if found is None or not found.alive:
            found = self.processes[key] = Process(key[0], self.pace.threads, keeps=key[1])
        return found

    def close(self) -> None:
        """End every worker."""
        for process in self.processes.values():
            process.stop()
        self.pulse.close()

    def row(self, case: Case, row: Row) -> Row:
        """Fill the row with what the case's peers need.

        Raises:
            InputError: the system cannot be read or derived.
        """
        row.reasons |= self.missing
        with tempfile.TemporaryDirectory(prefix="gradproof-bench-") as folder:
            _Measuring(self, case, row, Path(folder)).run()
        return row


class _Measuring:
    def __init__(self, bench: Bench, case: Case, row: Row, folder: Path) -> None:
        self.bench, self.case, self.row, self.folder = bench, case, row, folder
        self.pace = bench.pace
        self.turns: dict[Key, list[Turn]] = {}
        self.bytes = 0

    def run(self) -> None:
        self.inputs()
        self.limit()
        self.reference()
        for wave in self.waves():
            self.bench.tell(f"{self.title}: {', '.join(dict.fromkeys(k for k, _ in wave if k != ALLOCATES))}")
            loaded = [key for key in wave if self.loaded(key)]
            self.rounds(loaded)
            for key in loaded:
                with suppress(PeerError):
                    self.bench.worker(key).ask(self.pace.patience, do="drop")
        self.medians()

    @property
    def on_device(self) -> bool:
        """Do all run on a GPU? There each library keeps its memory by itself, and one process of each is enough."""
        return self.case.target != "cpu"

    @property
    def title(self) -> str:
        return f"{self.row.kernel} {self.row.sizes} {self.row.dtype}"

    def inputs(self) -> None:
        """Write the inputs where every worker finds them."""
        import numpy as np

        place = self.folder / "inputs"
        place.mkdir()
        for name, array in inputs_of(self.case).items():
            np.save(place / f"{name}.npy", array)
            self.bytes += array.nbytes

    def limit(self) -> None:
        amount = amount_of(self.case)
        found = device_limits() if self.on_device else limits(self.pace.threads)
        self.row.limit_s, self.row.limit_by = amount.limit(found)
        self.bytes += int(amount.written)

    def waves(self) -> Iterator[list[Key]]:
        """Return who is measured together: our kernel in each, and as many peers as memory allows."""
        ways = (False,) if self.on_device else (False, True)
        keys = [(kind, keeps) for kind in self.bench.kinds if kind != "ours" for keeps in ways]
        ours = list(OURS) if "ours" in self.bench.kinds else []
        size = max(2, int(_BYTES / max(self.bytes, 1)) - len(ours)) // 2 * 2
        for start in range(0, max(len(keys), 1), size):
            yield [*ours, *keys[start : start + size]]

    # ---------------------------------------------------------------- right

    def reference(self) -> None:
        """Compute the results in float64 from the same inputs, by the first peer that knows the system."""
        wide = replace(self.case, dtype="float64")
        for kind in (*(k for k in _REFERENCES if k in self.bench.kinds), "ours"):
            with suppress(PeerError):
                self.bench.tell(f"{self.title}: reference by {kind}")
                if self.load((kind, False), wide, "reference")["known"]:
                    self.row.reference = f"{kind} in float64"
                    return

    def load(self, key: Key, case: Case, save: str = "") -> dict[str, Any]:
        """Load a case into a worker, which writes what it computes into a folder of that name."""
        place = self.folder / save
        place.mkdir(exist_ok=True)
        files = {"folder": f"{self.folder}/inputs", "save": str(place) if save else ""}
        return self.bench.worker(key).ask(self.pace.patience, do="load", case=asdict(case), **files)

    def loaded(self, key: Key) -> bool:
        """Load the case into a worker and check what it computes; where that fails, note why."""
        kind, name = key[0], "ours" if key[0] == ALLOCATES else key[0]
        unchecked = self.row.reference and name not in self.row.errors
        if kind == COMPILED and self.bench.compiled > self.pace.compiling:
            self.row.reasons[name] = f"left out: {self.bench.compiled:.0f} s went into compiling the rows before"
            return False
        begun = time.perf_counter()
        try:
            said = self.load(key, self.case, name if unchecked else "")
        except PeerError as error:
            self.row.reasons[name] = str(error)
            return False
        finally:
            self.bench.compiled += time.perf_counter() - begun if kind == COMPILED else 0.0
        if said["known"]:
            self.row.first_s.setdefault(name, said["first_s"])
            if unchecked:
                self.check(name)
        elif kind in ("numpy", "torch", COMPILED, "jax", "cupy"):
            self.row.reasons[kind] = "not written for this"
        return bool(said["known"])

    def check(self, name: str) -> None:
        """Compare a peer's results with the reference."""
        import numpy as np

        error = 0.0
        for path in sorted((self.folder / "reference").glob("*.npy")):
            error = max(error, difference(self.folder / name / path.name, np.load(path)))
        self.row.errors[name] = error
        if not error <= _UNITS * float(np.finfo(self.case.dtype).eps):
            self.row.reasons[name] = f"its results differ from {self.row.reference} by {error:.1e}"

    # ---------------------------------------------------------------- fast

    def rounds(self, keys: list[Key]) -> None:
        """Give each worker its turns."""
        for key, turns in take_turns(keys, self.pace.rounds, self.turn).items():
            self.turns.setdefault(key, []).extend(turns)

    def turn(self, key: Key) -> Turn | None:
        """Return one turn of a worker; None where it failed, and why is noted."""
        time.sleep(_PAUSE)
        try:
            before = self.bench.pulse()
            said = self.bench.worker(key).ask(self.pace.patience, do="time", seconds=self.pace.seconds)
            return Turn.of(said, max(before, self.bench.pulse()))
        except PeerError as error:
            self.row.reasons["ours" if key[0] == ALLOCATES else key[0]] = str(error)
            return None

    def medians(self) -> None:
        """Put what the turns say into the row."""
        for (kind, keeps), taken in self.turns.items():
            turns = counted(taken, self.pace.rounds)
            medians = [t.median for t in turns]
            if kind == "ours":
                self.row.ours_s = statistics.median(medians)
            elif kind == ALLOCATES:
                self.row.ours_alloc_s = statistics.median(medians)
            else:
                if keeps or self.on_device:
                    self.row.peers_noalloc[kind] = statistics.median(medians)
                if not keeps:
                    self.row.peers[kind] = statistics.median(medians)
            self.row.turns[f"{kind}, kept memory" if keeps else kind] = {
                "taken": len(taken),
                "counted": len(turns),
                "least_s": min(medians),
                "spread": spread(medians),
                "processors": statistics.median(t.processors for t in turns),
                "waited": statistics.median(t.waited for t in turns),
                "slowed": statistics.median(t.slowed for t in turns),
            }


def difference(path: Path, expected: Any) -> float:
    """Return the largest difference from an array over its largest entry; infinite where shapes or NaNs differ."""
    import numpy as np

    found = np.load(path) if path.exists() else None
    if found is None or found.shape != expected.shape or np.any(np.isnan(found) != np.isnan(expected)):
        return float("inf")
    largest = float(np.max(np.abs(expected), initial=0.0)) or 1.0
    return float(np.max(np.abs(found - expected), initial=0.0)) / largest


@contextmanager
def bench(kinds: Sequence[str], pace: Pace, tell: Tell) -> Iterator[Bench]:
    """Open workers for many rows, and end them."""
    made = Bench(kinds, pace, tell)
    try:
        yield made
    finally:
        made.close()


__all__ = ["Bench", "InputError", "Pace", "bench", "difference"]

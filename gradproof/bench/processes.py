"""Workers as the measuring process sees them: started with so many threads, asked one at a time, stopped when late."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

#: Where this gradproof was loaded from: the workers' is the same.
_ROOT = Path(__file__).parent.parent.parent

#: What tells the C library to keep freed memory: a second call finds the pages of the first.
KEEPS_MEMORY = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(1 << 46),
    "MALLOC_TOP_PAD_": str(1 << 26),
    "MALLOC_ARENA_MAX": "1",
}


class PeerError(Exception):
    """A peer failed, and the message says how; the table shows it."""


class Process:
    """One peer in a process of its own, which stands still (SIGSTOP) while it is not asked.

    A library's threads may spin for more work long after its call; standing still they take no core from the others.

    Attributes:
        kind: what it runs.
        keeps: whether it keeps the memory of its outputs from call to call.
    """

    def __init__(self, kind: str, threads: int, *, keeps: bool = False) -> None:
        self.kind, self.keeps = kind, keeps
        variables = {**environment(threads), **(KEEPS_MEMORY if keeps else {})}
        # Its complaints go into a file: a pipe that nobody reads would fill up and stop it.
        self.complaints = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        command = [sys.executable, "-m", "gradproof.bench.worker", kind]
        self.process = subprocess.Popen(  # noqa: S603  (our own module)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.complaints, text=True, env=variables
        )
        self.answers: queue.Queue[str] = queue.Queue()
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put("")

    def ask(self, timeout: float, **message: Any) -> dict[str, Any]:
        """Return the answer to a message.

        Raises:
            PeerError: it failed, ended, or gave none in time; it is stopped then.
        """
        if not self.alive:
            raise PeerError("its process ended")
        assert self.process.stdin is not None
        try:
            self._signal("SIGCONT")
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
            line = self.answers.get(timeout=timeout)
            self._signal("SIGSTOP")
        except queue.Empty:
            self.stop()
            raise PeerError(f"no answer in {timeout:.0f} s") from None
        except OSError:
            line = ""
        if not line:
            words = self._last_words()
            self.stop()
            raise PeerError(f"its process ended: {words}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise PeerError(_in_a_line(answer["error"]))
        return answer

    def _signal(self, name: str) -> None:
        """Send a signal where the system has it."""
        number = getattr(signal, name, None)
        if number is not None and self.alive:
            self.process.send_signal(number)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """End the process."""
        if self.alive:
            self.process.kill()
        self.process.wait()
        self.listener.join()
        for stream in (self.process.stdin, self.process.stdout, self.complaints):
            if stream is not None:
                with suppress(OSError):  # what was not sent yet cannot be sent any more
                    stream.close()

    def _last_words(self) -> str:
        self.complaints.seek(0)
        lines = [line for line in self.complaints.read().splitlines() if line.strip()]
        return _in_a_line(lines[-1]) if lines else f"exit status {self.process.wait()}"


def environment(threads: int) -> dict[str, str]:
    """Return the environment of a process that uses so many threads and cores."""
    cores = ",".join(map(str, first_cores(threads)))
    path = os.pathsep.join(part for part in (str(_ROOT), os.environ.get("PYTHONPATH")) if part)
    own = {"GRADPROOF_BENCH_CORES": cores, "PYTHONPATH": path}
    return {**os.environ, **dict.fromkeys(_THREADS, str(threads)), **own}


def first_cores(threads: int) -> list[int]:
    """Return the cores that every peer is kept to; none where the system cannot say or keep."""
    if not hasattr(os, "sched_getaffinity"):
        return []
    return sorted(os.sched_getaffinity(0))[:threads]


def _in_a_line(text: str) -> str:
    return " ".join(text.split())[:300]

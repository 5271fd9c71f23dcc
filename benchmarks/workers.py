"""A tool in a process of its own: what hangs or crashes there ends that process, and the next case gets a new one."""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Callable
from typing import Any

#: What a process answers with, for (the tool's name, what is asked).
Answering = Callable[[str, Any], Any]
#: A new process may take so long to import what it needs.
_START = 300.0


class Worker:
    """A tool's process, started when it is first asked.

    Attributes:
        started: how many processes there were.
    """

    def __init__(self, name: str, answering: Answering, first: Any, limit: float) -> None:
        """Keep what the process is to do.

        Args:
            name: of the tool.
            answering: called there, a function of a module.
            first: asked before anything else and not answered: the first use of a library is not what is measured.
            limit: seconds of the clock for an answer.
        """
        self.name, self.answering, self.first, self.limit = name, answering, first, limit
        self.started = 0
        self._process: Any = None
        self._pipe: Any = None

    def ask(self, question: Any) -> Any:
        """Return the answer; None if there was none in time, or the process ended."""
        if self._process is None and not self._start():
            return None
        self._pipe.send(question)
        answer = self._received(self.limit)
        if answer is None:
            self.close()
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
        self._process = None

    def _start(self) -> bool:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, self.name, self.answering, self.first), daemon=True
        )
        self._process.start()
        theirs.close()
        self.started += 1
        if self._received(_START) is None:
            self.close()
            return False
        return True

    def _received(self, limit: float) -> Any:
        try:
            return self._pipe.recv() if self._pipe.poll(limit) else None
        except (EOFError, ConnectionError):
            return None


def _serve(pipe: Any, name: str, answering: Answering, first: Any) -> None:
    """Answer one question after the other."""
    warnings.simplefilter("ignore")
    answering(name, first)
    pipe.send("ready")
    while True:
        try:
            question = pipe.recv()
        except EOFError:
            return
        pipe.send(answering(name, question))

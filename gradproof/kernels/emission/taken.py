"""What a row's helper returns: numbers that are complete, or that go to what has run so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradproof.kernels.emission.terms import BETTER
from gradproof.kernels.plan import Statement

if TYPE_CHECKING:
    from gradproof.kernels.emission.regions import RegionEmitter


@dataclass(frozen=True, slots=True)
class Result:
    """A number that the helper returns: what it is called there, and the reduction that it is a part of."""

    name: str
    statement: Statement


class Taker:
    """Puts the call of a helper, and where its results go, into a region's function."""

    def __init__(self, region: RegionEmitter, results: list[Result]) -> None:
        self.region, self.results = region, results

    def put(self, call: str) -> None:
        """Put the call."""
        if not self.results:
            self.region.frame.put(call)
        elif any(r.statement.kind.startswith("arg") for r in self.results):
            self._take_positions(call)
        elif len(self.results) == 1:
            self._take(self.results[0].statement, call)
        else:
            names = [self._received(r) for r in self.results]
            self.region.frame.put(f"{', '.join(names)} = {call}")
            for r, name in zip(self.results, names, strict=True):
                self._take(r.statement, name)

    def _take_positions(self, call: str) -> None:
        """Positions and the values there go through the helper; other numbers are added to what has run."""
        others = [r for r in self.results if not r.statement.kind.startswith("arg")]
        names = {r.name: self._received(r) for r in others}
        self.region.frame.put(f"{', '.join(names.get(r.name, r.name) for r in self.results)} = {call}")
        for r in others:
            self._take(r.statement, names[r.name])

    def _received(self, r: Result) -> str:
        own = self._is_name(r.statement)
        return self.region.places.array(r.statement.name) if own else self.region.frame.name(f"{r.name}_here")

    def _is_name(self, s: Statement) -> bool:
        return s.name not in self.region.running and self.region.ends_in_a_name(s)

    def _take(self, s: Statement, value: str) -> None:
        """Put the helper's value where the reduction goes, or add it to what has run."""
        running = self.region.running.get(s.name)
        if running is None:
            self.region.complete(s, value)
            return
        into = self.region.running_text(running)
        if s.kind == "sum":
            self.region.frame.put(f"{into} += {value}")
        else:
            self.region.frame.put(f"{into} = {self.region.writer.call(BETTER[s.kind], into, value)}")

"""One module's pairs, judged: the module is imported once, each pair gets its inputs and goes to the judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gradproof.errors import InputError
from gradproof.verify.judge.judge import check
from gradproof.verify.modules.inputs import Chosen, Missing, choose, declared, produced
from gradproof.verify.modules.load import load
from gradproof.verify.modules.pairs import Finder, Pair
from gradproof.verify.modules.results import Listed, Request, Result
from gradproof.verify.modules.source import texts
from gradproof.verify.modules.task import Task, parameters
from gradproof.verify.modules.told import raised
from gradproof.verify.report import Report

_RESERVED = ("self", "init", "wrt")


class Work:
    """A module that is loaded, and what it declares.

    Raises:
        InputError: it cannot be imported, or its declaration cannot be read.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        path = Path(request.path)
        np.random.seed(request.seed % 2**32)  # noqa: NPY002  (modules that draw from the global generator repeat)
        self.module = load(path)
        source = path.read_text(encoding="utf-8-sig")
        self.finder = Finder(self.module, texts(source))
        try:
            self.declared = declared(self.module, request.seed)
        except InputError:
            raise
        except Exception as error:  # noqa: BLE001  (the user's function)
            raise InputError(f"gradproof_inputs: {raised(error, path)}") from None

    def pairs(self) -> list[Pair]:
        """Return the pairs that were found."""
        return self.finder.pairs()

    def judged(self, pair: Pair) -> Result:
        """Return what became of a pair."""
        listed = Listed(pair.name, pair.how, pair.line, pair.also)
        if pair.trouble or pair.ask is None:
            return Result(listed, skipped=pair.trouble)
        try:
            return self._asked(pair, listed)
        except Missing as error:
            names = ", ".join(error.names)
            return Result(listed, skipped=f"no inputs are known for {names}", missing=error.names)
        except InputError as error:
            return Result(listed, skipped=error.message, expected=error.expected, hint=error.hint)

    def _asked(self, pair: Pair, listed: Listed) -> Result:
        rng = np.random.default_rng(self.request.seed)
        own, options = self._own(pair)
        chosen = self._chosen(pair, own, rng)
        try:
            tasks = pair.ask(chosen.values, rng) if pair.ask is not None else []
        except (InputError, Missing):
            raise
        except Exception as error:  # noqa: BLE001  (the user's code)
            reason = raised(error, Path(self.request.path))
            return Result(
                listed,
                Report("undecided", "", reason, seed=self.request.seed, again=self.request.again(pair.name)),
                chosen.told,
            )
        report, task = self._best(tasks, {**pair.options, **options})
        report = replace(report, again=self.request.again(pair.name))
        return Result(listed, report, chosen.told, tuple(task.options.get("wrt") or task.names))

    def _best(self, tasks: list[Task], options: Mapping[str, Any]) -> tuple[Report, Task]:
        """Return the verdict on the first reading that is right; if none is, on the one that is least off."""
        reports = []
        for task in tasks:
            report = self._report(task, options)
            reports.append((report, task))
            if report.verdict == "right":
                break
        found, task = reports[-1] if reports[-1][0].verdict == "right" else min(reports, key=lambda r: _off(r[0]))
        return replace(found, notes=(*task.notes, *found.notes)), task

    def _report(self, task: Task, options: Mapping[str, Any]) -> Report:
        asked: dict[str, Any] = {**task.options, "names": task.names, "seed": self.request.seed, **options}
        if self.request.budget is not None:
            asked["budget"] = self.request.budget
        if self.request.against:
            asked["against"] = self.request.against
        return check(task.f, asked.pop("grad", None), task.inputs, **asked)

    # ------------------------------------------------------------ inputs

    def _own(self, pair: Pair) -> tuple[Any, dict[str, Any]]:
        """Return what is declared for this pair alone, and the options in it."""
        found = pair.inputs
        for name in (pair.name, *pair.also):
            if found is None and name in self.declared:
                found = self.declared[name]
        found = produced(found, self.request.seed)
        if not isinstance(found, Mapping):
            return found, {}
        names = {p.name for p in pair.wanted}
        options = {"wrt": found["wrt"]} if "wrt" in found and "wrt" not in names else {}
        return {key: value for key, value in found.items() if key != "wrt" or key in names}, options

    def _chosen(self, pair: Pair, own: Any, rng: np.random.Generator) -> Chosen:
        shared = {k: v for k, v in self.declared.items() if isinstance(k, str)}
        if pair.make is None:
            return choose(pair.wanted, pair.docstring, own, shared, rng)
        given = {k: v for k, v in own.items() if k not in _RESERVED} if isinstance(own, Mapping) else own
        make = self._maker(pair, own if isinstance(own, Mapping) else {}, shared, rng)
        chosen = choose(pair.wanted, pair.docstring, given, shared, rng)
        return Chosen({**chosen.values, "self": make}, chosen.told)

    def _maker(self, pair: Pair, own: Mapping[str, Any], shared: Mapping[str, Any], rng: np.random.Generator) -> Any:
        """Return what makes the object that is judged.

        Raises:
            Missing: the class is made with arguments that nothing is known of.
        """
        kind: Any = pair.make
        if "self" in own:
            return lambda: own["self"]
        init = own.get("init")
        takes_any = kind.__init__ is not object.__init__
        wanted = parameters(kind.__init__, skip=1) if takes_any else ()
        try:
            chosen = choose(
                wanted, (kind.__init__.__doc__ or kind.__doc__ or ""), init, shared if init is None else {}, rng
            )
        except Missing as error:
            raise Missing(tuple(f"init: {name}" for name in error.names)) from None
        return lambda: kind(**chosen.values)


def _off(report: Report) -> float:
    """Return the greatest relative error; of a report without one, infinity."""
    return max((f.relative for f in report.findings), default=float("inf"))

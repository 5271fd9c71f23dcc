"""The gradients of a backward pass with one equation changed: only what reads it is computed again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradproof.derive.interpret.binding import bind
from gradproof.derive.interpret.fields import Array, Float64
from gradproof.derive.interpret.order import schedule
from gradproof.derive.interpret.run import Machine, machine_for
from gradproof.derive.model import Equation
from gradproof.errors import GradproofError
from gradproof.verify.diagnosis.forms import Form


class Rerun:
    """A form at a point, computed once."""

    def __init__(self, form: Form, inputs: Mapping[str, Any]) -> None:
        self.form, self.inputs = form, inputs
        self.binding = bind(form.system, inputs)
        self.base = machine_for(form.system, inputs, Float64())

    def gradient(self, name: str) -> Array:
        """Return a tensor as the unchanged equations give it."""
        return self.base.result(name) if name in self.base.tensors else np.asarray(self.inputs[name], dtype=float)

    def changed(self, changes: Mapping[str, Equation], wanted: frozenset[str]) -> dict[str, Array] | None:
        """Return {name: array} of those wanted tensors that the changed equations (by their targets' names) reach.

        No system is made of them: that costs ten times as much as running them. None where they cannot be run.
        """
        affected = frozenset().union(*(self.form.affected(n) for n in changes))
        try:
            machine = Machine(self.form.system, self.binding, Float64(), {})
            machine.tensors.update({n: rows for n, rows in self.base.tensors.items() if n not in affected})
            with np.errstate(all="ignore"):
                for item in schedule([changes.get(e.name, e) for e in self.form.backward if e.name in affected]):
                    machine.do(item, {})
            return {n: machine.result(n) for n in wanted & affected}
        except GradproofError:
            return None

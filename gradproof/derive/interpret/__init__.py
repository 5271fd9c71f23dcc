"""The reference interpreter: equations over floats, balls or dual balls, by the plain reading of the notation."""

from gradproof.derive.interpret.run import evaluate, run

__all__ = ["evaluate", "run"]

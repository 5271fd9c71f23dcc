"""What gradproof finds on a machine: what it needs, what it can use, and what to do where something is missing."""

from gradproof.doctor.examine import examine
from gradproof.doctor.finding import Finding, State

__all__ = ["Finding", "State", "examine"]

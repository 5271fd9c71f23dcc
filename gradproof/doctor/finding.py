"""One thing that was looked at, and how it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum


class State(Enum):
    """How a thing is: there; not there, and not needed by all; or not as gradproof needs it."""

    FOUND = "found"
    ABSENT = "absent"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """Attributes:
    group: "needed", "processor", "GPU" or "libraries".
    what: what was looked at.
    state: how it is.
    told: the version, the name, or in one sentence what is missing.
    help: what to do about it, as a command where there is one.
    """

    group: str
    what: str
    state: State
    told: str
    help: str = ""

    def as_json(self) -> dict[str, str]:
        """Return it as plain values."""
        return {**asdict(self), "state": self.state.value}


def found(group: str, what: str, told: str) -> Finding:
    """Return what is as it should be."""
    return Finding(group, what, State.FOUND, told)


def absent(group: str, what: str, told: str, help: str = "") -> Finding:  # noqa: A002
    """Return what is not there, and what is lost by that."""
    return Finding(group, what, State.ABSENT, told, help)


def broken(group: str, what: str, told: str, help: str = "") -> Finding:  # noqa: A002
    """Return what keeps gradproof from its work."""
    return Finding(group, what, State.BROKEN, told, help)

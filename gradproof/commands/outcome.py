"""Exit statuses, and how a failure is told: the message, then the place, on stderr."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable, Iterable

from gradproof.errors import InputError

RIGHT, WRONG, BAD_INPUT, UNDECIDED = 0, 1, 2, 3
INTERNAL, CANNOT_WRITE, INTERRUPTED, PIPE_CLOSED = 70, 74, 130, 141

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What the system says where there is no room for the output."""

_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1m"}


def worst(statuses: Iterable[int]) -> int:
    """Return the status of a run of many checks: wrong, else bad input, else undecided, else right.

    >>> worst([RIGHT, UNDECIDED, BAD_INPUT])
    2
    """
    met = set(statuses)
    return next((status for status in (WRONG, BAD_INPUT, UNDECIDED) if status in met), RIGHT)


def say(text: str, kind: str = "error") -> None:
    """Print a message to stderr; on a terminal its kind (error, warning, note) is coloured."""
    colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    label = f"{_COLOURS[kind]}{kind}:\x1b[0m" if colour else f"{kind}:"
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(f"{label} {text}\n".encode(encoding, "backslashreplace").decode(encoding))
    sys.stderr.flush()


def status_of(work: Callable[[], int]) -> int:
    """Run the work of a command and return its exit status; where it fails, say why on stderr."""
    try:
        status = work()
        sys.stdout.flush()
    except InputError as error:
        say(str(error))
        return BAD_INPUT
    except RecursionError:
        say("the input is nested too deeply\n  help: name parts of it in equations of their own")
        return BAD_INPUT
    except MemoryError:
        say("out of memory\n  help: try smaller sizes, or a part of the document")
        return BAD_INPUT
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return PIPE_CLOSED
    except OSError as error:
        if error.errno not in _FULL:
            return _own_mistake(error)
        _silence_stdout()
        say(f"cannot write: {os.strerror(error.errno).lower()}")
        return CANNOT_WRITE
    except Exception as error:  # noqa: BLE001  (the last resort: a mistake of our own is told as such)
        return _own_mistake(error)
    return status


def _own_mistake(error: Exception) -> int:
    """Tell a mistake of gradproof's own in a line, or at length with GRADPROOF_DEBUG set."""
    if os.environ.get("GRADPROOF_DEBUG"):
        traceback.print_exception(error)
    say(
        f"internal error: {type(error).__name__}: {error}\n"
        "  help: this is a mistake in gradproof, not in your input; please report it,\n"
        "        with what GRADPROOF_DEBUG=1 in the environment shows"
    )
    return INTERNAL


def _silence_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush does not fail as well."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

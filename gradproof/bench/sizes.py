"""Sizes of a kernel: those asked for, and usual ones for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from gradproof.errors import InputError

#: Usual sizes by name; any other is 64.
USUAL = {
    "T": 64, "S": 64, "B": 32, "N": 32, "m": 1024, "n": 1_000_000, "D": 256, "H": 256, "C": 256, "E": 64, "F": 256,
    "V": 10_000, "G": 2, "s": 1, "p": 1, "r": 1, "k": 2, "U": 3,
}  # fmt: skip
OTHER = 64

#: What fits one kernel better than what is usual.
OF_KERNEL: dict[str, dict[str, int]] = {
    **{name: {"C": 64, "H": 32, "W": 32, "O": 64, "V": 3} for name in ("conv1d", "conv2d", "conv2d_depthwise")},
    "conv2d_grouped": {"C": 32, "H": 32, "W": 32, "O": 32, "V": 3},
    **{name: {"C": 64, "H": 32, "W": 32, "s": 2, "p": 0} for name in ("max_pool1d", "max_pool2d", "avg_pool2d")},
    "avg_pool1d": {"C": 64, "H": 32, "s": 2, "p": 0},
    "mlp": {"m": 128, "D": 784, "H": 512, "C": 10},
    "layer_norm": {"N": 8192, "D": 1024},
    "rms_norm": {"N": 8192, "D": 1024},
    "batch_norm": {"N": 8192, "D": 1024},
    "multi_head_attention": {"B": 4, "T": 256, "D": 512, "H": 8},
    "encoder_block": {"T": 256, "D": 512, "H": 8, "F": 2048},
    "decoder_block": {"T": 256, "S": 256, "D": 512, "H": 8, "F": 2048},
    "adam": {"T": 1}, "adamw": {"T": 1}, "momentum": {"T": 1},
}  # fmt: skip

#: Of a window that slides: the axis of the result, that of what it slides over, and the window's own.
_WINDOWS = {"conv": (("I", "H", "U"), ("J", "W", "V")), "pool": (("I", "H", "k"), ("J", "W", "k"))}
_BATCH = ("B", "N", "m")


def parse_sizes(texts: Iterable[str]) -> dict[str, int]:
    """Return {name: size} of texts as "T=64,B=32".

    Raises:
        InputError: a part is no size.

    >>> parse_sizes(["T=64,B=32", "H=256"])
    {'T': 64, 'B': 32, 'H': 256}
    """
    found: dict[str, int] = {}
    for part in (p.strip() for text in texts for p in text.split(",")):
        name, sign, value = part.partition("=")
        if not (sign and name.strip() and value.strip().isdecimal()):
            raise InputError(f"--sizes {part!r} is no size", expected="a name and an integer, as in --sizes T=64,H=256")
        found[name.strip()] = int(value)
    return found


def complete(kernel: str, names: Iterable[str], asked: Mapping[str, int]) -> dict[str, int]:
    """Return all sizes of a system: those asked for, and usual ones.

    Args:
        kernel: the system's name in the catalogue, "" for any other.
        names: the names of its sizes.
        asked: what was asked for; B, N and m may stand for each other, where the system has one of them.

    Raises:
        InputError: a name that the system does not have.
    """
    known = tuple(names)
    given = {_meant(name, known): value for name, value in asked.items()}
    own = OF_KERNEL.get(kernel, {})
    sizes = {n: given.get(n, own.get(n, USUAL.get(n, OTHER))) for n in known}
    windows = next((w for kind, w in _WINDOWS.items() if kind in kernel and "transpose" not in kernel), ())
    for result, over, window in windows:
        if result in sizes and result not in given and over in sizes and window in sizes:
            reach = sizes.get("r", 1) * (sizes[window] - 1) + 1
            sizes[result] = (sizes[over] + 2 * sizes.get("p", 0) - reach) // sizes["s"] + 1
    return sizes


def _meant(name: str, known: tuple[str, ...]) -> str:
    if name in known:
        return name
    batch = [n for n in _BATCH if n in known]
    if name in _BATCH and len(batch) == 1:
        return batch[0]
    near = get_close_matches(name, known, n=1) or [n for n in known if n.lower() == name.lower()]
    hint = f"did you mean {near[0]}?" if near else ""
    raise InputError(f"--sizes {name}: there is no such size", expected=f"one of {', '.join(known)}", hint=hint)

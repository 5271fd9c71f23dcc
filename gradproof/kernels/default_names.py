"""Names of kernels that nobody has named."""

from __future__ import annotations

import re

from gradproof.kernels.names import ascii_name
from gradproof.kernels.prepare import Program

_ARTICLES = ("a", "an", "the")
_LINKS = ("with", "of", "from", "for", "in", "on", "as", "and", "by", "to", "at", "is")


def default_name(program: Program) -> str:
    """Return a function's name: the first words of the title (`softmax_cross_entropy_fused`), or else the outputs."""
    words = re.findall(r"[^\W_]+", re.split(r"[.:,;(=]", program.title, maxsplit=1)[0])
    if words and words[0].lower() in _ARTICLES:
        words = words[1:]
    end = next((k for k, w in enumerate(words) if w.lower() in _LINKS), len(words))
    stem = "_".join(ascii_name(w) for w in words[: min(end, 5)]).lower()
    named = program.source.outputs if program.what == "forward" else program.outputs
    stem = stem.strip("_") or "_".join(ascii_name(n) for n in named[: 1 if program.what == "fused" else 2])
    return f"{stem[:48]}_{program.what}"

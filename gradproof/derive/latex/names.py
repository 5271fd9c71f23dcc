r"""LaTeX names <-> names of the notation, one deterministic mapping and its inverse.

`\hat{y}` is ŷ, `\alpha` is α, `\text{Loss}` is Loss, `W^{(1)}` and `W_1` are W1,
`a^{(l)}` is a_l, `w_{\text{out}}` is w_out.
Bold, calligraphic and upright letters are the plain letter: boldness says rank, not name.
"""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType

_GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
]

#: command -> letter, both cases.
GREEK = MappingProxyType(
    {g: unicodedata.lookup(f"GREEK SMALL LETTER {'LAMDA' if g == 'lambda' else g.upper()}") for g in _GREEK}
    | {
        g.capitalize(): unicodedata.lookup(f"GREEK CAPITAL LETTER {'LAMDA' if g == 'lambda' else g.upper()}")
        for g in _GREEK
    }
    | {"ell": "\N{SCRIPT SMALL L}"}
)
_COMMAND = MappingProxyType({letter: command for command, letter in GREEK.items()})

#: accent command -> combining mark.
ACCENTS = MappingProxyType({"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "check": "\u030c", "dot": "\u0307"})
_ACCENT_OF = MappingProxyType({mark: command for command, mark in ACCENTS.items()})

_ADJOINT = re.compile(r"(?P<prefix>[dt]\d*)_(?P<of>.+)", re.DOTALL)
_PARTIAL = re.compile(r"d(?P<of>[^_].*?)_d(?P<by>.+)", re.DOTALL)
_NUMBERED = re.compile(r"(?P<base>.+?)(?P<label>\d+)", re.DOTALL)
_LABELLED = re.compile(r"(?P<base>[^_]+)_(?P<label>[^\W_]+)", re.DOTALL)
_SHIFTED = re.compile(r"(?P<letter>[A-Za-z])(?P<sign>[mp])(?P<by>\d+)")


def accented(base: str, accent: str) -> str:
    r"""Return the name of `\accent{base}`: y and hat give ŷ, pred and hat give predhat."""
    return unicodedata.normalize("NFC", base + ACCENTS[accent]) if len(base) == 1 else base + accent


def labelled(base: str, label: str) -> str:
    """Return the name of a base with a label: W and 1 give W1, a and l give a_l, a and l-1 give a_lm1."""
    label = label.replace("+", "p").replace("-", "m").replace("*", "star")
    return base + label if label.isdigit() else f"{base}_{label}"


def text_name(text: str) -> str:
    r"""Return the name that `\text{...}` holds: its letters and digits, other characters as an underscore."""
    return re.sub(r"[\W_]+", "_", text.replace("\\", "").strip()).strip("_")


def ascii_name(name: str) -> str:
    """Return the name as a keyboard types it: ŷ is yhat, α is alpha.

    >>> ascii_name("ŷ"), ascii_name("α"), ascii_name("W1")
    ('yhat', 'alpha', 'W1')
    """
    out = ""
    for c in unicodedata.normalize("NFD", name):
        out += _ACCENT_OF.get(c) or (_COMMAND.get(c) if not c.isascii() else None) or c
    return out


def latex_name(name: str, tensors: frozenset[str] | None = None) -> tuple[str, str]:
    r"""Return (head, label) in LaTeX: the label goes above, so that indices fit below.

    Args:
        name: a name of the notation.
        tensors: the tensors of the system: `d_x` is an adjoint where x is one of them (always, if None).

    >>> latex_name("W1"), latex_name("ŷ"), latex_name("Loss"), latex_name("a_l")
    (('W', '(1)'), ('\\hat{y}', ''), ('\\text{Loss}', ''), ('a', '(l)'))
    """
    adjoint = _ADJOINT.fullmatch(name)
    if adjoint and (tensors is None or adjoint["of"] in tensors or adjoint["of"].startswith(("d_", "t_"))):
        return _adjoint(adjoint["prefix"], *latex_name(adjoint["of"], tensors))
    if (found := _NUMBERED.fullmatch(name)) and _single(found["base"]):
        return _head(found["base"]), f"({found['label']})"
    if (found := _LABELLED.fullmatch(name)) and _single(found["base"]):
        return _head(found["base"]), _label(found["label"])
    return _head(name), ""


def unbarred(name: str) -> str:
    """Return the adjoint's name for a name with bars: x̄ is d_x, with two bars d2_x, with a bar and a dot t_x."""
    apart = unicodedata.normalize("NFD", name)
    bars = apart.count(ACCENTS["bar"]) + apart.count("bar")
    base = apart.replace(ACCENTS["bar"], "").replace("bar", "")
    if not bars:
        return name
    total = base.replace(ACCENTS["dot"], "").replace("dot", "")
    prefix = ("t" if total != base else "d") + (str(bars) if bars > 1 else "")
    return f"{prefix}_{unicodedata.normalize('NFC', total)}"


def is_partial(name: str) -> tuple[str, str] | None:
    """Return (Loss, w) for the name dLoss_dw, the gradient that comes in where no equation leads from w to Loss."""
    found = _PARTIAL.fullmatch(name)
    return (found["of"], found["by"]) if found else None


def partial_name(of: str, by: str) -> str:
    """Return the name of a gradient that comes in: dLoss_dw."""
    return f"d{of}_d{by}"


def _adjoint(prefix: str, head: str, label: str) -> tuple[str, str]:
    order = prefix[1:]
    bar = rf"\bar{{{head}}}" if prefix[0] == "d" else rf"\dot{{\bar{{{head}}}}}"
    return (rf"\bar{{{bar}}}" if order else bar), label


def _single(base: str) -> bool:
    return base in GREEK or len(unicodedata.normalize("NFC", base)) == 1 or _accent(base) is not None


def _accent(name: str) -> tuple[str, str] | None:
    """Split ŷ, x̂ and xhat into the letter and the accent's command."""
    apart = unicodedata.normalize("NFD", name)
    if len(apart) == 2 and apart[1] in _ACCENT_OF:
        return apart[0], _ACCENT_OF[apart[1]]
    for command in ("hat", "tilde"):
        base = name.removesuffix(command)
        if base != name and (len(base) == 1 or base in GREEK):
            return base, command
    return None


def _head(name: str) -> str:
    if name in GREEK:
        return f"\\{name}"
    if name in _COMMAND:
        return f"\\{_COMMAND[name]}"
    if split := _accent(name):
        return rf"\{split[1]}{{{_head(split[0])}}}"
    return name if len(name) == 1 else rf"\text{{{name.replace('_', chr(92) + '_')}}}"


def _label(label: str) -> str:
    if found := _SHIFTED.fullmatch(label):
        return f"({found['letter']}{'-' if found['sign'] == 'm' else '+'}{found['by']})"
    if label == "star":
        return "*"
    return f"({label})" if len(label) == 1 else rf"(\text{{{label}}})"

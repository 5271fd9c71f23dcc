"""How names are shown: Greek letters, digits as subscripts, and ∂L/∂z for the adjoint that the notation calls d_z."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from unicodedata import normalize

from gradproof.derive.render import higher
from gradproof.derive.steps import Derivation, Mode

_LOWER = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu"),
    *("nu", "xi", "omicron", "pi", "rho", "finalsigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
)
GREEK = {name: chr(0x3B1 + k) for k, name in enumerate(_LOWER)}
GREEK |= {name.capitalize(): chr(0x391 + k) for k, name in enumerate(_LOWER) if name != "finalsigma"}
GREEK |= {"lam": "λ", "eps": "ε", "varphi": "φ"}
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
FUNCTIONS = {"sigmoid": "σ", "relu": "ReLU", "sqrt": "√", "erf": "erf"}
_WORD = re.compile(r"^([^\W\d_]+?)(hat|bar|dot|tilde)?_?(\d*)('*)$")
_MARKS = {"hat": "\u0302", "bar": "\u0304", "dot": "\u0307", "tilde": "\u0303"}


@dataclass(frozen=True)
class Symbols:
    """The spelling of names in one derivation.

    Attributes:
        ascii: names as in the notation, ASCII alone.
        scalar: the scalar output's name where there is one alone: its adjoints are shown as derivatives of it.
        adjoints: the tensor that each adjoint belongs to.
        totals: adjoints that add up a given cotangent and later uses (`t_h`).
        taken: the tensors' own names.
        sums: sums inside adjoints that were named on the way.
        shown: names that are shown as they stand here, except in ASCII: `∂ᵥp` for the tangent v_p.
    """

    ascii: bool = False
    scalar: str = ""
    adjoints: Mapping[str, str] = field(default_factory=dict)
    totals: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    shown: Mapping[str, str] = field(default_factory=dict)
    sums: frozenset[str] = frozenset()

    def tensor(self, name: str) -> str:
        """Return the name as shown in index notation."""
        if self.ascii or name not in self.adjoints:
            return self.plain(name)
        if name in self.shown:
            return self.shown[name]
        if self.scalar:
            return f"∂{self.plain(self.scalar)}/∂{self.plain(self.adjoints[name])}"
        return self.short(name)

    def short(self, name: str) -> str:
        """Return the name as shown for whole arrays, and for every adjoint where the output is an array: `∂W`."""
        if self.ascii or name not in self.adjoints:
            return self.plain(name)
        if name in self.shown:
            return self.shown[name]
        return ("∂⁺" if name in self.totals else "∂") + self.plain(self.adjoints[name])

    def derivative(self, of: str, name: str) -> str:
        """Return ∂L/∂w for a derivative in an update rule."""
        return f"grad({as_ascii(of)}, {as_ascii(name)})" if self.ascii else f"∂{self.plain(of)}/∂{self.plain(name)}"

    def function(self, name: str) -> str:
        """Return the function's name as shown; σ is the sigmoid unless a tensor bears that name."""
        stem = name.rstrip("'")
        shown = FUNCTIONS.get(stem, self.plain(stem))
        if self.ascii or shown in {self.plain(t) for t in self.taken}:
            return as_ascii(name) if self.ascii else name
        return shown + "′" * (len(name) - len(stem))

    def plain(self, name: str) -> str:
        """Return a name with Greek letters, accents and subscripts where Unicode has them as one character.

        >>> [Symbols().plain(n) for n in ("alpha", "W1", "yhat", "loss", "pre_h", "theta2")]
        ['α', 'W₁', 'ŷ', 'loss', 'pre_h', 'θ₂']
        """
        if self.ascii:
            return as_ascii(name)
        found = _WORD.match(name)
        if found is None:
            return name
        stem, mark, digits, primes = found.groups()
        base = GREEK.get(stem, stem)
        if mark:
            accented = normalize("NFC", base + _MARKS[mark])
            if len(accented) > 1:
                return name
            base = accented
        return base + digits.translate(SUBSCRIPTS) + "′" * len(primes)


def as_ascii(text: str) -> str:
    """Return text as a keyboard types it: letters and accents by name, anything else as a question mark.

    >>> as_ascii("d_ŷ"), as_ascii("α")
    ('d_yhat', 'alpha')
    """
    if text.isascii():
        return text
    from gradproof.derive.latex.names import ascii_name

    return ascii_name(text).encode("ascii", "replace").decode("ascii")


def symbols_for(derivation: Derivation, *, ascii: bool = False) -> Symbols:  # noqa: A002  (the option's public name)
    """Return the spelling of names for a derivation: ∂L/∂z for one scalar output L, ∂z for a general cotangent."""
    if derivation.mode is not Mode.GRADIENT:
        return _higher(derivation, ascii)
    system = derivation.system
    adjoints = {b.name: b.of for b in derivation.blocks if b.name != b.of}
    adjoints |= {e.name: w for w, e in derivation.gradients.items()}
    stems = sorted((t.name for t in system.tensors), key=len)
    for t in derivation.backward.tensors:
        for name in stems:
            if t.name not in adjoints and t.name not in system.by_name and t.name == f"d_{name}":
                adjoints[t.name] = name
    single = len(derivation.of) == 1 and not system[derivation.of[0]].shape
    return Symbols(
        ascii=ascii,
        scalar=derivation.of[0] if single else "",
        adjoints=adjoints,
        totals=frozenset(n for n in adjoints if re.match(r"t\d*_", n)),
        taken=frozenset(system.by_name),
        sums=frozenset(b.name for b in derivation.blocks if b.name == b.of and b.name not in system.by_name),
    )


def _higher(derivation: Derivation, ascii: bool) -> Symbols:  # noqa: A002  (the option's public name)
    """Return the spelling of names for tangents and derivatives of second order."""
    found = higher.shown_names(derivation)
    first = higher.first_adjoints(derivation)
    return Symbols(
        ascii=ascii,
        scalar=higher.output_of(derivation),
        adjoints=first | {name: shown.of for name, shown in found.items()},
        totals=frozenset(n for n in first if re.match(r"t\d*_", n)),
        taken=frozenset(derivation.system.by_name),
        shown={name: higher.in_unicode(shown, name, Symbols().plain) for name, shown in found.items()},
    )

"""Random systems in the notation: shared and data indices, brackets, recurrences, reductions in functions."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

AXES = {"i": "n", "j": "m", "k": "q"}
ACTIVATIONS = ("tanh", "sigmoid", "softplus", "relu", "erf")
SMOOTH = ("tanh", "sigmoid", "sin", "exp", "softplus")


@dataclass
class Writer:
    """Writes one random system; every tensor that it makes may be read by the lines below it."""

    rng: random.Random
    shapes: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def element(self, free: str) -> str:
        """Return a read of some tensor with the given indices, affine in places."""
        fitting = [t for t, axes in self.shapes.items() if set(axes) <= set(free)]
        name = self.rng.choice(fitting)
        return name + (f"[{','.join(self.shapes[name])}]" if self.shapes[name] else "")

    def bounded(self, free: str) -> str:
        """Return a factor whose values stay of order one, so that no point is far out."""
        return self.rng.choice([f"{self.rng.choice(SMOOTH[:3])}({self.element(free)})", self.element(free), "1/2", "2"])

    def term(self, free: str, depth: int) -> str:
        parts = [self.bounded(free) for _ in range(self.rng.randint(1, 2))]
        if depth:
            parts.append(self.deep(free, depth - 1))
        return "*".join(parts)

    def kinked(self, free: str) -> str:
        """Return a factor with a kink, a bracket, or a guarded read beside the edge."""
        a, b = self.bounded(free), self.bounded(free)
        if a == b:  # a tie at every point
            b = f"({a})**2/3"
        choices = [f"max({a}, {b})", f"min({a}, {b})", f"abs({a})", f"relu({a})", f"where({a} > {b}, {a}, 2*{b})"]
        shifted = [t for t, axes in self.shapes.items() if axes and set(axes) <= set(free)]
        if shifted:
            name = self.rng.choice(shifted)
            first, *rest = self.shapes[name]
            slots = ",".join([f"{first}+1", *rest])
            choices += 2 * [f"[{first}+1 < {AXES[first]}]*{name}[{slots}]"]
        return self.rng.choice(choices)

    def deep(self, free: str, depth: int) -> str:
        bound = [x for x in AXES if x not in free]
        kind = self.rng.randrange(9)
        if kind == 6:
            return f"({self.kinked(free)})"
        if kind == 7 and bound:
            x = self.rng.choice(bound)
            anchor = next(f"{t}[{x}]" for t, axes in self.shapes.items() if axes == x)
            return f"({self.rng.choice(['max', 'min', 'prod'])}[{x}] ({anchor} + {self.bounded(free + x)}))"
        if kind <= 1 and bound:
            x = self.rng.choice(bound)
            head = self.rng.choice([f"sum[{x}]", f"mean[{x}]", f"sum[{x}, {x} != 0]"])
            # The anchor gives the bound index its range.
            anchor = next(f"{t}[{x}]" for t, axes in self.shapes.items() if axes == x)
            return f"({head} {anchor}*{self.term(free + x, depth)})"
        if kind == 2:
            return f"{self.rng.choice(SMOOTH)}({self.sum(free, depth)})"
        if kind == 3:
            return f"({self.sum(free, depth)})**2"
        if kind == 4 and free:
            x = self.rng.choice(free)
            return f"[{x} > 0]*{self.bounded(free)}"
        return f"({self.sum(free, depth)})/(3 + {self.bounded(free)}**2)"

    def sum(self, free: str, depth: int) -> str:
        terms = [self.term(free, depth if t == 0 else 0) for t in range(self.rng.randint(1, 2))]
        return self.rng.choice([" + ", " - "]).join(terms)

    def equation(self, name: str, free: str) -> None:
        # The first factor reads over all free indices, so that each has a range.
        anchor = next(t for t, axes in self.shapes.items() if axes == free)
        slots = f"[{','.join(free)}]" if free else ""
        value = f"{anchor}{slots}*{self.term(free, 1)} + {self.sum(free, 1)}"
        if self.rng.random() < 0.3:
            value = f"{self.rng.choice(ACTIVATIONS)}({value})"
        self.lines.append(f"{name}{slots} = {value}")
        self.shapes[name] = free


def random_system(seed: int) -> str:
    """Return the text of a random system with a scalar or an array output `out`."""
    rng = random.Random(seed)
    writer = Writer(rng, {"a": "i", "B": "ij", "c": "j", "D": "jk", "e": "", "f": "k"})
    given = ", ".join(f"{t}[{', '.join(AXES[x] for x in axes)}]" if axes else t for t, axes in writer.shapes.items())
    writer.lines.append(f"given {given}, tok[n] in m")
    for number in range(rng.randint(1, 3)):
        writer.equation(f"u{number}", rng.choice(["i", "ij", "j", "", "jk"]))
    if rng.random() < 0.4:
        writer.lines.append("p[i,j] = exp(B[i,j])/(sum[l] exp(B[i,l]))")
        writer.shapes["p"] = "ij"
    if rng.random() < 0.3:
        writer.lines.append("logp[i,j] = B[i,j] - log(sum[l] exp(B[i,l]))")
        writer.shapes["logp"] = "ij"
    if rng.random() < 0.3:
        writer.lines.append("g[i] = p[i,tok[i]]" if "p" in writer.shapes else "g[i] = c[tok[i]]*a[i]")
        writer.shapes["g"] = "i"
    if rng.random() < 0.3:
        writer.lines.append("start r[-1] = e")
        writer.lines.append("r[i] = tanh(r[i-1]*e + a[i])")
        writer.shapes["r"] = "i"
    free = rng.choice(["", "i", "j"])
    writer.equation("out", free)
    return "\n".join(writer.lines)

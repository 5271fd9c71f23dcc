"""What a gradient's parameters take: the cotangent, an input, what was cached, an output."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from gradproof.verify.modules.names import CACHES, is_cotangent
from gradproof.verify.modules.task import Parameter, Unjudgeable


@dataclass(frozen=True, slots=True)
class Role:
    """What one parameter takes.

    Attributes:
        kind: "input", "cotangent", "cache", "output", or "default": what the function takes where nothing is given.
        name: the input's name.
        position: which cotangent or output.
    """

    kind: str
    name: str = ""
    position: int = 0


def roles(
    gradient: Sequence[Parameter],
    inputs: Sequence[str],
    labels: Sequence[str],
    returned: int,
    *,
    defaults: Collection[str] = (),
) -> tuple[Role, ...]:
    """Return what each of a gradient's parameters takes.

    Args:
        gradient: its parameters.
        inputs: names of the function's inputs.
        labels: names that the function returns, if its text tells.
        returned: how many things the function returns.
        defaults: names of the function's parameters that keep their default.

    Raises:
        Unjudgeable: a parameter is none of these.
    """
    known = [p for p in gradient if not p.star and p.name not in defaults and _known(p.name, inputs, labels)]
    required = [p for p in gradient if not p.star and (p.required or p in known)]
    found = _by_name(required, inputs, labels, returned)
    found = [Role("default", p.name) if p.name in defaults else role for p, role in zip(required, found, strict=True)]
    found = _by_likeness(required, found, inputs)
    if None in found:
        found = _by_place(found, inputs, returned)
    missing = [p.name for p, role in zip(required, found, strict=True) if role is None]
    if missing:
        raise Unjudgeable(
            f"its parameter {missing[0]} is no input of the function, and does not look like a cotangent or a cache",
            expected=f"inputs ({', '.join(inputs)}), a cotangent first (dout), or a cache last",
            hint="say what it is: @gp.gradient_of(function, inputs=..., kind='vjp')",
        )
    return _numbered([role for role in found if role is not None])


def _known(name: str, inputs: Sequence[str], labels: Sequence[str]) -> bool:
    return name in inputs or name in CACHES or is_cotangent(name) or name in labels


def _by_name(
    required: Sequence[Parameter], inputs: Sequence[str], labels: Sequence[str], returned: int
) -> list[Role | None]:
    upstream = {f"{before}{label}" for label in labels if label for before in ("d", "d_", "grad_", "g_")}
    found: list[Role | None] = []
    for p in required:
        if p.name in inputs:
            found.append(Role("input", p.name))
        elif returned > 1 and (p.name in CACHES or (labels and p.name == labels[-1] and p.name not in upstream)):
            found.append(Role("cache"))
        elif p.name in upstream or is_cotangent(p.name):
            found.append(Role("cotangent"))
        elif p.name in labels:
            found.append(Role("output", p.name, labels.index(p.name)))
        else:
            found.append(None)
    return found


def _by_likeness(required: Sequence[Parameter], found: list[Role | None], inputs: Sequence[str]) -> list[Role | None]:
    """Fill what the names nearly tell: `pred` for `y_pred`, where no other input and no other parameter will do."""
    free = [name for name in inputs if name not in {role.name for role in found if role}]
    open_ = [p.name for p, role in zip(required, found, strict=True) if role is None]
    like = {p: [name for name in free if _is_like(p, name)] for p in open_}
    told = {p: names[0] for p, names in like.items() if len(names) == 1}
    if len(set(told.values())) < len(told):
        return found
    return [
        Role("input", told[p.name]) if role is None and p.name in told else role
        for p, role in zip(required, found, strict=True)
    ]


def _is_like(a: str, b: str) -> bool:
    short, long = sorted((a.lower().replace("_", ""), b.lower().replace("_", "")), key=len)
    return len(short) > 1 and short in long


def _by_place(found: list[Role | None], inputs: Sequence[str], returned: int) -> list[Role | None]:
    """Fill what the names do not tell: all in order, or the first a cotangent, or the last a cache."""
    kinds = [role.kind if role else "" for role in found]
    if set(kinds) <= {"input", ""} and len(found) == len(inputs) and _keeps_order(found, inputs):
        return [Role("input", name) for name in inputs]
    if not kinds[0] and "cotangent" not in kinds and (len(found) == len(inputs) + 1 or len(found) > 1):
        return _behind_a_cotangent([Role("cotangent"), *found[1:]], inputs, returned)
    return _behind_a_cotangent(found, inputs, returned)


def _keeps_order(found: Sequence[Role | None], inputs: Sequence[str]) -> bool:
    return all(role is None or role.name == name for role, name in zip(found, inputs, strict=True))


def _behind_a_cotangent(found: list[Role | None], inputs: Sequence[str], returned: int) -> list[Role | None]:
    kinds = [role.kind if role else "" for role in found]
    if "" not in kinds:
        return found
    after = kinds[1:] if kinds[0] == "cotangent" else kinds
    named = [role.name if role else "" for role in found[len(found) - len(after) :]]
    if len(after) == len(inputs) and all(a in ("", b) for a, b in zip(named, inputs, strict=True)):
        return [*found[: len(found) - len(after)], *(Role("input", name) for name in inputs)]
    if kinds.count("") == 1 and not kinds[-1] and returned > 1 and "cache" not in kinds:
        return [*found[:-1], Role("cache")]
    return found


def _numbered(found: Sequence[Role]) -> tuple[Role, ...]:
    count, out = 0, []
    for role in found:
        out.append(replace(role, position=count) if role.kind == "cotangent" else role)
        count += role.kind == "cotangent"
    return tuple(out)

"""Cases made from a function in NumPy and two gradients, the right one and a wrong one."""

import numpy as np

from gradproof.verify.diagnosis import Case, diagnose


def case(f, right, wrong, inputs, *, cotangent=None, reference=True, **more):
    """Return the case; for an array-valued f the gradients are called with the cotangent first."""
    inputs = [np.asarray(a, dtype=float) if np.asarray(a).dtype.kind == "f" else a for a in inputs]
    wrt = [k for k, a in enumerate(inputs) if np.asarray(a).dtype.kind == "f"]

    def listed(g):
        return [np.asarray(a, dtype=float) for a in (g if isinstance(g, tuple | list) else [g])]

    def called(g, at, seed=cotangent):
        at = [np.copy(a) for a in at]
        return listed(g(*at) if seed is None else g(seed, *at))

    def objective(at):
        return float(np.sum(f(*at) if cotangent is None else cotangent * f(*at)))

    names = more.pop("names", list(f.__code__.co_varnames[: f.__code__.co_argcount]))
    if cotangent is not None:
        more["value"] = lambda at: f(*at)
        more["pullback"] = lambda at, seed: called(wrong, at, seed)
    more.setdefault("function", lambda at: f(*at))
    more.setdefault("code", f)
    return Case(
        names,
        inputs,
        called(wrong, inputs),
        called(right, inputs),
        wrt,
        objective,
        lambda at: called(wrong, at),
        cotangent,
        reference=(lambda at: called(right, at)) if reference else None,
        accuracy=1e-12,
        **more,
    )


def causes(*args, **options):
    return diagnose(case(*args, **options))


def kinds(*args, **options):
    return [c.kind for c in causes(*args, **options)]

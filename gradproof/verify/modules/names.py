"""The conventions: what a gradient is called beside its function, and what it calls what it returns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches

SUFFIXES = (
    ("_gradients", "gradient"),
    ("_gradient", "gradient"),
    ("_grads", "gradient"),
    ("_grad", "gradient"),
    ("_prime", "gradient"),
    ("_derivative", "gradient"),
    ("_deriv", "gradient"),
    ("_backward", "gradient"),
    ("_bwd", "gradient"),
    ("_vjp", "vjp"),
    ("_jvp", "jvp"),
    ("_jacobian", "jacobian"),
    ("_jac", "jacobian"),
    ("_hessian", "hessian"),
    ("_hess", "hessian"),
    ("_hvp", "hvp"),
)
PREFIXES = (
    ("gradient_of_", "gradient"),
    ("gradient_", "gradient"),
    ("grad_of_", "gradient"),
    ("grad_", "gradient"),
    ("derivative_of_", "gradient"),
    ("derivative_", "gradient"),
    ("deriv_", "gradient"),
    ("backward_", "gradient"),
    ("hessian_", "hessian"),
    ("jacobian_", "jacobian"),
    ("d_", "gradient"),
    ("d", "gradient"),
)
WITHIN = (("backward", "forward"), ("Backward", "Forward"), ("bwd", "fwd"), ("backprop", "forwardprop"))
"""Words of a gradient's name, and what stands there in its function's."""

ALONE = ("gradient", "gradients", "grad", "grads", "backward", "jacobian", "jac", "hessian", "hess", "hvp")
"""Names of a gradient that say nothing of its function."""

OBJECTIVES = ("loss", "cost", "objective", "energy", "f", "fun", "func", "criterion")
"""What the function of such a gradient is called."""

_KIND_ALONE = {"jacobian": "jacobian", "jac": "jacobian", "hessian": "hessian", "hess": "hessian", "hvp": "hvp"}
_ENDINGS = ("", "_forward", "_fwd", "_loss", "_fn", "_func")

CACHES = (
    "cache", "caches", "cached", "ctx", "context", "saved", "memory", "mem", "residuals", "res", "tape", "aux", "store",
    "intermediates", "_cache", "forward_cache", "fwd_cache",
)  # fmt: skip
COTANGENTS = (
    "g", "v", "ct", "cot", "cotangent", "upstream", "delta", "out_grad", "output_grad", "output_gradient", "gradient",
    "grads_out", "error", "eta", "seed", "adjoint",
)  # fmt: skip
_OUTPUTS = ("y", "z", "a", "h", "o", "Y", "Z", "A", "H", "prev", "up", "values", "scores", "S", "O")


def function_of(gradient: str, functions: Collection[str]) -> tuple[str, str] | None:
    """Return (function, kind) that a gradient's name points to among the functions there are; None for none.

    >>> function_of("dloss", {"loss", "dloss"}), function_of("affine_backward", {"affine_forward"})
    (('loss', 'gradient'), ('affine_forward', 'gradient'))
    >>> function_of("hessian", {"cost"}), function_of("dense", {"loss"})
    (('cost', 'hessian'), None)
    """
    for base, kind in _bases(gradient):
        if base in functions and base != gradient:
            return base, kind
    if gradient in ALONE:
        found = [name for name in OBJECTIVES if name in functions]
        return (found[0], _KIND_ALONE.get(gradient, "gradient")) if len(found) == 1 else None
    return None


def looks_like_a_gradient(name: str) -> bool:
    """Is the name one that only a gradient has?

    >>> looks_like_a_gradient("loss_grad"), looks_like_a_gradient("data")
    (True, False)
    """
    return any(name.endswith(s) for s, _ in SUFFIXES) or any(name.startswith(p) for p, _ in PREFIXES[:9])


def _bases(gradient: str) -> Iterator[tuple[str, str]]:
    for word, instead in WITHIN:
        if word in gradient:
            yield gradient.replace(word, instead), "gradient"
    stems = [(gradient.removesuffix(s), kind) for s, kind in SUFFIXES if gradient.endswith(s)]
    stems += [(gradient.removeprefix(p), kind) for p, kind in PREFIXES if gradient.startswith(p)]
    for ending in _ENDINGS:
        yield from ((stem + ending, kind) for stem, kind in stems)


def called_after(label: str) -> list[str]:
    """Return the names that a gradient's label may be the gradient of, the likeliest first.

    >>> called_after("dW"), called_after("grad_b"), called_after("W_grad"), called_after("dLdX")
    (['dW', 'W'], ['grad_b', 'b'], ['W_grad', 'W'], ['dLdX', 'LdX', 'X'])
    """
    found = [label]
    found += [label.removeprefix(p) for p in ("gradient_", "grad_", "d_", "g_", "grad", "d") if label.startswith(p)]
    found += [label.removesuffix(s) for s in ("_gradient", "_grad", "_g", ".grad", "grad") if label.endswith(s)]
    for loss in ("dL_d", "dLd", "dJ_d", "dJd", "dE_d", "dEd", "dloss_d", "d_loss_d_"):
        found += [label.removeprefix(loss).removeprefix("_")] if label.startswith(loss) else []
    return [n for n in dict.fromkeys(found) if n == label or (n and not n.startswith("_") and not n.endswith("_"))]


def is_cotangent(name: str) -> bool:
    """Does a parameter's name say that it takes the gradient that comes from above?

    >>> [is_cotangent(n) for n in ("dout", "grad_output", "delta", "x", "data")]
    [True, True, True, False, False]
    """
    starts = name.startswith(("grad_", "d_", "dL", "upstream", "delta", "cotangent"))
    of_output = name[:1] == "d" and (name[1:] in _OUTPUTS or name[1:].startswith(("next", "out")))
    return starts or of_output or name in COTANGENTS


def near(name: str, known: Sequence[str]) -> str:
    """Return the question whether another name was meant, "" if none is close.

    >>> near("affin", ["affine", "loss"]), near("x", ["weight"])
    ('did you mean affine?', '')
    """
    lower = {k.lower(): k for k in reversed(known)}
    found = get_close_matches(name.lower(), list(lower), n=1)
    return f"did you mean {lower[found[0]]}?" if found else ""

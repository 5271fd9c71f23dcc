"""What a user's module may say of itself: which function a gradient belongs to, and where to try it.

This module is imported by the user's code: it loads nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gradproof.errors import InputError

MARK = "__gradproof__"
"""The attribute in which a decorated function keeps its declaration."""

INPUTS = "gradproof_inputs"
"""The module's own declaration: a dict, or a function that returns one."""

KINDS = ("gradient", "vjp", "jvp", "jacobian", "hessian", "hvp")

_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Declaration:
    """A gradient's declaration.

    Attributes:
        of: the function that it is the gradient of.
        inputs: where to try it: by name, in order, or a function that returns either.
        kind: one of `KINDS`; "" to tell by the signature.
        wrt: names of the inputs that it is for; () to tell by what is returned.
        options: for `gradproof.check`.
    """

    of: Callable[..., Any]
    inputs: Any = None
    kind: str = ""
    wrt: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


def gradient_of(
    of: Callable[..., Any],
    inputs: Mapping[str, Any] | Sequence[Any] | Callable[..., Any] | None = None,
    *,
    kind: str = "",
    wrt: str | Sequence[str] = (),
    **options: Any,
) -> Callable[[_F], _F]:
    """Return a decorator that says of a gradient whose it is; the gradient itself stays as it is.

    Args:
        of: the function, `of(*inputs)`.
        inputs: where to try it: a dict by name, a tuple in order, or a function that returns either.
        kind: "gradient", "vjp" (called with a cotangent before the inputs), "jvp", "jacobian", "hessian" or "hvp";
            by default told by the signature.
        wrt: names of the inputs that the gradient is for; by default told by what is returned.
        **options: for `gradproof.check`, as `rtol=1e-6`.

    Raises:
        InputError: `of` cannot be called, or `kind` is not known.

    Example:
        >>> def loss(x):
        ...     return (x**2).sum()
        >>> @gradient_of(loss, inputs={"x": [1.0, 2.0]})
        ... def slope(x):
        ...     return 2 * x
        >>> slope.__gradproof__.of is loss
        True
    """
    if not callable(of):
        raise InputError(
            f"gradient_of is given {of!r:.60} of type {type(of).__name__}",
            expected="the function, as in gradient_of(loss)",
        )
    if kind not in ("", *KINDS):
        raise InputError(f"kind={kind!r}", expected=f"one of {', '.join(KINDS)}")
    names = (wrt,) if isinstance(wrt, str) else tuple(wrt)

    def decorate(gradient: _F) -> _F:
        setattr(gradient, MARK, Declaration(of, inputs, kind, names, options))
        return gradient

    return decorate

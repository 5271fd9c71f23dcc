"""Equality of LaTeX trees but for where they stand."""

from __future__ import annotations


def same(a: object, b: object) -> bool:
    """Are two trees the same, whatever their places?"""
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if hasattr(a, "__dataclass_fields__"):
        return all(same(getattr(a, f), getattr(b, f)) for f in a.__dataclass_fields__ if f != "at")
    return a == b

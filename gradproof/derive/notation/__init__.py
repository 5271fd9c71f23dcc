"""The notation: text -> system, and back."""

from gradproof.derive.notation.elaborate import elaborate, parse_system
from gradproof.derive.notation.printer import format_condition, format_equation, format_expr
from gradproof.derive.notation.reader import parse_syntax
from gradproof.derive.notation.system_printer import format_system

__all__ = [
    "elaborate",
    "format_condition",
    "format_equation",
    "format_expr",
    "format_system",
    "parse_syntax",
    "parse_system",
]

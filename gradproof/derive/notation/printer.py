"""Expressions -> notation (first form)."""

from gradproof.derive.nodes import order_key


def format_expr(e, names=None):
    return order_key(e)


format_condition = format_expr


def format_equation(eq, system=None):
    return f"{order_key(eq.target)} = {order_key(eq.value)}"


def format_system(system):
    return "\n".join(map(format_equation, system.equations))

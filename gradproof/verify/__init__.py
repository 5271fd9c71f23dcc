"""Callables and equations in, a report out."""

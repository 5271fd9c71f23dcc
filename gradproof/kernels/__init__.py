"""Equations in, readable Python source and compiled callables out."""

"""`gradproof verify`: derive, generate, check; a table says what became of each equation."""

from __future__ import annotations

"""Pages of notes with LaTeX mathematics: read into systems, and written back."""

from gradproof.derive.latex.page import Entry, Page, read_page
from gradproof.derive.latex.printer import latex_equation, latex_expr, latex_system

__all__ = ["Entry", "Page", "latex_equation", "latex_expr", "latex_system", "read_page"]

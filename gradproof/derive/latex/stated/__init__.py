"""Claims of a page: equations that state a derivative, chains of equalities, identities; each step as a system."""

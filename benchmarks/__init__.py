"""Side-by-side timings; each module prints a table. See README.md in this folder."""

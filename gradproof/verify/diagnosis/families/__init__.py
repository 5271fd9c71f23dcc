"""Families of mistakes, one module each: `candidates(study, k)` yields hypotheses about input k, simplest first."""

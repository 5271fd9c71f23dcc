"""Functions of frameworks as the judge takes them: of float64 arrays, with the framework's own backward as the claim.

The algorithm is judged in float64, whatever type it was given in; what the coarser type makes of it is looked at behind
that. A framework is never imported here: one that is not loaded has made no input.
"""

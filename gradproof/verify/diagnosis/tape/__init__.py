"""The user's function on a tape: what it computes, step by step, and its gradient with a mistake at any step.

Arrays of numbers that record what is done with them run through the unmodified function. The reverse pass over the
tape gives the gradient; with a step's derivative changed, as people get it wrong, it gives a wrong one, and the one
that reproduces the claim names the line.
"""

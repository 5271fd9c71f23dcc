"""Run as a program, with NUMBA_ENABLE_CUDASIM=1: kernels of random systems, and of some others, beside the interpreter.

Each argument is a seed or a name. A line is printed for each: `ok`, `refused` and why, or what differs.
"""

from __future__ import annotations

import sys
from textwrap import dedent

import numpy as np
from numba import cuda

from gradproof.derive.derivation import derive
from gradproof.derive.notation import parse_system
from gradproof.errors import NotYet
from gradproof.kernels import kernel
from tests.kernels.cuda.verdicts import print_verdicts
from tests.kernels.support import assert_close, draw, reference
from tests.kernels.test_random import random_system

_SIZES = (1, 2)
_SYSTEMS = {
    "many_loops": """
        given x[A,B,C,M,K], w[A,B,C,K,N]
        y[a,b,c,i,j] = sum[k] x[a,b,c,i,k]*w[a,b,c,k,j]
        out = sum[a,b,c,i,j] y[a,b,c,i,j]**2
    """,
    "vector_solved": """
        given A[n,n], b[n]
        solve x: sum[j] A[i,j]*x[j] = b[i]
        out = sum[i] x[i]**2
    """,
    "vectors_solved": """
        given A[T,n,n], b[T,n]
        solve x: sum[j] A[t,i,j]*x[t,j] = b[t,i]
        out = sum[t,i] x[t,i]**2
    """,
    "one_label": """
        given z[C], label in C
        out = -z[label] + log(sum[c] exp(z[c]))
    """,
    "rows_by_labels": """
        given E[V,D], tok[B,T] in V
        x[b,t,d] = E[tok[b,t],d]*E[tok[b,t],d]
        out = sum[b,t,d] sin(x[b,t,d])
    """,
    "labels_of_rows": """
        given E[B,V], tok[B,T] in V
        x[b,t] = exp(E[b,tok[b,t]])
        out = sum[b,t] x[b,t]**2
    """,
    "labels_in_a_scan": """
        given E[V,D], tok[T] in V, a
        start h[-1,d] = 0
        h[t,d] = tanh(a*h[t-1,d] + E[tok[t],d])
        out = sum[t,d] h[t,d]**2
    """,
}


def check(which: str) -> str:
    """Return "ok", or why there is no kernel; raises an error where one is wrong."""
    seed = int(which) if which.isdigit() else 1
    d = derive(parse_system(random_system(seed) if which.isdigit() else dedent(_SYSTEMS[which])), of="out")
    try:
        k = kernel(d, target="cuda", dtype="float64")
    except NotYet as refused:
        return f"refused: {refused.message}"
    for size in _SIZES:
        sizes = {s.name: size + j % 3 for j, s in enumerate(d.joint.sizes)}
        given = draw(d.joint, sizes, "float64", seed)
        arrays = {n: _on_device(v) for n, v in given.items() if n in k.unit.parameters}
        with np.errstate(all="ignore"):
            found = k(**arrays)
        expected = reference(d.joint, given)
        for output, value in found.items():
            assert_close(value.copy_to_host(), expected[output], "float64", f"{output} at {sizes}", ulps=2000)
    return "ok"


def _on_device(value: object) -> object:
    array = np.asarray(value)
    return cuda.to_device(np.ascontiguousarray(array)) if array.ndim else value


if __name__ == "__main__":
    print_verdicts(check, sys.argv[1:])

"""A machine that runs PTX without a GPU, and watches what programs do with memory.

numba's simulator runs Python, in a form of the kernels that is made for it: shuffles, the sizes of blocks and what the
compiler made of all that are not seen there. Here the text that a device would get is read (`reader`) and run, all
threads of some blocks at once as arrays of NumPy (`machine`, `scalar`, `conversions`), by the rules of NVIDIA's
"Parallel Thread Execution ISA". Memory (`memory`) says what a device would not: places outside of arrays, places that
nobody wrote, and two threads at one place with no barrier between them.

Approximations (`ex2.approx` and the like) are rounded exactly here; on a device they may be a unit or two off.
"""

"""The CPU kernels beside PyTorch, JAX and NumPy: `python -m benchmarks.cpu`."""

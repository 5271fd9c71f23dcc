"""What CUDA kernels compile to, counted: `python -m benchmarks.ptx`."""

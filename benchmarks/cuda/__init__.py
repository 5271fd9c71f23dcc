"""The CUDA kernels beside PyTorch, torch.compile, CuPy and Triton kernels: `python -m benchmarks.cuda`."""
